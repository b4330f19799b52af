#include "postgres/posix_zone.h"

#include "base/calendar.h"
#include "postgres/ascii.h"

namespace postgres {
namespace {

constexpr int64_t kSecondsPerDay = 86'400;
constexpr int64_t kSecondsPerHour = 3'600;
constexpr int64_t kMaxHours = 24 * 7 - 1;
/// Daylight saving time begins and ends at two o'clock.
constexpr int64_t kChangeOfClock = 2 * kSecondsPerHour;

/// Walks over the name of a zone; nothing is taken where nothing is given.
class ZoneReader {
 public:
  explicit ZoneReader(std::string_view name) : rest_(name) {}

  bool at_end() const { return rest_.empty(); }

  bool take(char wanted) {
    if (!rest_.starts_with(wanted)) return false;
    rest_.remove_prefix(1);
    return true;
  }

  /// The length of the abbreviation that begins here, which is whatever cannot begin an offset.
  size_t take_abbreviation() {
    const size_t length = rest_.find_first_of("0123456789,-+");
    const size_t taken = length == std::string_view::npos ? rest_.size() : length;
    rest_.remove_prefix(taken);
    return taken;
  }

  /// Seconds WEST of UTC: `5`, `-5`, `+5:30`, `5:30:15`.
  std::optional<int64_t> take_offset() {
    const bool negative = take('-');
    if (!negative) take('+');
    auto hours = take_number(kMaxHours);
    if (!hours) return std::nullopt;
    std::optional<int64_t> minutes = 0;
    std::optional<int64_t> seconds = 0;
    if (take(':')) {
      minutes = take_number(59);
      if (minutes && take(':')) seconds = take_number(60);
    }
    if (!minutes || !seconds) return std::nullopt;
    const int64_t offset = *hours * kSecondsPerHour + *minutes * 60 + *seconds;
    return negative ? -offset : offset;
  }

 private:
  std::optional<int64_t> take_number(int64_t max) {
    if (rest_.empty() || !is_digit(rest_.front())) return std::nullopt;
    int64_t number = 0;
    while (!rest_.empty() && is_digit(rest_.front())) {
      number = number * 10 + (rest_.front() - '0');
      if (number > max) return std::nullopt;
      rest_.remove_prefix(1);
    }
    return number;
  }

  std::string_view rest_;
};

/// The day, counted from 1970, that is the first Sunday from this day on.
int64_t sunday_from(int64_t days) {
  // 1970-01-01 was a Thursday.
  const int64_t weekday = ((days + 4) % 7 + 7) % 7;
  return days + (7 - weekday) % 7;
}

int64_t floor_days(int64_t seconds) {
  const int64_t days = seconds / kSecondsPerDay;
  return seconds % kSecondsPerDay < 0 ? days - 1 : days;
}

/// A change of the clocks.
struct Change {
  /// When it is, in seconds since 1970, UTC.
  int64_t second;
  int64_t offset_before;
  int64_t offset_after;
};

/// The first change after this second of UTC, in a zone with daylight saving time: it lasts from
/// the second Sunday in March to the first in November.
Change first_change_after(const PosixZone& zone, int64_t second) {
  const int64_t standard = zone.standard_offset;
  const int64_t daylight = *zone.daylight_offset;
  int64_t year = base::calendar_from_days(floor_days(second)).year;
  for (;; ++year) {
    const int64_t begin_day = sunday_from(base::days_from_calendar({year, 3, 8}));
    const int64_t begin = begin_day * kSecondsPerDay + kChangeOfClock - standard;
    if (begin > second) return {begin, standard, daylight};
    const int64_t end_day = sunday_from(base::days_from_calendar({year, 11, 1}));
    const int64_t end = end_day * kSecondsPerDay + kChangeOfClock - daylight;
    if (end > second) return {end, daylight, standard};
  }
}

}  // namespace

std::optional<PosixZone> read_posix_zone(std::string_view name) {
  ZoneReader reader(name);
  reader.take_abbreviation();
  const auto standard_west = reader.take_offset();
  if (!standard_west) return std::nullopt;
  PosixZone zone{.standard_offset = -*standard_west};
  if (reader.at_end()) return zone;
  if (reader.take_abbreviation() == 0) return std::nullopt;
  zone.daylight_offset = zone.standard_offset + kSecondsPerHour;
  if (reader.at_end()) return zone;
  const auto daylight_west = reader.take_offset();
  // Rules of its own begin with a comma, which the name of a zone in a date cannot have.
  if (!daylight_west || !reader.at_end()) return std::nullopt;
  zone.daylight_offset = -*daylight_west;
  return zone;
}

int64_t offset_at(const PosixZone& zone, int64_t local_seconds) {
  if (!zone.daylight_offset) return zone.standard_offset;
  // The database looks at the first change after the day before, as if that were told in UTC.
  // Where the offset is a day or more this may be another change than one would think of.
  const Change change = first_change_after(zone, local_seconds - kSecondsPerDay);
  const int64_t if_before = local_seconds - change.offset_before;
  const int64_t if_after = local_seconds - change.offset_after;
  if (if_before < change.second && if_after < change.second) return change.offset_before;
  if (if_before > change.second && if_after >= change.second) return change.offset_after;
  return if_before > if_after ? change.offset_before : change.offset_after;
}

}  // namespace postgres
