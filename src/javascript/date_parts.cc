#include "javascript/date_parts.h"

#include <cstdlib>
#include <limits>

#include "base/calendar.h"

namespace javascript {
namespace {

// Far beyond every date that JavaScript knows.
constexpr int kGreatestYear = 1'000'000;

/// Years of two digits are those from 1950 to 2049.
int completed_year(int year) {
  if (year >= 0 && year <= 49) return year + 2000;
  if (year >= 50 && year <= 99) return year + 1900;
  return year;
}

}  // namespace

bool DayParts::add(int number) {
  if (count_ == numbers_.size()) return false;
  numbers_[count_++] = number;
  return true;
}

std::optional<int64_t> DayParts::days() const {
  if (is_empty()) return std::nullopt;
  // Numbers that were not given are 1: a date without a year is one of 2001.
  auto [year, month, day] = numbers_;
  bool is_year_first = is_iso_ || !is_day(numbers_[0]);
  if (named_month_) {
    month = *named_month_;
    day = is_year_first ? numbers_[1] : numbers_[0];
    year = is_year_first ? numbers_[0] : numbers_[1];
  } else if (!is_year_first) {
    month = numbers_[0];
    day = numbers_[1];
    year = numbers_[2];
  }
  if (!is_iso_) year = completed_year(year);
  if (std::abs(year) > kGreatestYear || !is_month(month) || !is_day(day)) return std::nullopt;
  return base::days_from_calendar({year, static_cast<unsigned>(month), 1}) + day - 1;
}

bool TimeParts::expects(int number) const {
  return (count_ == 1 && is_minute(number)) || (count_ == 2 && is_second(number)) ||
         (count_ == 3 && is_millisecond(number));
}

bool TimeParts::add(int number) {
  if (count_ == numbers_.size()) return false;
  numbers_[count_++] = number;
  return true;
}

void TimeParts::add_final(int number) {
  add(number);
  count_ = numbers_.size();
}

std::optional<int64_t> TimeParts::milliseconds() const {
  auto [hour, minute, second, millisecond] = numbers_;
  if (day_half_) {
    if (hour < 0 || hour > 12) return std::nullopt;
    hour = hour % 12 + *day_half_;
  }
  bool is_end_of_day = hour == 24 && minute == 0 && second == 0 && millisecond == 0;
  bool is_time =
      is_hour(hour) && is_minute(minute) && is_second(second) && is_millisecond(millisecond);
  if (!is_time && !is_end_of_day) return std::nullopt;
  return ((hour * int64_t{60} + minute) * 60 + second) * 1000 + millisecond;
}

void ZoneParts::set(int hours) {
  sign_ = hours < 0 ? -1 : 1;
  hour_ = hours * sign_;
  minute_ = 0;
}

std::optional<int64_t> ZoneParts::milliseconds() const {
  // Hours may have nine digits; V8's 32 bits then run over.
  uint32_t seconds = static_cast<uint32_t>(hour_.value_or(0)) * 3600U +
                     static_cast<uint32_t>(minute_.value_or(0)) * 60U;
  if (seconds > std::numeric_limits<int32_t>::max()) return std::nullopt;
  return sign_ * int64_t{seconds} * 1000;
}

}  // namespace javascript
