#pragma once

#include <cstdint>

namespace base {

/// A day of the proleptic Gregorian calendar, in any year; year 0 is the one before year 1.
/// Supports more years than the date library, because the deployed service's database has dates up
/// to 294276.
struct CalendarDay {
  int64_t year = 1970;
  /// 1 to 12.
  unsigned month = 1;
  /// 1 to the last of the month.
  unsigned day = 1;

  bool operator==(const CalendarDay&) const = default;
};

unsigned days_in_month(int64_t year, unsigned month);

/// The number of days from 1970-01-01 to this day.
int64_t days_from_calendar(const CalendarDay& day);

/// The day this many days after 1970-01-01.
CalendarDay calendar_from_days(int64_t days);

}  // namespace base
