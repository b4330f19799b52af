#pragma once

#include <string>
#include <string_view>

#include "json/value.h"

/// How JavaScript, the language of the deployed service's handlers, converts JSON values.
/// (ECMA-262, 15th edition; sections in parentheses.) All functions: from any thread, for values
/// nested to any depth.
namespace contract::deployed {

/// Returns false for null, false, 0 and "", and true for all other values. (7.1.2)
bool is_truthy(const json::Value& value);

/// `String(value)`: joins arrays by commas; every object is "[object Object]". (7.1.17)
std::string javascript_string(const json::Value& value);

/// `JSON.stringify(value)`: compact, with members whose names are array indexes first, in ascending
/// order. The other members keep their order; in a json::Value, they are sorted by name. Invalid
/// UTF-8 becomes U+FFFD. (25.5.2)
std::string stringify(const json::Value& value);
std::string stringify(const json::Ordered& value);

/// `Number(str)`; NaN if it is not a number. ASCII white space around it is ignored, and an empty
/// string is 0. Hexadecimal, octal and binary numbers above 2^53 are rounded digit by digit.
/// (7.1.4.1)
double javascript_number(std::string_view str);

/// `String(number)`: the shortest digits that read back as the number, with an exponent from 1e21
/// on and below 1e-6. (6.1.6.1.20)
std::string format_javascript_number(double number);

}  // namespace contract::deployed
