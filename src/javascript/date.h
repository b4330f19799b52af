#pragma once

#include <optional>
#include <string_view>

#include "base/clock.h"
#include "json/value.h"

namespace javascript {

/// The moment, in whole milliseconds, that `new Date(text)` is on V8 where the time zone is UTC;
/// nothing where it is an Invalid Date. `text` is UTF-8.
///
/// Besides ISO 8601 V8 reads most of what looks like a date ("Jan 1 2099", "1/2/99 5:30 pm EST").
std::optional<base::Time> parse_date(std::string_view text);

/// The moment that `new Date(value)` is for a value of parsed JSON: a number (true is 1, false and
/// null are 0) counts milliseconds from 1970-01-01, an array is read as its text. Nothing for an
/// Invalid Date, which every object is.
std::optional<base::Time> to_date(const json::Value& value);

}  // namespace javascript
