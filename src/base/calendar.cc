#include "base/calendar.h"

#include <date/date.h>

namespace base {
namespace {

// The calendar repeats after this many years, so the library is only used for years near 2000.
constexpr int64_t kCycleYears = 400;
constexpr int64_t kCycleDays = 146'097;
constexpr int64_t kFirstYear = 2000;
constexpr int64_t kFirstDay =
    date::sys_days{date::year{kFirstYear} / 1 / 1}.time_since_epoch().count();

/// Division that rounds down.
int64_t floor_divided(int64_t number, int64_t divisor) {
  int64_t quotient = number / divisor;
  return number % divisor < 0 ? quotient - 1 : quotient;
}

int64_t cycle_of_year(int64_t year) { return floor_divided(year - kFirstYear, kCycleYears); }

date::year near_year(int64_t year) {
  return date::year{static_cast<int>(year - cycle_of_year(year) * kCycleYears)};
}

}  // namespace

unsigned days_in_month(int64_t year, unsigned month) {
  return unsigned{(near_year(year) / date::month{month} / date::last).day()};
}

int64_t days_from_calendar(const CalendarDay& day) {
  date::sys_days near{near_year(day.year) / date::month{day.month} / date::day{day.day}};
  return near.time_since_epoch().count() + cycle_of_year(day.year) * kCycleDays;
}

CalendarDay calendar_from_days(int64_t days) {
  int64_t cycle = floor_divided(days - kFirstDay, kCycleDays);
  date::year_month_day near{
      date::sys_days{date::days{static_cast<int>(days - cycle * kCycleDays)}}};
  return {int{near.year()} + cycle * kCycleYears, unsigned{near.month()}, unsigned{near.day()}};
}

}  // namespace base
