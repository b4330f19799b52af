#include "postgres/moment.h"

#include "base/calendar.h"

namespace postgres {
namespace {

constexpr int64_t kMicrosecondsPerSecond = 1'000'000;
constexpr int64_t kSecondsPerDay = 86'400;
/// 2000-01-01, the day from which the database counts.
constexpr int64_t kDay0 = 10'957;
/// Where the database's time begins: with the Julian days, in 4714 BC.
constexpr int64_t kFirstSecond = -2'440'588 * kSecondsPerDay;
/// The end of the year 294246, the last that base::Time holds to its end.
constexpr int64_t kLastSecond = 106'751'982 * kSecondsPerDay - 1;

Fault out_of_range() { return {FaultKind::field_out_of_range}; }

/// Makes the year one that counts with a year 0, and gives a short one its century.
std::optional<Fault> complete_year(DateTime& value, YearCount count) {
  if (count == YearCount::with_year_0) return std::nullopt;
  if (count == YearCount::before_christ) {
    if (value.year <= 0) return out_of_range();
    value.year = 1 - value.year;
    return std::nullopt;
  }
  if (!value.lacks_century) {
    if (value.year <= 0) return out_of_range();
    return std::nullopt;
  }
  if (value.year < 0) return out_of_range();
  if (value.year < 70) {
    value.year += 2000;
  } else if (value.year < 100) {
    value.year += 1900;
  }
  return std::nullopt;
}

}  // namespace

void set_day(DateTime& value, int64_t days_since_1970) {
  const base::CalendarDay day = base::calendar_from_days(days_since_1970);
  value.year = static_cast<int>(day.year);
  value.month = static_cast<int>(day.month);
  value.day = static_cast<int>(day.day);
}

void set_time_of_day(DateTime& value, int64_t microseconds) {
  const int64_t seconds = microseconds / kMicrosecondsPerSecond;
  value.hour = static_cast<int>(seconds / 3600);
  value.minute = static_cast<int>(seconds / 60 % 60);
  value.second = static_cast<int>(seconds % 60);
  value.microsecond = static_cast<int>(microseconds % kMicrosecondsPerSecond);
}

std::optional<Fault> complete_date(DateTime& value, Parts given, YearCount count) {
  if (has_any(given, Parts::year)) {
    if (auto fault = complete_year(value, count)) return fault;
  }
  if (has_any(given, Parts::day_of_year)) {
    set_day(value, base::days_from_calendar({value.year, 1, 1}) + value.day_of_year - 1);
  }
  if (has_any(given, Parts::month) && (value.month < 1 || value.month > 12)) {
    return Fault{FaultKind::month_or_day_out_of_range};
  }
  if (has_any(given, Parts::day) && (value.day < 1 || value.day > 31)) {
    return Fault{FaultKind::month_or_day_out_of_range};
  }
  if (!has_all(given, Parts::date)) return std::nullopt;
  const auto last_day = base::days_in_month(value.year, static_cast<unsigned>(value.month));
  if (static_cast<unsigned>(value.day) > last_day) return out_of_range();
  return std::nullopt;
}

std::optional<Fault> apply_half_of_day(DateTime& value, bool after_noon) {
  if (value.hour > 12) return out_of_range();
  value.hour %= 12;
  if (after_noon) value.hour += 12;
  return std::nullopt;
}

std::variant<base::Time, Fault> moment_of(const DateTime& value, const PosixZone& zone) {
  const int64_t day = base::days_from_calendar(
      {value.year, static_cast<unsigned>(value.month), static_cast<unsigned>(value.day)});
  // The time of day may be a long one, and the database counts it in 32 bits, around their end.
  const auto count = [](int number) { return static_cast<uint32_t>(number); };
  const uint32_t time = (count(value.hour) * 60 + count(value.minute)) * 60 + count(value.second);
  const int64_t local = day * kSecondsPerDay + static_cast<int32_t>(time);
  // A time of day that leads over the beginning of 2000, the database's own day 0, it takes for one
  // that went around the end of 64 bits.
  if ((day > kDay0 && local < kDay0 * kSecondsPerDay) ||
      (day < kDay0 - 1 && local > kDay0 * kSecondsPerDay)) {
    return Fault{FaultKind::timestamp_out_of_range};
  }
  const int64_t seconds = local - offset_at(zone, local);
  if (seconds < kFirstSecond || seconds > kLastSecond) {
    return Fault{FaultKind::timestamp_out_of_range};
  }
  return base::Time{
      std::chrono::microseconds{seconds * kMicrosecondsPerSecond + value.microsecond}};
}

}  // namespace postgres
