#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace base {

/// Parses an ISO 8601 time: `YYYY-MM-DD`, or that with `T`, `hh:mm`, optional `:ss`, optional
/// fraction, optional `Z`, `±hh:mm`, `±hhmm` or `±hh`. No offset means UTC. Digits beyond the
/// microsecond are dropped.
///
/// Returns nothing for any other text, for a date or time that does not exist, and if the time in
/// UTC is not in the years 0000 to 9999. (documented contract, section 12, "accepted forms")
std::optional<Time> parse_time(std::string_view text);

/// Parses a time that a person typed: as parse_time, but also with a space or `t` for the `T`, with
/// `z` for the `Z`, or as a whole number of seconds since 1970.
std::optional<Time> parse_typed_time(std::string_view text);

/// The forms that parse_typed_time accepts, for messages.
inline constexpr std::string_view kTypedTimeForms =
    "write a date (2024-01-31), a date and time (2024-01-31T12:00:00Z), or seconds since 1970 "
    "(1706702400)";

/// As parse_time, but a year may have five or six digits, up to 294246, as times in a sandbox's
/// data can.
std::optional<Time> parse_extended_time(std::string_view text);

/// A formatted time. It needs no heap memory, since each response has one or more.
class TimeText {
 public:
  operator std::string_view() const { return {characters_.data(), size_}; }
  std::string str() const { return {characters_.data(), size_}; }

  /// Appends at most as many characters as there is room for, and returns where they begin.
  char* append(std::string_view text) {
    char* at = characters_.data() + size_;
    size_ += text.copy(at, characters_.size() - size_);
    return at;
  }

 private:
  /// Enough for every base::Time.
  std::array<char, 32> characters_;
  size_t size_ = 0;
};

/// Formats a time as `YYYY-MM-DDTHH:MM:SSZ`, without fractions of a second.
/// (documented contract, section 12, "time format")
TimeText format_time(Time time);

/// Formats the time of day as `hh:mm:ss.mmm`, in UTC.
std::string format_time_of_day(Time time);

/// Formats a time as the header Date: `Mon, 12 Feb 2024 00:00:00 GMT`. (RFC 9110, section 5.6.7)
TimeText format_http_date(Time time);

/// As format_time, with a fraction of as many digits as needed (none to six).
std::string format_time_with_fraction(Time time);

/// A duration. Months are separate because their length varies.
struct Duration {
  int64_t months = 0;
  std::chrono::microseconds rest{0};
};

/// Parses a duration: `31d`, `12h`, `90s`, `2w`, `15m` (minutes), `500ms`, or several of them from
/// the largest unit to the smallest (`1d12h`); or ISO 8601 (`P1M`, `P2W`, `P1DT12H`, `PT0.5S`; only
/// seconds may have a fraction). Returns nothing for any other text, and for more than ten thousand
/// years.
std::optional<Duration> parse_duration(std::string_view text);

/// The time after this duration. One month later is the same day of the next month, or its last day
/// if the month is shorter.
Time add(Time time, const Duration& duration);

}  // namespace base
