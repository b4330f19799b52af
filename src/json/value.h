#pragma once

#include <nlohmann/json.hpp>

namespace json {

/// JSON that came in over HTTP: members are kept sorted, so that a hostile object with many of
/// them costs no more than a friendly one.
using Value = nlohmann::json;

/// JSON whose members keep their order: answers, whose order is part of the contract, and files.
using Ordered = nlohmann::ordered_json;

}  // namespace json
