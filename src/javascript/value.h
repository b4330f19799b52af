#pragma once

#include <string>

#include "json/value.h"

namespace javascript {

/// The value as `String(JSON.parse(text))` gives it.
///
/// Never fails, where JavaScript throws: for an object with a member `toString`, and for arrays
/// nested so deep (some thousands) that its stack overflows.
std::string to_text(const json::Value& value);

/// Whether JavaScript takes the value for true: all but null, false, 0 and the empty string.
bool is_truthy(const json::Value& value);

/// The value as `JSON.stringify(JSON.parse(text))` gives it: compact, numbers as JavaScript keeps
/// and writes them, members whose names are array indices first and in ascending order, the others
/// in theirs. Values may be nested to any depth. Bad UTF-8 becomes U+FFFD.
std::string stringify(const json::Ordered& value);
/// The same, but members whose order was lost stand in that of their names.
std::string stringify(const json::Value& value);

}  // namespace javascript
