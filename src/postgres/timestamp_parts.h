#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace postgres {

/// What can be wrong with the text of a date (the DTERR_ codes of PostgreSQL's datetime.c).
enum class FaultKind {
  bad_format,
  field_out_of_range,
  month_or_day_out_of_range,
  offset_out_of_range,
  timestamp_out_of_range,
  unknown_zone,
};

/// What is wrong with the text of a date.
struct Fault {
  FaultKind kind;
  /// The name that is none, for an unknown zone.
  std::string zone = {};
};

/// A set of the parts that a date can have.
enum class Parts : unsigned {
  none = 0,
  year = 1U << 0,
  month = 1U << 1,
  day = 1U << 2,
  date = year | month | day,
  hour = 1U << 3,
  minute = 1U << 4,
  second = 1U << 5,
  fraction = 1U << 6,
  time = hour | minute | second | fraction,
  day_of_year = 1U << 7,
  weekday = 1U << 8,
  half_of_day = 1U << 9,
  era = 1U << 10,
  zone = 1U << 11,
  daylight_zone = 1U << 12,
  /// The word that moves the zone beside it by an hour.
  daylight = 1U << 13,
  /// `epoch` or one of the infinities.
  fixed_moment = 1U << 14,
};

/// The parts of both sets.
constexpr Parts operator|(Parts left, Parts right) {
  return static_cast<Parts>(static_cast<unsigned>(left) | static_cast<unsigned>(right));
}

/// The parts that are in both sets.
constexpr Parts operator&(Parts left, Parts right) {
  return static_cast<Parts>(static_cast<unsigned>(left) & static_cast<unsigned>(right));
}

/// True if no wanted part is missing.
constexpr bool has_all(Parts set, Parts wanted) { return (set & wanted) == wanted; }

/// True if one wanted part is there.
constexpr bool has_any(Parts set, Parts wanted) { return (set & wanted) != Parts::none; }

/// The values of the parts read so far, not yet checked against each other.
struct DateTime {
  int year = 0;
  int month = 0;
  int day = 0;
  int day_of_year = 0;
  int hour = 0;
  int minute = 0;
  int second = 0;
  int microsecond = 0;
  /// The year has one or two digits and lacks its century.
  bool lacks_century = false;
};

/// Which parts a text was found to give, or what is wrong with it.
using Reading = std::variant<Parts, Fault>;

// Each of the following reads one field (lower case, as split_timestamp gives them) into `into`,
// where `given` are the parts given before.

/// Two or three numbers and names of months, separated: `1/2/2099`, `2-jan-2099`. (DecodeDate)
Reading read_date(std::string_view text, Parts given, DateTime& into);

/// One number that is whatever part of a date is to be expected next, in the order month, day, year
/// or year, month, day. `named_month` tells that the month was given as a word. (DecodeNumber)
Reading read_number(std::string_view text, bool named_month, Parts given, DateTime& into);

/// A date or time without separators: `20990102`, `101112.5`, `1011`. (DecodeNumberField)
Reading read_run_together(std::string_view text, Parts given, DateTime& into);

/// `10:11`, `10:11:12.5`; `11:12.5` is minutes and seconds. (DecodeTime and time_overflows)
Reading read_time(std::string_view text, DateTime& into);

/// `+02:00`, `-0230`, `+2`, `+02:00:30`, as seconds east of UTC. (DecodeTimezone)
std::variant<int, Fault> read_offset(std::string_view text);

}  // namespace postgres
