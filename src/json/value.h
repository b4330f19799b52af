#pragma once

#include <nlohmann/json.hpp>
#include <string_view>

// Compiled in value.cc only, to save seconds in every other file.
extern template class nlohmann::basic_json<>;
extern template class nlohmann::basic_json<nlohmann::ordered_map>;

namespace json {

/// JSON from HTTP requests. Its members are sorted, so that lookups in a hostile object with many
/// members are fast.
using Value = nlohmann::json;

/// JSON whose members keep their order: responses, whose order is part of the contract, and files.
using Ordered = nlohmann::ordered_json;

/// Parses a trusted text, such as an embedded file. Throws Value::parse_error if it is not JSON.
/// See body.h and document.h for input from users.
Value parse(std::string_view text);
Ordered parse_ordered(std::string_view text);

}  // namespace json
