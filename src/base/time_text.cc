#include "base/time_text.h"

#include <algorithm>

#include "base/calendar.h"

namespace base {
namespace {

using Days = std::chrono::duration<int64_t, std::ratio<86'400>>;

/// Time ends soon after this year has begun.
constexpr int64_t kEndOfYears = 294'247;

Time start_of(const CalendarDay& day) { return Time{Days{days_from_calendar(day)}}; }

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

std::optional<Time> take_date(Scanner& scanner, size_t year_digits) {
  auto year = scanner.take_digits(year_digits);
  if (!year || !scanner.take('-')) return std::nullopt;
  auto month = scanner.take_digits(2);
  if (!month || !scanner.take('-')) return std::nullopt;
  auto day = scanner.take_digits(2);
  if (!day) return std::nullopt;
  bool is_in_time = *year < kEndOfYears && *month >= 1 && *month <= 12 && *day >= 1;
  if (!is_in_time) return std::nullopt;
  CalendarDay calendar_day{*year, static_cast<unsigned>(*month), static_cast<unsigned>(*day)};
  if (calendar_day.day > days_in_month(*year, calendar_day.month)) return std::nullopt;
  return start_of(calendar_day);
}

/// Reads a moment whose year has so many digits.
std::optional<Time> parse(std::string_view text, size_t year_digits) {
  Scanner scanner(text);
  auto day = take_date(scanner, year_digits);
  if (!day) return std::nullopt;
  if (scanner.at_end()) return day;
  if (!scanner.take('T')) return std::nullopt;
  auto minutes = take_hour_and_minute(scanner);
  if (!minutes) return std::nullopt;
  auto seconds = take_seconds(scanner);
  if (!seconds) return std::nullopt;
  auto offset = take_offset(scanner);
  if (!offset || !scanner.at_end()) return std::nullopt;
  return *day + *minutes + *seconds + *offset;
}

}  // namespace

std::optional<Time> parse_time(std::string_view text) {
  auto moment = parse(text, 4);
  // An offset may lead out of the years that four digits can write.
  bool is_writable = moment && *moment >= start_of({0, 1, 1}) && *moment < start_of({10000, 1, 1});
  return is_writable ? moment : std::nullopt;
}

std::optional<Time> parse_time_of_any_year(std::string_view text) {
  size_t digits = std::clamp(text.find('-'), size_t{4}, size_t{6});
  auto moment = parse(text, digits);
  bool is_padded = digits > 4 && text.starts_with('0');
  bool is_writable = moment && *moment >= start_of({0, 1, 1}) && !is_padded;
  return is_writable ? moment : std::nullopt;
}

std::string format_time(Time moment) {
  auto day = std::chrono::floor<Days>(moment);
  CalendarDay calendar_day = calendar_from_days(day.time_since_epoch().count());
  auto second = std::chrono::floor<std::chrono::seconds>(moment - day).count();
  // By hand: with snprintf, times were a fifth of the cost of a list.
  std::string text = "0000-00-00T00:00:00Z";
  auto put_two_digits = [&](size_t at, auto number) {
    text[at] = static_cast<char>('0' + number / 10);
    text[at + 1] = static_cast<char>('0' + number % 10);
  };
  put_two_digits(0, calendar_day.year / 100 % 100);
  put_two_digits(2, calendar_day.year % 100);
  put_two_digits(5, calendar_day.month);
  put_two_digits(8, calendar_day.day);
  put_two_digits(11, second / 3600);
  put_two_digits(14, second / 60 % 60);
  put_two_digits(17, second % 60);
  // A date may lie far ahead, and a clock set to the last second of 9999 goes on.
  if (calendar_day.year > 9999) text.insert(0, std::to_string(calendar_day.year / 10'000));
  return text;
}

std::string format_time_exactly(Time moment) {
  std::string text = format_time(moment);
  auto fraction = (moment - std::chrono::floor<std::chrono::seconds>(moment)).count();
  if (fraction == 0) return text;
  std::string digits = std::to_string(fraction);
  digits.insert(0, 6 - digits.size(), '0');
  digits.erase(digits.find_last_not_of('0') + 1);
  text.insert(text.size() - 1, "." + digits);
  return text;
}

}  // namespace base
