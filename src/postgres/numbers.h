#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace postgres {

/// The integer at the beginning of a text, as the C library's strtol finds it.
struct LeadingInteger {
  /// 0 if there is none; the greatest or least that 64 bits hold if it is beyond them.
  int64_t value = 0;
  bool beyond_64_bits = false;
  /// What follows; the whole text if there is no integer.
  std::string_view rest;

  /// The value, cut to 32 bits (as the C library's atoi does).
  int narrow() const { return static_cast<int>(value); }

  bool fits_32_bits() const { return narrow() == value; }
};

/// Reads a sign, if there is one, and all digits after it; no blanks before.
LeadingInteger leading_integer(std::string_view text);

/// A point and digits as a number from 0 to 1; a lonely point is 0. Nothing for any other text.
std::optional<double> read_fraction(std::string_view text);

/// The same as a fraction of a second, rounded to microseconds: it may be a whole second.
std::optional<int> read_fraction_of_second(std::string_view text);

}  // namespace postgres
