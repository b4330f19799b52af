#pragma once

#include <cstdint>

namespace base {

/// A day of the Gregorian calendar, carried on without end in both directions; the year before 1 is
/// 0. For years far beyond those that the library for dates knows: the deployed service's database
/// has them up to 294276.
struct CalendarDay {
  int64_t year = 1970;
  /// 1 to 12.
  unsigned month = 1;
  /// 1 to the month's last.
  unsigned day = 1;

  bool operator==(const CalendarDay&) const = default;
};

/// How many days the month has.
unsigned days_in_month(int64_t year, unsigned month);

/// The number of days from 1970-01-01 to this day.
int64_t days_from_calendar(const CalendarDay& day);

/// The day that is this many days after 1970-01-01.
CalendarDay calendar_from_days(int64_t days);

}  // namespace base
