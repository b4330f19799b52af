#pragma once

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

/// ASCII characters and numbers, independent of the locale. Bytes beyond ASCII belong to no class.
/// All functions: from any thread.
namespace base {

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
constexpr bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
constexpr bool is_alpha(char c) { return is_lower(c) || is_upper(c); }
constexpr bool is_alnum(char c) { return is_alpha(c) || is_digit(c); }
constexpr char to_lower(char c) { return is_upper(c) ? static_cast<char>(c + ('a' - 'A')) : c; }
constexpr char to_upper(char c) { return is_lower(c) ? static_cast<char>(c - ('a' - 'A')) : c; }

/// The value of a hex digit of either case; -1 for any other character.
constexpr int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  c = to_lower(c);
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

constexpr bool is_hex(char c) { return hex_value(c) >= 0; }

/// Returns whether there is at least one character, and all are decimal digits.
constexpr bool is_digits(std::string_view value) {
  return !value.empty() && std::all_of(value.begin(), value.end(), is_digit);
}

/// Returns whether two strings differ at most in the case of ASCII characters.
constexpr bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return x == y || to_lower(x) == to_lower(y); });
}

/// The string with its ASCII characters in lower case.
inline std::string lower(std::string_view value) {
  std::string result(value);
  std::transform(result.begin(), result.end(), result.begin(), to_lower);
  return result;
}

/// The string without the characters of `set` at its ends.
constexpr std::string_view trim(std::string_view value, std::string_view set) {
  size_t first = value.find_first_not_of(set);
  if (first == std::string_view::npos) return {};
  return value.substr(first, value.find_last_not_of(set) - first + 1);
}

/// Parses a whole number in decimal digits, with a minus sign if the type is signed. Returns
/// nothing if the value has other characters, is empty, or is not in the range.
template <typename Number>
std::optional<Number> parse_number(std::string_view value,
                                   Number min = std::numeric_limits<Number>::min(),
                                   Number max = std::numeric_limits<Number>::max()) {
  Number number{};
  const char* end = value.data() + value.size();
  auto [stop, error] = std::from_chars(value.data(), end, number);
  bool is_valid = error == std::errc{} && stop == end && number >= min && number <= max;
  return is_valid ? std::optional(number) : std::nullopt;
}

}  // namespace base
