#include "javascript/date.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>

#include "javascript/date_parts.h"
#include "javascript/date_tokens.h"
#include "javascript/value.h"

namespace javascript {
namespace {

using Kind = DateToken::Kind;

/// Whether reading may go on.
enum class Outcome { done, refused };

/// Reads a text as V8 does (src/date/dateparser-inl.h): as ISO 8601 for as long as it is that, and
/// from there on by the looser rules of old.
class DateParser {
 public:
  explicit DateParser(std::string_view text) : scanner_(text) {}

  /// Milliseconds from 1970-01-01 in UTC, maybe more than JavaScript's dates reach.
  std::optional<int64_t> parse();

 private:
  /// What reading as ISO 8601 leaves: the token to go on with by the looser rules (`end` if it
  /// was all read); nothing if the text is no date.
  using Left = std::optional<DateToken>;

  Left read_iso();
  Left read_iso_day();
  bool read_iso_time();
  bool read_iso_zone();
  /// Takes the next token if it is a number of two digits, up to `greatest`.
  std::optional<int> take_two_digits(int greatest);

  Outcome read_loosely(const DateToken& token);
  Outcome read_number(int number);
  Outcome read_last_of_time(int number);
  Outcome read_word(const DateToken& token);
  Outcome read_offset(int sign);

  DateScanner scanner_;
  DayParts day_;
  TimeParts time_;
  ZoneParts zone_;
  /// Whether a number was read; unknown words are refused from then on.
  bool has_number_ = false;
};

/// The milliseconds that these digits after a decimal point are.
int fraction_milliseconds(const DateToken& token) {
  constexpr size_t kMostDigits = 9;
  int value = token.value;
  for (size_t length = token.length; length < 3; ++length) value *= 10;
  for (size_t length = std::min(token.length, kMostDigits); length > 3; --length) value /= 10;
  return value;
}

std::optional<int64_t> DateParser::parse() {
  Left left = read_iso();
  if (!left) return std::nullopt;
  has_number_ = !day_.is_empty();
  for (DateToken token = *left; !token.is(Kind::end); token = scanner_.next()) {
    if (read_loosely(token) == Outcome::refused) return std::nullopt;
  }
  auto days = day_.days();
  auto milliseconds = time_.milliseconds();
  auto offset = zone_.milliseconds();
  if (!days || !milliseconds || !offset) return std::nullopt;
  constexpr int64_t kDay = 24 * 60 * 60 * 1000;
  return *days * kDay + *milliseconds - *offset;
}

DateParser::Left DateParser::read_iso() {
  Left left = read_iso_day();
  if (left) return left;
  if (scanner_.peek().is(Kind::time_separator)) {
    scanner_.next();
    if (!read_iso_time() || !read_iso_zone() || !scanner_.peek().is(Kind::end)) return {};
  } else if (!scanner_.peek().is(Kind::end)) {
    return scanner_.next();
  }
  day_.set_iso();
  return DateToken{};
}

/// Gives nothing where all was well.
DateParser::Left DateParser::read_iso_day() {
  if (scanner_.peek().is_sign()) {
    DateToken sign = scanner_.next();
    if (!scanner_.peek().is_number_of(6)) return sign;
    int year = scanner_.next().value;
    if (sign.sign() < 0 && year == 0) return sign;
    day_.add(sign.sign() * year);
  } else if (scanner_.peek().is_number_of(4)) {
    day_.add(scanner_.next().value);
  } else {
    return scanner_.next();
  }
  for (auto fits : {is_month, is_day}) {
    if (!scanner_.skip_symbol('-')) break;
    if (!scanner_.peek().is_number_of(2) || !fits(scanner_.peek().value)) return scanner_.next();
    day_.add(scanner_.next().value);
  }
  return std::nullopt;
}

std::optional<int> DateParser::take_two_digits(int greatest) {
  if (!scanner_.peek().is_number_of(2) || scanner_.peek().value > greatest) return std::nullopt;
  return scanner_.next().value;
}

bool DateParser::read_iso_time() {
  auto hour = take_two_digits(24);
  if (!hour || !scanner_.skip_symbol(':')) return false;
  // 24:00 is the end of the day; nothing comes after it.
  int greatest = *hour == 24 ? 0 : 59;
  auto minute = take_two_digits(greatest);
  if (!minute) return false;
  time_.add(*hour);
  time_.add(*minute);
  if (!scanner_.skip_symbol(':')) return true;
  auto second = take_two_digits(greatest);
  if (!second) return false;
  time_.add(*second);
  if (!scanner_.skip_symbol('.')) return true;
  DateToken fraction = scanner_.next();
  if (!fraction.is(Kind::number) || (*hour == 24 && fraction.value > 0)) return false;
  time_.add(fraction_milliseconds(fraction));
  return true;
}

bool DateParser::read_iso_zone() {
  if (scanner_.peek().is_z()) {
    scanner_.next();
    zone_.set(0);
    return true;
  }
  if (!scanner_.peek().is_sign()) return true;
  zone_.set_sign(scanner_.next().sign());
  if (scanner_.peek().is_number_of(4)) {
    int number = scanner_.next().value;
    zone_.set_hour(number / 100);
    zone_.set_minute(number % 100);
    return is_hour(number / 100) && is_minute(number % 100);
  }
  auto hour = take_two_digits(23);
  if (!hour || !scanner_.skip_symbol(':')) return false;
  auto minute = take_two_digits(59);
  if (!minute) return false;
  zone_.set_hour(*hour);
  zone_.set_minute(*minute);
  return true;
}

Outcome DateParser::read_loosely(const DateToken& token) {
  if (token.is(Kind::number)) return read_number(token.value);
  if (token.is_word()) return read_word(token);
  if (token.is_sign() && (zone_.is_utc() || !time_.is_empty())) return read_offset(token.sign());
  bool is_stray = token.is_sign() || token.is_symbol(')');
  return is_stray && has_number_ ? Outcome::refused : Outcome::done;
}

Outcome DateParser::read_number(int number) {
  has_number_ = true;
  if (scanner_.skip_symbol(':')) {
    if (scanner_.skip_symbol(':')) {
      // `5::30` is five o'clock and 30 seconds.
      if (!time_.is_empty()) return Outcome::refused;
      time_.add(number);
      time_.add(0);
      return Outcome::done;
    }
    if (!time_.add(number)) return Outcome::refused;
    scanner_.skip_symbol('.');
    return Outcome::done;
  }
  if (scanner_.skip_symbol('.') && time_.expects(number)) {
    time_.add(number);
    if (!scanner_.peek().is(Kind::number)) return Outcome::refused;
    time_.add_final(fraction_milliseconds(scanner_.next()));
    return Outcome::done;
  }
  if (zone_.expects(number)) {
    zone_.set_minute(number);
    return Outcome::done;
  }
  if (time_.expects(number)) return read_last_of_time(number);
  if (!day_.add(number)) return Outcome::refused;
  scanner_.skip_symbol('-');
  return Outcome::done;
}

Outcome DateParser::read_last_of_time(int number) {
  time_.add_final(number);
  const DateToken& next = scanner_.peek();
  bool may_follow =
      next.is(Kind::end) || next.is(Kind::white_space) || next.is_z() || next.is_sign();
  return may_follow ? Outcome::done : Outcome::refused;
}

Outcome DateParser::read_word(const DateToken& token) {
  if (token.is(Kind::day_half) && !time_.is_empty()) {
    time_.set_day_half(token.value);
    return Outcome::done;
  }
  if (token.is(Kind::month_name)) {
    day_.set_month(token.value);
    scanner_.skip_symbol('-');
    return Outcome::done;
  }
  if (token.is(Kind::time_zone_name) && has_number_) {
    zone_.set(token.value);
    return Outcome::done;
  }
  // Other words may stand before the first number only, and not right before it.
  return has_number_ || scanner_.peek().is(Kind::number) ? Outcome::refused : Outcome::done;
}

Outcome DateParser::read_offset(int sign) {
  zone_.set_sign(sign);
  has_number_ = true;
  DateToken number;
  if (scanner_.peek().is(Kind::number)) number = scanner_.next();
  if (scanner_.peek().is_symbol(':')) {
    zone_.set_hour(number.value);
    zone_.set_minute(std::nullopt);
  } else if (number.length == 1 || number.length == 2) {
    zone_.set_hour(number.value);
    zone_.set_minute(0);
  } else if (number.length == 3 || number.length == 4) {
    zone_.set_hour(number.value / 100);
    zone_.set_minute(number.value % 100);
  } else {
    return Outcome::refused;
  }
  return Outcome::done;
}

/// The moment this many milliseconds from 1970-01-01, as far as JavaScript knows any (ECMAScript,
/// TimeClip).
std::optional<base::Time> clipped(double milliseconds) {
  constexpr double kGreatest = 8.64e15;
  if (!(std::abs(milliseconds) <= kGreatest)) return std::nullopt;
  return base::Time{std::chrono::milliseconds{static_cast<int64_t>(milliseconds)}};
}

}  // namespace

std::optional<base::Time> parse_date(std::string_view text) {
  auto milliseconds = DateParser(text).parse();
  if (!milliseconds) return std::nullopt;
  return clipped(static_cast<double>(*milliseconds));
}

std::optional<base::Time> to_date(const json::Value& value) {
  if (value.is_number()) return clipped(value.get<double>());
  if (value.is_boolean()) return clipped(value.get<bool>() ? 1 : 0);
  if (value.is_null()) return clipped(0);
  if (value.is_string()) return parse_date(value.get_ref<const std::string&>());
  if (value.is_array()) return parse_date(to_text(value));
  return std::nullopt;
}

}  // namespace javascript
