#pragma once

#include <charconv>
#include <optional>
#include <string_view>
#include <system_error>

namespace base {

/// A whole number in decimal digits, a minus before it if the type has one. Gives nothing if
/// anything else is in the text, if it is empty, or if the number does not fit.
template <typename Number>
std::optional<Number> parse_number(std::string_view text) {
  Number number{};
  const char* end = text.data() + text.size();
  auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || stop != end) return std::nullopt;
  return number;
}

}  // namespace base
