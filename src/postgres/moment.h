#pragma once

#include <cstdint>
#include <optional>
#include <variant>

#include "base/clock.h"
#include "postgres/posix_zone.h"
#include "postgres/timestamp_parts.h"

namespace postgres {

/// How the year of a date was counted.
enum class YearCount {
  after_christ,
  before_christ,
  /// Before year 1 comes year 0, then -1: as DateTime has it in the end.
  with_year_0,
};

/// Puts the day in that is this many days after 1970-01-01.
void set_day(DateTime& value, int64_t days_since_1970);

/// Puts the time of day in, given in microseconds since midnight.
void set_time_of_day(DateTime& value, int64_t microseconds);

/// Gives the year its century (1970 to 2069) if it lacks it, finds month and day of a day of the
/// year, and checks that there is such a date. Looks only at the parts given. (ValidateDate)
std::optional<Fault> complete_date(DateTime& value, Parts given, YearCount count);

/// Makes an hour from 0 to 12 before or after noon one of the day; a fault if it is none.
std::optional<Fault> apply_half_of_day(DateTime& value, bool after_noon);

/// The moment when clocks of the zone show this, for a complete date; a fault if it is too far
/// away. Hours, minutes and seconds beyond the last count on. (tm2timestamp)
std::variant<base::Time, Fault> moment_of(const DateTime& value, const PosixZone& zone);

}  // namespace postgres
