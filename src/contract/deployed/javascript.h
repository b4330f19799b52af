#pragma once

#include <string>
#include <string_view>

#include "json/value.h"

/// JSON values as the handlers of the deployed service, which are JavaScript, treat them.
/// (ECMA-262, 15th edition; sections in parentheses.) All functions: from any thread, for values
/// nested to any depth.
namespace contract::deployed {

/// Whether JavaScript converts the value to true: all but null, false, 0 and "". (7.1.2)
bool is_truthy(const json::Value& value);

/// `String(value)`: arrays are joined by commas, every object is "[object Object]". (7.1.17)
std::string to_string(const json::Value& value);

/// `JSON.stringify(value)`: compact, with members whose names are array indexes first, in ascending
/// order. The other members keep their order, which json::Value has lost: there, it is that of
/// their names. Invalid UTF-8 becomes U+FFFD. (25.5.2)
std::string stringify(const json::Value& value);
std::string stringify(const json::Ordered& value);

/// `Number(str)` for UTF-8; NaN if it is not a number. White space around it does not count, and
/// an empty string is 0. Hexadecimal, octal and binary numbers above 2^53 are rounded digit by
/// digit. (7.1.4.1)
double to_number(std::string_view str);

/// `String(number)`: the shortest digits that read back as the number, with an exponent from 1e21
/// on and below 1e-6. (6.1.6.1.20)
std::string format_number(double number);

}  // namespace contract::deployed
