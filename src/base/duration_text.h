#pragma once

#include <optional>
#include <string_view>

#include "base/clock.h"

namespace base {

/// A span of time as people write it: months have no fixed length.
struct Duration {
  int64_t months = 0;
  std::chrono::microseconds rest{0};
};

/// Reads a duration that is not negative: `31d`, `12h`, `90s`, `2w`, `15m` (minutes), `500ms`, or
/// several of them from the greatest unit to the least (`1d12h`); or one of ISO 8601 (`P1M`,
/// `P2W`, `P1DT12H`, `PT0.5S`; only seconds may have a fraction). Gives nothing for any other text,
/// and for one of more than ten thousand years.
std::optional<Duration> parse_duration(std::string_view text);

/// The moment that much later. A month later is the same day of the next month, or its last day if
/// it has none such.
Time later(Time moment, const Duration& duration);

}  // namespace base
