#include "postgres/values.h"

#include <optional>

#include "postgres/ascii.h"

namespace postgres {
namespace {

Error invalid_syntax(std::string_view type, std::string_view text) {
  return {.code = "22P02",
          .message = "invalid input syntax for type " + std::string(type) + ": \"" +
                     std::string(text) + "\""};
}

std::string_view without_leading_spaces(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  return text;
}

bool is_hex_digit(char c) { return is_digit(c) || (to_lower(c) >= 'a' && to_lower(c) <= 'f'); }

/// The 32 digits of a UUID in lower case; nothing if the text is none. (uuid_in)
std::optional<std::string> uuid_digits(std::string_view text) {
  const bool braces = text.starts_with('{');
  if (braces) {
    if (!text.ends_with('}')) return std::nullopt;
    text = text.substr(1, text.size() - 2);
  }
  std::string digits;
  while (digits.size() < 32) {
    if (text.empty() || !is_hex_digit(text.front())) return std::nullopt;
    digits += to_lower(text.front());
    text.remove_prefix(1);
    if (digits.size() % 4 == 0 && digits.size() < 32 && text.starts_with('-')) {
      text.remove_prefix(1);
    }
  }
  if (!text.empty()) return std::nullopt;
  return digits;
}

}  // namespace

std::variant<int64_t, Error> read_bigint(std::string_view text) {
  std::string_view rest = without_leading_spaces(text);
  const bool negative = rest.starts_with('-');
  if (negative || rest.starts_with('+')) rest.remove_prefix(1);
  if (rest.empty() || !is_digit(rest.front())) return invalid_syntax("bigint", text);
  const Error out_of_range{
      .code = "22003",
      .message = "value \"" + std::string(text) + "\" is out of range for type bigint"};
  // Counted downwards, as the least number has no counterpart above 0. The database finds a number
  // too long before it sees what follows the digits.
  int64_t value = 0;
  for (; !rest.empty() && is_digit(rest.front()); rest.remove_prefix(1)) {
    const int64_t digit = rest.front() - '0';
    if (value < (INT64_MIN + digit) / 10) return out_of_range;
    value = value * 10 - digit;
  }
  if (!without_leading_spaces(rest).empty()) return invalid_syntax("bigint", text);
  if (negative) return value;
  if (value == INT64_MIN) return out_of_range;
  return -value;
}

std::variant<std::string, Error> read_uuid(std::string_view text) {
  std::optional<std::string> uuid = uuid_digits(text);
  if (!uuid) return invalid_syntax("uuid", text);
  for (const size_t at : {8U, 13U, 18U, 23U}) uuid->insert(at, 1, '-');
  return *uuid;
}

}  // namespace postgres
