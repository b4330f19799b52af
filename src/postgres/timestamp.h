#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "base/clock.h"
#include "postgres/error.h"

namespace postgres {

/// Reads a text as a column of type timestamptz of PostgreSQL 15 does, in a session whose time zone
/// is UTC and whose date style is `ISO, MDY`; rounds to the microsecond. `now` is the moment that
/// words such as `today` start from; a world's own clock knows it.
///
/// Errors: 22007 for what is no date, 22008 for one that does not exist or is beyond the calendar
/// (the only error with a hint, if the month or the day is to blame), 22009 for an offset of 16
/// hours or more, 22023 for an unknown time zone.
///
/// Not as the database does it: time zones known by the name of a place (`Europe/Berlin`) or by an
/// abbreviation whose offset changed with the years (`MSK`) are unknown here, and the calendar
/// ends with the year 294246, 30 years too early.
/// (deployed contract 2026-02, section 9)
std::variant<base::Time, Error> read_timestamptz(std::string_view text,
                                                 base::Time now = base::Clock{}.now());

/// Writes a moment as the database puts it into JSON, in UTC: `YYYY-MM-DDTHH:MM:SS[.ffffff]+00:00`.
/// (deployed contract 2026-02, section 7)
std::string timestamptz_text(base::Time moment);

}  // namespace postgres
