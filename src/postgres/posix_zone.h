#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace postgres {

/// A time zone that is written out, as POSIX has it: `gmt+5` is five hours WEST of UTC, `est5edt`
/// has daylight saving time, by the rules of the United States of since 2007, too.
struct PosixZone {
  /// Seconds east of UTC.
  int64_t standard_offset = 0;
  /// The same while daylight saving time is in force; nothing if it never is.
  std::optional<int64_t> daylight_offset = std::nullopt;
};

/// Reads the name of such a zone; nothing if the name is none. (tzparse in PostgreSQL's
/// localtime.c)
std::optional<PosixZone> read_posix_zone(std::string_view name);

/// How many seconds a local clock is ahead of UTC when it shows this many seconds since 1970.
/// Of the times that a clock skips or shows twice, standard time's is meant.
/// (DetermineTimeZoneOffset in PostgreSQL's datetime.c)
int64_t offset_at(const PosixZone& zone, int64_t local_seconds);

}  // namespace postgres
