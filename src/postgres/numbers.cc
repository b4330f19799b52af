#include "postgres/numbers.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>

#include "postgres/ascii.h"

namespace postgres {

LeadingInteger leading_integer(std::string_view text) {
  std::string_view rest = text;
  const bool negative = rest.starts_with('-');
  if (negative || rest.starts_with('+')) rest.remove_prefix(1);
  if (rest.empty() || !is_digit(rest.front())) return {.rest = text};
  const size_t length =
      static_cast<size_t>(std::ranges::find_if_not(rest, is_digit) - rest.begin());
  int64_t value = 0;
  const auto result = std::from_chars(rest.data(), rest.data() + length, value);
  const bool beyond = result.ec != std::errc{};
  if (beyond) value = INT64_MAX;
  if (negative) value = beyond ? INT64_MIN : -value;
  return {.value = value, .beyond_64_bits = beyond, .rest = rest.substr(length)};
}

std::optional<double> read_fraction(std::string_view text) {
  if (!text.starts_with('.')) return std::nullopt;
  if (text.size() == 1) return 0;
  if (!std::ranges::all_of(text.substr(1), is_digit)) return std::nullopt;
  double fraction = 0;
  std::from_chars(text.data(), text.data() + text.size(), fraction);
  return fraction;
}

std::optional<int> read_fraction_of_second(std::string_view text) {
  const std::optional<double> fraction = read_fraction(text);
  if (!fraction) return std::nullopt;
  // Doubles, like the database: of two microseconds equally near it takes the even one, if the
  // product is exact.
  return static_cast<int>(std::rint(*fraction * 1'000'000));
}

}  // namespace postgres
