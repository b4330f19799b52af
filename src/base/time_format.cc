#include "base/time_format.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <regex>

#include "base/ascii.h"
#include "base/calendar.h"

namespace base {
namespace {

using Days = std::chrono::duration<int64_t, std::ratio<86'400>>;

/// The largest base::Time is in this year.
constexpr int kEndOfYears = 294'247;

Time start_of(const CalendarDay& day) { return Time{Days{days_from_calendar(day)}}; }

CalendarDay calendar_day_of(Time time) {
  return calendar_from_days(std::chrono::floor<Days>(time).time_since_epoch().count());
}

// With snprintf or strftime, a list of keys would spend a fifth of its time on dates.

void write_two_digits(char* at, unsigned number) {
  at[0] = static_cast<char>('0' + number / 10);
  at[1] = static_cast<char>('0' + number % 10);
}

/// Writes the last four digits of a year.
void write_year(char* at, const CalendarDay& day) {
  auto year = static_cast<unsigned>(day.year % 10'000);
  write_two_digits(at, year / 100);
  write_two_digits(at + 2, year % 100);
}

/// Appends the other digits. A date may be far in the future, and a clock set to the last second of
/// 9999 continues.
void append_first_digits_of_year(TimeText& text, const CalendarDay& day) {
  if (day.year > 9999) text.append(std::to_string(day.year / 10'000));
}

/// Writes `hh:mm:ss`.
void write_time_of_day(char* at, Time time) {
  auto since_midnight = time - std::chrono::floor<Days>(time);
  auto second =
      static_cast<unsigned>(std::chrono::floor<std::chrono::seconds>(since_midnight).count());
  write_two_digits(at, second / 3600);
  write_two_digits(at + 3, second / 60 % 60);
  write_two_digits(at + 6, second % 60);
}

/// Removes a character from the front, if it is there.
bool skip(std::string_view& text, char expected) {
  if (!text.starts_with(expected)) return false;
  text.remove_prefix(1);
  return true;
}

/// Removes exactly this many digits from the front, a number of at most `max`.
bool read_number(std::string_view& text, size_t digits, int max, int& number) {
  if (text.size() < digits || !is_digits(text.substr(0, digits))) return false;
  number = 0;
  for (char c : text.substr(0, digits)) number = number * 10 + (c - '0');
  text.remove_prefix(digits);
  return number <= max;
}

/// Removes one or more digits of a fraction of a second from the front.
bool read_fraction(std::string_view& text, std::chrono::microseconds& fraction) {
  size_t size = std::min(text.find_first_not_of("0123456789"), text.size());
  std::string digits(text.substr(0, std::min<size_t>(size, 6)));
  digits.resize(6, '0');
  fraction = std::chrono::microseconds{*parse_number<int64_t>(digits)};
  text.remove_prefix(size);
  return size > 0;
}

/// Parses a time whose year has this many digits.
std::optional<Time> parse(std::string_view text, size_t year_digits) {
  int year = 0;
  int month = 0;
  int day = 0;
  bool is_date = read_number(text, year_digits, kEndOfYears - 1, year) && skip(text, '-') &&
                 read_number(text, 2, 12, month) && skip(text, '-') &&
                 read_number(text, 2, 31, day) && month > 0 && day > 0;
  if (!is_date) return std::nullopt;
  CalendarDay calendar_day{year, static_cast<unsigned>(month), static_cast<unsigned>(day)};
  if (calendar_day.day > days_in_month(year, calendar_day.month)) return std::nullopt;
  Time time = start_of(calendar_day);
  if (text.empty()) return time;

  int hour = 0;
  int minute = 0;
  if (!skip(text, 'T') || !read_number(text, 2, 23, hour) || !skip(text, ':') ||
      !read_number(text, 2, 59, minute)) {
    return std::nullopt;
  }
  time += std::chrono::hours{hour} + std::chrono::minutes{minute};
  if (skip(text, ':')) {
    int second = 0;
    std::chrono::microseconds fraction{0};
    if (!read_number(text, 2, 59, second)) return std::nullopt;
    if (skip(text, '.') && !read_fraction(text, fraction)) return std::nullopt;
    time += std::chrono::seconds{second} + fraction;
  }
  bool is_behind = text.starts_with('-');
  if (skip(text, '+') || skip(text, '-')) {
    minute = 0;
    if (!read_number(text, 2, 23, hour)) return std::nullopt;
    bool has_minute = skip(text, ':') || !text.empty();
    if (has_minute && !read_number(text, 2, 59, minute)) return std::nullopt;
    auto offset = std::chrono::hours{hour} + std::chrono::minutes{minute};
    time += is_behind ? offset : -offset;
  } else {
    skip(text, 'Z');
  }
  return text.empty() ? std::optional(time) : std::nullopt;
}

constexpr int64_t kMaxMonths = 12 * 10'000;
constexpr std::chrono::microseconds kMaxRest = std::chrono::hours{24} * 3'652'425;

using Match = std::match_results<std::string_view::const_iterator>;

/// Adds a number of units. Returns false if the number is too large.
bool add(Duration& duration, const std::string& number, const Duration& unit) {
  if (number.empty()) return true;
  auto count = parse_number<int64_t>(number);
  int64_t max = unit.months > 0 ? kMaxMonths / unit.months : kMaxRest / unit.rest;
  if (!count || *count > max) return false;
  duration.months += *count * unit.months;
  duration.rest += *count * unit.rest;
  return duration.months <= kMaxMonths && duration.rest <= kMaxRest;
}

/// Parses a duration with a pattern that has one group for each unit, in order.
std::optional<Duration> parse_duration(const std::regex& pattern,
                                       const std::array<Duration, 7>& units,
                                       std::string_view text) {
  Match match;
  if (!std::regex_match(text.begin(), text.end(), match, pattern)) return std::nullopt;
  Duration duration;
  for (size_t i = 0; i < units.size(); ++i) {
    if (!add(duration, match.str(i + 1), units[i])) return std::nullopt;
  }
  // Digits beyond the microsecond are dropped.
  std::string fraction = match.str(units.size() + 1).substr(0, 6);
  fraction.resize(fraction.empty() ? 0 : 6, '0');
  if (!add(duration, fraction, {0, std::chrono::microseconds{1}})) return std::nullopt;
  return duration;
}

}  // namespace

std::optional<Time> parse_time(std::string_view text) {
  auto time = parse(text, 4);
  // An offset may lead to a year that does not have four digits.
  bool is_in_range = time && *time >= start_of({0, 1, 1}) && *time < start_of({10000, 1, 1});
  return is_in_range ? time : std::nullopt;
}

std::optional<Time> parse_typed_time(std::string_view text) {
  constexpr size_t kDateSize = 10;
  if (auto seconds = parse_number<int64_t>(text); seconds && is_digits(text)) {
    Time end = start_of({10000, 1, 1});
    auto max = std::chrono::duration_cast<std::chrono::seconds>(end.time_since_epoch()).count();
    return *seconds < max ? std::optional(Time{std::chrono::seconds{*seconds}}) : std::nullopt;
  }
  std::string iso(text);
  if (iso.size() > kDateSize && (iso[kDateSize] == ' ' || iso[kDateSize] == 't')) {
    iso[kDateSize] = 'T';
  }
  if (iso.ends_with('z')) iso.back() = 'Z';
  return parse_time(iso);
}

std::optional<Time> parse_extended_time(std::string_view text) {
  size_t digits = std::clamp(text.find('-'), size_t{4}, size_t{6});
  auto time = parse(text, digits);
  bool is_padded = digits > 4 && text.starts_with('0');
  bool is_valid = time && *time >= start_of({0, 1, 1}) && !is_padded;
  return is_valid ? time : std::nullopt;
}

TimeText format_time(Time time) {
  CalendarDay day = calendar_day_of(time);
  TimeText text;
  append_first_digits_of_year(text, day);
  char* at = text.append("0000-00-00T00:00:00Z");
  write_year(at, day);
  write_two_digits(at + 5, day.month);
  write_two_digits(at + 8, day.day);
  write_time_of_day(at + 11, time);
  return text;
}

TimeText format_http_date(Time time) {
  constexpr std::string_view kWeekdays = "ThuFriSatSunMonTueWed";  // Since 1970-01-01.
  constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
  CalendarDay day = calendar_day_of(time);
  int64_t weekday = (std::chrono::floor<Days>(time).time_since_epoch().count() % 7 + 7) % 7;
  TimeText text;
  char* at = text.append("Thu, 00 Jan ");
  kWeekdays.copy(at, 3, 3 * static_cast<size_t>(weekday));
  write_two_digits(at + 5, day.day);
  kMonths.copy(at + 8, 3, 3 * (day.month - 1));
  append_first_digits_of_year(text, day);
  at = text.append("0000 00:00:00 GMT");
  write_year(at, day);
  write_time_of_day(at + 5, time);
  return text;
}

std::string format_time_of_day(Time time) {
  std::string text = "00:00:00.000";
  write_time_of_day(&text[0], time);
  auto fraction = time - std::chrono::floor<std::chrono::seconds>(time);
  auto milliseconds = static_cast<unsigned>(fraction / std::chrono::milliseconds{1});
  text[9] = static_cast<char>('0' + milliseconds / 100);
  write_two_digits(&text[10], milliseconds % 100);
  return text;
}

std::string format_time_with_fraction(Time time) {
  std::string text = format_time(time).str();
  auto fraction = (time - std::chrono::floor<std::chrono::seconds>(time)).count();
  if (fraction == 0) return text;
  std::string digits = std::to_string(fraction);
  digits.insert(0, 6 - digits.size(), '0');
  digits.erase(digits.find_last_not_of('0') + 1);
  text.insert(text.size() - 1, "." + digits);
  return text;
}

std::optional<Duration> parse_duration(std::string_view text) {
  using namespace std::chrono_literals;
  constexpr size_t kMaxSize = 100;
  static const std::regex kShort(
      "(?=.)()(?:(\\d+)w)?(?:(\\d+)d)?(?:(\\d+)h)?(?:(\\d+)m)?(?:(\\d+)s)?(?:(\\d+)ms)?()");
  static const std::regex kIso(
      "P(?=.)(?:(\\d+)Y)?(?:(\\d+)M)?(?:(\\d+)W)?(?:(\\d+)D)?"
      "(?:T(?=.)(?:(\\d+)H)?(?:(\\d+)M)?(?:(\\d+)(?:\\.(\\d+))?S)?)?");
  static const std::array<Duration, 7> kShortUnits = {
      {{0, 1us}, {0, 168h}, {0, 24h}, {0, 1h}, {0, 1min}, {0, 1s}, {0, 1ms}}};
  static const std::array<Duration, 7> kIsoUnits = {
      {{12, 0us}, {1, 0us}, {0, 168h}, {0, 24h}, {0, 1h}, {0, 1min}, {0, 1s}}};
  if (text.size() > kMaxSize) return std::nullopt;
  return text.starts_with('P') ? parse_duration(kIso, kIsoUnits, text)
                               : parse_duration(kShort, kShortUnits, text);
}

Time add(Time time, const Duration& duration) {
  if (duration.months == 0) return time + duration.rest;
  auto midnight = std::chrono::floor<Days>(time);
  CalendarDay day = calendar_from_days(midnight.time_since_epoch().count());
  int64_t month = day.month - 1 + duration.months;
  day.year += month / 12;
  day.month = static_cast<unsigned>(month % 12) + 1;
  day.day = std::min(day.day, days_in_month(day.year, day.month));
  return Time{Days{days_from_calendar(day)}} + (time - midnight) + duration.rest;
}

}  // namespace base
