#include "javascript/number.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <system_error>

#include "javascript/white_space.h"

namespace javascript {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

/// The value is 0.DIGITS times ten to the power of `exponent`.
struct Decimal {
  std::string digits;
  int exponent = 0;
};

/// The fewest digits that read back as the same number, which is finite and above 0.
Decimal shortest_decimal(double number) {
  std::array<char, 32> buffer{};
  char* end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number,
                            std::chars_format::scientific)
                  .ptr;
  // One digit, maybe a point and more digits, then `e+` or `e-` and the exponent.
  char* mark = std::find(buffer.data(), end, 'e');
  Decimal decimal;
  std::remove_copy(buffer.data(), mark, std::back_inserter(decimal.digits), '.');
  std::from_chars(mark + 2, end, decimal.exponent);
  if (mark[1] == '-') decimal.exponent = -decimal.exponent;
  ++decimal.exponent;
  return decimal;
}

std::string scientific_text(const Decimal& decimal) {
  std::string text = decimal.digits.substr(0, 1);
  if (decimal.digits.size() > 1) text += "." + decimal.digits.substr(1);
  int exponent = decimal.exponent - 1;
  return text + (exponent < 0 ? "e-" : "e+") + std::to_string(std::abs(exponent));
}

std::string_view trimmed(std::string_view text) {
  while (size_t length = white_space_length(text)) text.remove_prefix(length);
  // In UTF-8 a white space character is at most three bytes long.
  for (size_t length = 1; length <= std::min<size_t>(text.size(), 3);) {
    if (white_space_length(text.substr(text.size() - length)) == length) {
      text.remove_suffix(length);
      length = 1;
    } else {
      ++length;
    }
  }
  return text;
}

bool is_digit(char letter) { return letter >= '0' && letter <= '9'; }

/// How many digits the text begins with.
size_t count_digits(std::string_view text) {
  return static_cast<size_t>(std::find_if_not(text.begin(), text.end(), is_digit) - text.begin());
}

/// The value of a digit in bases up to 16; 16 if it is none.
unsigned digit_value(char letter) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  char lower = letter >= 'A' && letter <= 'F' ? static_cast<char>(letter - 'A' + 'a') : letter;
  return static_cast<unsigned>(std::min<size_t>(kDigits.find(lower), kDigits.size()));
}

/// Digits whose base is 2 to the power of `bits`, rounded to the nearest number (half to even).
double parse_binary(std::string_view digits, unsigned bits) {
  // The first bits of the number, from the highest that is set; so many that the bits of a double,
  // one for rounding and one that says whether any later bit is set are among them.
  uint64_t head = 0;
  bool more = false;
  int dropped = 0;
  if (digits.empty()) return kNan;
  for (char letter : digits) {
    unsigned digit = digit_value(letter);
    if (digit >= 1U << bits) return kNan;
    for (unsigned bit = bits; bit-- > 0;) {
      bool is_set = ((digit >> bit) & 1U) != 0;
      if (head >> 62U == 0) {
        head = head << 1U | (is_set ? 1 : 0);
      } else {
        more = more || is_set;
        // Beyond this the number is infinite anyway.
        dropped = std::min(dropped + 1, std::numeric_limits<double>::max_exponent);
      }
    }
  }
  return std::ldexp(static_cast<double>(head | (more ? 1U : 0U)), dropped);
}

/// A decimal number without sign, taken apart: `12.5e-3`.
struct DecimalParts {
  std::string_view whole;
  std::string_view fraction;
  std::string_view exponent;
};

/// Gives nothing if the text is no StrUnsignedDecimalLiteral (`Infinity` left aside).
std::optional<DecimalParts> split_decimal(std::string_view text) {
  DecimalParts parts;
  parts.whole = text.substr(0, count_digits(text));
  text.remove_prefix(parts.whole.size());
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    parts.fraction = text.substr(0, count_digits(text));
    text.remove_prefix(parts.fraction.size());
  }
  if (parts.whole.empty() && parts.fraction.empty()) return std::nullopt;
  if (text.empty()) return parts;
  if (text[0] != 'e' && text[0] != 'E') return std::nullopt;
  parts.exponent = text.substr(1);
  std::string_view digits = parts.exponent;
  if (digits.starts_with('+') || digits.starts_with('-')) digits.remove_prefix(1);
  if (digits.empty() || count_digits(digits) != digits.size()) return std::nullopt;
  return parts;
}

/// Whether a number that is not 0 is 1 or more, by where its first digit stands.
bool is_at_least_one(const DecimalParts& parts) {
  size_t zeros = std::min(parts.whole.find_first_not_of('0'), parts.whole.size());
  double place = static_cast<double>(parts.whole.size() - zeros);
  if (place == 0) place = -static_cast<double>(parts.fraction.find_first_not_of('0'));
  bool is_negative = parts.exponent.starts_with('-');
  double exponent = 0;
  for (char letter : parts.exponent) {
    if (is_digit(letter)) exponent = exponent * 10 + (letter - '0');
  }
  return place + (is_negative ? -exponent : exponent) > 0;
}

double parse_decimal(std::string_view text) {
  if (text == "Infinity") return kInfinity;
  auto parts = split_decimal(text);
  if (!parts) return kNan;
  double number = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  // The library says only that it is out of range, not at which end.
  if (error == std::errc::result_out_of_range) return is_at_least_one(*parts) ? kInfinity : 0;
  return number;
}

}  // namespace

std::string number_text(double number) {
  if (std::isnan(number)) return "NaN";
  if (number == 0) return "0";
  if (number < 0) return "-" + number_text(-number);
  if (number == kInfinity) return "Infinity";
  // Beyond these the text is scientific (the standard's steps for radix 10).
  constexpr int kGreatest = 21;
  constexpr int kLeast = -6;
  Decimal decimal = shortest_decimal(number);
  if (decimal.exponent > kGreatest || decimal.exponent <= kLeast) return scientific_text(decimal);
  if (decimal.exponent <= 0) {
    return "0." + std::string(static_cast<size_t>(-decimal.exponent), '0') + decimal.digits;
  }
  auto whole = static_cast<size_t>(decimal.exponent);
  if (decimal.digits.size() <= whole) {
    return decimal.digits + std::string(whole - decimal.digits.size(), '0');
  }
  return decimal.digits.insert(whole, ".");
}

double to_number(std::string_view text) {
  text = trimmed(text);
  if (text.empty()) return 0;
  if (text.starts_with("0x") || text.starts_with("0X")) return parse_binary(text.substr(2), 4);
  if (text.starts_with("0o") || text.starts_with("0O")) return parse_binary(text.substr(2), 3);
  if (text.starts_with("0b") || text.starts_with("0B")) return parse_binary(text.substr(2), 1);
  if (text.starts_with('-')) return -parse_decimal(text.substr(1));
  if (text.starts_with('+')) text.remove_prefix(1);
  return parse_decimal(text);
}

}  // namespace javascript
