#include "base/time_text.h"

#include <date/date.h>

#include <array>
#include <cstdio>

namespace base {
namespace {

constexpr Time kFirst{date::sys_days{date::year{0} / 1 / 1}};
constexpr Time kEnd{date::sys_days{date::year{10000} / 1 / 1}};

/// Walks over a text from the left; each call takes what it names or leaves the place as it was.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  bool at_end() const { return rest_.empty(); }

  bool take(char wanted) {
    if (rest_.empty() || rest_.front() != wanted) return false;
    rest_.remove_prefix(1);
    return true;
  }

  /// Exactly `count` digits, as a number.
  std::optional<int> take_digits(size_t count) {
    if (rest_.size() < count) return std::nullopt;
    int value = 0;
    for (char digit : rest_.substr(0, count)) {
      if (digit < '0' || digit > '9') return std::nullopt;
      value = value * 10 + (digit - '0');
    }
    rest_.remove_prefix(count);
    return value;
  }

  /// The digits of a fraction of a second, in microseconds; nothing if there is no digit.
  std::optional<std::chrono::microseconds> take_fraction() {
    int64_t value = 0;
    int64_t unit = 100'000;
    size_t digits = 0;
    while (auto digit = take_digits(1)) {
      value += *digit * unit;
      unit /= 10;
      ++digits;
    }
    if (digits == 0) return std::nullopt;
    return std::chrono::microseconds{value};
  }

 private:
  std::string_view rest_;
};

std::optional<std::chrono::minutes> take_hour_and_minute(Scanner& scanner) {
  auto hour = scanner.take_digits(2);
  if (!hour || *hour > 23 || !scanner.take(':')) return std::nullopt;
  auto minute = scanner.take_digits(2);
  if (!minute || *minute > 59) return std::nullopt;
  return std::chrono::hours{*hour} + std::chrono::minutes{*minute};
}

std::optional<std::chrono::microseconds> take_seconds(Scanner& scanner) {
  if (!scanner.take(':')) return std::chrono::microseconds{0};
  auto second = scanner.take_digits(2);
  if (!second || *second > 59) return std::nullopt;
  std::chrono::microseconds time = std::chrono::seconds{*second};
  if (!scanner.take('.')) return time;
  auto fraction = scanner.take_fraction();
  if (!fraction) return std::nullopt;
  return time + *fraction;
}

/// What must be added to the local time to get UTC.
std::optional<std::chrono::minutes> take_offset(Scanner& scanner) {
  if (scanner.at_end() || scanner.take('Z')) return std::chrono::minutes{0};
  int sign = 0;
  if (scanner.take('+')) sign = -1;
  if (sign == 0 && scanner.take('-')) sign = 1;
  if (sign == 0) return std::nullopt;
  auto offset = take_hour_and_minute(scanner);
  if (!offset) return std::nullopt;
  return *offset * sign;
}

std::optional<date::sys_days> take_date(Scanner& scanner) {
  auto year = scanner.take_digits(4);
  if (!year || !scanner.take('-')) return std::nullopt;
  auto month = scanner.take_digits(2);
  if (!month || !scanner.take('-')) return std::nullopt;
  auto day = scanner.take_digits(2);
  if (!day) return std::nullopt;
  auto calendar_day = date::year{*year} / *month / *day;
  if (!calendar_day.ok()) return std::nullopt;
  return date::sys_days{calendar_day};
}

}  // namespace

std::optional<Time> parse_time(std::string_view text) {
  Scanner scanner(text);
  auto day = take_date(scanner);
  if (!day) return std::nullopt;
  if (scanner.at_end()) return Time{*day};
  if (!scanner.take('T')) return std::nullopt;
  auto minutes = take_hour_and_minute(scanner);
  if (!minutes) return std::nullopt;
  auto seconds = take_seconds(scanner);
  if (!seconds) return std::nullopt;
  auto offset = take_offset(scanner);
  if (!offset || !scanner.at_end()) return std::nullopt;
  Time moment = Time{*day} + *minutes + *seconds + *offset;
  // An offset may lead out of the years that four digits can write.
  if (moment < kFirst || moment >= kEnd) return std::nullopt;
  return moment;
}

std::string format_time(Time moment) {
  auto day = date::floor<date::days>(moment);
  date::year_month_day calendar_day{day};
  date::hh_mm_ss time_of_day{date::floor<std::chrono::seconds>(moment - day)};
  std::array<char, 48> text{};
  int length = std::snprintf(
      text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02dZ",
      static_cast<int>(calendar_day.year()), static_cast<unsigned>(calendar_day.month()),
      static_cast<unsigned>(calendar_day.day()), static_cast<int>(time_of_day.hours().count()),
      static_cast<int>(time_of_day.minutes().count()),
      static_cast<int>(time_of_day.seconds().count()));
  return {text.data(), static_cast<size_t>(length)};
}

std::string format_time_exactly(Time moment) {
  std::string text = format_time(moment);
  auto fraction = (moment - date::floor<std::chrono::seconds>(moment)).count();
  if (fraction == 0) return text;
  std::string digits = std::to_string(fraction);
  digits.insert(0, 6 - digits.size(), '0');
  digits.erase(digits.find_last_not_of('0') + 1);
  text.insert(text.size() - 1, "." + digits);
  return text;
}

}  // namespace base
