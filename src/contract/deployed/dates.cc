#include "contract/deployed/dates.h"

#include <array>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <regex>
#include <string>

#include "base/ascii.h"
#include "base/calendar.h"
#include "contract/deployed/javascript.h"

namespace contract::deployed {
namespace {

using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using Match = std::match_results<std::string_view::const_iterator>;

/// The range of JavaScript's dates, in milliseconds before and after 1970-01-01.
/// (ECMA-262, 21.4.1.1)
constexpr int64_t kMaxMilliseconds = 8'640'000'000'000'000;
constexpr int64_t kMaxYear = 275'760;

/// All formats are shorter, unless they are padded with spaces or zeros.
constexpr size_t kMaxLength = 128;

/// Groups 4 to 8 of the pattern are the hour, the minute, the second, its fraction and the zone.
struct Format {
  std::regex pattern;
  /// The numbers of their groups. A group that matches nothing counts as 1.
  size_t year, month, day;
  bool is_known_to_database = true;
};

const std::array<Format, 7>& formats() {
  static const auto kFormats = [] {
    const std::string time = R"((\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?)";
    const std::string iso_time = "(?: " + time + R"((Z| UTC| GMT|[+-]\d\d(?::?\d\d)?)?)?)";
    const std::string plain_time = R"((?: (\d\d):(\d\d)(?::(\d\d))?()(Z| UTC| GMT)?)?)";
    const std::string weekday = "(?:Sun|Mon|Tue|Wed|Thu|Fri|Sat)";
    auto pattern = [](const std::string& str) { return std::regex(str, std::regex::icase); };
    auto padded = [&](const std::string& str) { return pattern(" *" + str + " *"); };
    // Not supported: years below 100, which JavaScript reads as 1900 to 2099 in all but the first
    // format; and years of six digits in English, which the database does not read.
    return std::array<Format, 7>{{
        {pattern(R"((\d{4})-(\d\d)-(\d\d)(?:T)" + time + R"((Z|[+-]\d\d:?\d\d)?)?)"), 1, 2, 3},
        {padded(R"(([1-9]\d{3,5})-(\d\d?)-(\d\d?))" + iso_time), 1, 2, 3},
        {padded(R"(([A-Z]+) (\d\d?),? ([1-9]\d{3,4}))" + plain_time), 3, 1, 2},
        {padded(R"((\d\d?) ([A-Z]+) ([1-9]\d{3,4}))" + plain_time), 3, 2, 1},
        // toUTCString(), toString(), and a year or a month alone.
        {padded(weekday + R"(, (\d\d) ([A-Z]{3}) ([1-9]\d{3,4}) (\d\d):(\d\d):(\d\d) GMT)"), 3, 2,
         1},
        {padded(weekday + R"( ([A-Z]{3}) (\d\d) ([1-9]\d{3,4}) (\d\d):(\d\d):(\d\d)())" +
                R"( GMT([+-]\d{4}) \(.+\))"),
         3, 1, 2, false},
        {padded(R"(([1-9]\d{3})(?:-(\d\d))?())"), 1, 2, 3, false},
    }};
  }();
  return kFormats;
}

/// Returns the number that a group matched, or `otherwise`.
int64_t number_of(const Match& match, size_t group, int64_t otherwise) {
  return base::parse_number<int64_t>(match.str(group)).value_or(otherwise);
}

/// Reads a month: a number, a name or the first three characters of a name. 0 if it is invalid.
int64_t parse_month(const std::string& str) {
  constexpr std::string_view kNames[] = {"january",   "february", "march",    "april",
                                         "may",       "june",     "july",     "august",
                                         "september", "october",  "november", "december"};
  std::string name = base::lower(str);
  for (size_t i = 0; i < std::size(kNames); ++i) {
    if (name == kNames[i] || name == kNames[i].substr(0, 3)) return static_cast<int64_t>(i) + 1;
  }
  return str.empty() ? 1 : base::parse_number<int64_t>(str).value_or(0);
}

/// Reads the offset from UTC; nothing if it is invalid.
std::optional<minutes> parse_offset(std::string zone) {
  if (!zone.starts_with('+') && !zone.starts_with('-')) return minutes{0};
  std::erase(zone, ':');
  int hour = base::parse_number<int>(zone.substr(1, 2)).value_or(0);
  int minute = base::parse_number<int>(zone.substr(3)).value_or(0);
  if (hour > 23 || minute > 59) return std::nullopt;
  minutes offset = hours{hour} + minutes{minute};
  return zone.starts_with('-') ? -offset : offset;
}

/// Returns the time since midnight without the fraction; nothing if it is invalid. 24:00 is valid.
std::optional<seconds> parse_time_of_day(const Match& match) {
  hours hour{number_of(match, 4, 0)};
  minutes minute{number_of(match, 5, 0)};
  seconds second{number_of(match, 6, 0)};
  seconds time = hour + minute + second;
  bool is_end = time == hours{24} && match.str(7).find_first_not_of('0') == std::string::npos;
  bool is_time = hour < hours{24} && minute < hours{1} && second < minutes{1};
  return is_time || (hour == hours{24} && is_end) ? std::optional(time) : std::nullopt;
}

std::string quoted(const std::string& str) { return "\"" + str + "\""; }

DatabaseError invalid_timestamp(const std::string& sent) {
  return {"22007", "invalid input syntax for type timestamp with time zone: " + quoted(sent)};
}

DatabaseError out_of_range(const std::string& sent) {
  return {"22008", "date/time field value out of range: " + quoted(sent)};
}

/// Returns the database's error for a date of this format, if it rejects it. `is_day` is false for
/// a day after the end of the month.
std::optional<DatabaseError> database_error(const Format& format, const std::string& zone,
                                            minutes offset, bool is_day, const std::string& sent) {
  offset = std::chrono::abs(offset);
  if (!format.is_known_to_database) {
    // The database reads `GMT+0200` as 200 hours, which is out of range.
    if (offset < hours{2}) return invalid_timestamp(sent);
    return DatabaseError{"22023", "time zone " + quoted("gmt" + zone) + " not recognized"};
  }
  if (offset >= hours{16}) {
    return DatabaseError{"22009", "time zone displacement out of range: " + quoted(sent)};
  }
  return is_day ? std::nullopt : std::optional(out_of_range(sent));
}

std::optional<ReadDate> read_match(const Format& format, const Match& match,
                                   const std::string& sent) {
  int64_t year = number_of(match, format.year, 1);
  int64_t month = parse_month(match.str(format.month));
  int64_t day = number_of(match, format.day, 1);
  auto time = parse_time_of_day(match);
  std::string zone = match.str(8);
  auto offset = parse_offset(zone);
  bool is_date = year <= kMaxYear && month >= 1 && month <= 12 && day >= 1 && day <= 31;
  if (!is_date || !time || !offset) return std::nullopt;
  // In JavaScript, February 30 is March 1 or 2.
  auto calendar_month = static_cast<unsigned>(month);
  int64_t days = base::days_from_calendar({year, calendar_month, 1}) + day - 1;
  base::Time start = base::Time{hours{24} * days} + *time - *offset;
  // JavaScript truncates the fraction, and the database rounds it.
  std::string fraction = match.str(7);
  int64_t thousandths = *base::parse_number<int64_t>((fraction + "000").substr(0, 3));
  ReadDate date{start + milliseconds{thousandths}, base::Time{}};
  if (date.javascript > base::Time{milliseconds{kMaxMilliseconds}}) return std::nullopt;
  bool is_day = day <= base::days_in_month(year, calendar_month);
  if (auto error = database_error(format, zone, *offset, is_day, sent)) {
    date.database = *std::move(error);
  } else {
    double part = std::strtod(("0." + fraction).c_str(), nullptr);
    date.database = start + microseconds{std::llrint(part * 1e6)};
  }
  return date;
}

std::optional<ReadDate> read_string(std::string_view str, const std::string& sent) {
  if (str.size() > kMaxLength) return std::nullopt;
  Match match;
  for (const Format& format : formats()) {
    if (std::regex_match(str.begin(), str.end(), match, format.pattern)) {
      return read_match(format, match, sent);
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<ReadDate> read_date(const json::Value& value) {
  if (value.is_string()) {
    const auto& str = value.get_ref<const std::string&>();
    return read_string(str, str);
  }
  if (value.is_array() && value.size() == 1 && value[0].is_string()) {
    return read_string(value[0].get_ref<const std::string&>(), stringify(value));
  }
  if (value.is_boolean()) {
    return ReadDate{base::Time{milliseconds{value == true ? 1 : 0}},
                    invalid_timestamp(stringify(value))};
  }
  if (!value.is_number()) return std::nullopt;
  double number = std::trunc(value.get<double>());
  if (std::abs(number) > static_cast<double>(kMaxMilliseconds)) return std::nullopt;
  DatabaseError error = out_of_range(stringify(value));
  error.hint = "Perhaps you need a different \"datestyle\" setting.";
  return ReadDate{base::Time{milliseconds{static_cast<int64_t>(number)}}, error};
}

}  // namespace contract::deployed
