#pragma once

#include <nlohmann/json.hpp>
#include <string_view>

// Compiled in value.cc alone: each file that uses it would take seconds to do so anew.
extern template class nlohmann::basic_json<>;
extern template class nlohmann::basic_json<nlohmann::ordered_map>;

namespace json {

/// JSON that came in over HTTP: members are kept sorted, so that a hostile object with many of
/// them costs no more than a friendly one.
using Value = nlohmann::json;

/// JSON whose members keep their order: answers, whose order is part of the contract, and files.
using Ordered = nlohmann::ordered_json;

/// The value of a text that is JSON for sure, as what the program itself wrote. Throws
/// Value::parse_error if it is none; for the texts of others there are body.h and document.h.
Value parse(std::string_view text);
Ordered parse_ordered(std::string_view text);

}  // namespace json
