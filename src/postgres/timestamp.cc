#include "postgres/timestamp.h"

#include <chrono>

#include "base/calendar.h"
#include "base/time_text.h"
#include "postgres/timestamp_decoder.h"
#include "postgres/timestamp_fields.h"

namespace postgres {
namespace {

/// What the database says of a text. (DateTimeParseError)
Error error_of(const Fault& fault, std::string_view text) {
  const std::string quoted = "\"" + std::string(text) + "\"";
  const std::string out_of_range = "date/time field value out of range: " + quoted;
  switch (fault.kind) {
    case FaultKind::field_out_of_range:
      return {.code = "22008", .message = out_of_range};
    case FaultKind::month_or_day_out_of_range:
      return {.code = "22008",
              .message = out_of_range,
              .hint = "Perhaps you need a different \"datestyle\" setting."};
    case FaultKind::timestamp_out_of_range:
      return {.code = "22008", .message = "timestamp out of range: " + quoted};
    case FaultKind::offset_out_of_range:
      return {.code = "22009", .message = "time zone displacement out of range: " + quoted};
    case FaultKind::unknown_zone:
      return {.code = "22023", .message = "time zone \"" + fault.zone + "\" not recognized"};
    case FaultKind::bad_format:
      break;
  }
  return {.code = "22007",
          .message = "invalid input syntax for type timestamp with time zone: " + quoted};
}

/// The calendar repeats itself after 400 years: these are enough of them to bring each moment that
/// the database knows into the years after Christ.
constexpr std::chrono::days kDaysAhead{146'097 * 12};

/// Writes a moment of the year 0 or before it, but for the offset: the year counted backwards.
std::string text_before_christ(base::Time moment, int64_t year) {
  std::string text = base::format_time_exactly(moment + kDaysAhead);
  const std::string years = std::to_string(1 - year);
  text.replace(0, 4, std::string(4 - years.size(), '0') + years);
  return text;
}

}  // namespace

std::variant<base::Time, Error> read_timestamptz(std::string_view text, base::Time now) {
  const auto fields = split_timestamp(text);
  if (!fields) return error_of({FaultKind::bad_format}, text);
  const auto moment = decode_timestamp(*fields, now);
  if (const Fault* fault = std::get_if<Fault>(&moment)) return error_of(*fault, text);
  return std::get<base::Time>(moment);
}

std::string timestamptz_text(base::Time moment) {
  if (moment == kInfinity) return "infinity";
  if (moment == kMinusInfinity) return "-infinity";
  const auto day = std::chrono::floor<std::chrono::days>(moment);
  const int64_t year = base::calendar_from_days(day.time_since_epoch().count()).year;
  std::string text =
      year > 0 ? base::format_time_exactly(moment) : text_before_christ(moment, year);
  text.pop_back();
  return text + (year > 0 ? "+00:00" : "+00:00 BC");
}

}  // namespace postgres
