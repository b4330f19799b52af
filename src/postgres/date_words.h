#pragma once

#include <string_view>

namespace postgres {

/// What a word in a date means.
enum class WordKind {
  month,
  weekday,
  am,
  pm,
  ad,
  bc,
  /// `at`, `on`.
  ignored,
  /// Moments of their own.
  now,
  today,
  tomorrow,
  yesterday,
  midnight,
  epoch,
  infinity,
  minus_infinity,
  /// An abbreviation of a time zone, without and with daylight saving time.
  zone,
  daylight_zone,
  /// `dst`, which moves the zone named beside it.
  daylight,
  /// `t`: a time of day follows.
  time_follows,
  /// The number that follows is a year, a month and so on.
  year_follows,
  month_follows,
  day_follows,
  hour_follows,
  minute_follows,
  second_follows,
  julian_day_follows,
  /// Units that no timestamp can have.
  other_follows,
};

/// A word that dates may contain.
struct Word {
  /// In lower case.
  std::string_view text;
  WordKind kind;
  /// Months: 1 to 12. Zones and `dst`: seconds east of UTC. Else 0.
  int value = 0;
};

/// Looks a word up in PostgreSQL's own list (datetktbl in datetime.c); lower case. Null if it is
/// not there.
const Word* find_date_word(std::string_view text);

/// Looks a word up in PostgreSQL's list of abbreviations of time zones (timezonesets/Default);
/// lower case. Null if it is not there, or if its offset changed with the years.
const Word* find_zone_abbreviation(std::string_view text);

}  // namespace postgres
