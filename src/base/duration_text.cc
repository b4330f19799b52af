#include "base/duration_text.h"

#include <algorithm>
#include <array>
#include <span>
#include <string>

#include "base/calendar.h"
#include "base/number_text.h"

namespace base {
namespace {

constexpr int64_t kLongestInMonths = 12 * 10'000;
constexpr std::chrono::microseconds kLongest = std::chrono::hours{24} * 3'652'425;

struct Unit {
  std::string_view name;
  int64_t months;
  std::chrono::microseconds rest;
};

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

// From the greatest to the least.
constexpr std::array<Unit, 6> kShort = {{{"w", 0, hours{168}},
                                         {"d", 0, hours{24}},
                                         {"h", 0, hours{1}},
                                         {"m", 0, minutes{1}},
                                         {"s", 0, seconds{1}},
                                         {"ms", 0, milliseconds{1}}}};
constexpr std::array<Unit, 4> kIsoDate = {
    {{"Y", 12, {}}, {"M", 1, {}}, {"W", 0, hours{168}}, {"D", 0, hours{24}}}};
constexpr std::array<Unit, 3> kIsoTime = {
    {{"H", 0, hours{1}}, {"M", 0, minutes{1}}, {"S", 0, seconds{1}}}};

std::string_view take_while(std::string_view& text, bool (*wanted)(char)) {
  const auto* end = std::find_if_not(text.begin(), text.end(), wanted);
  std::string_view taken = text.substr(0, static_cast<size_t>(end - text.begin()));
  text.remove_prefix(taken.size());
  return taken;
}

bool is_digit(char letter) { return letter >= '0' && letter <= '9'; }
bool is_letter(char letter) { return !is_digit(letter) && letter != '.'; }

/// Adds `count` of the unit, if that is not too long.
bool add(Duration& duration, std::string_view count, const Unit& unit) {
  auto number = parse_number<int64_t>(count);
  int64_t most = unit.months > 0 ? kLongestInMonths / unit.months : kLongest / unit.rest;
  if (!number || *number > most) return false;
  duration.months += *number * unit.months;
  duration.rest += *number * unit.rest;
  return duration.months <= kLongestInMonths && duration.rest <= kLongest;
}

/// Adds the digits of a fraction of a second; those beyond the microsecond are cut.
bool add_fraction(Duration& duration, std::string_view digits) {
  std::string microseconds(digits.substr(0, 6));
  microseconds.resize(6, '0');
  return !digits.empty() && add(duration, microseconds, {"", 0, std::chrono::microseconds{1}});
}

/// Reads numbers with their units, each unit once and in this order. At least one must be there.
bool add_all(Duration& duration, std::string_view text, std::span<const Unit> units,
             bool may_have_fraction) {
  if (text.empty()) return false;
  while (!text.empty()) {
    std::string_view count = take_while(text, is_digit);
    std::string_view fraction;
    bool has_fraction = text.starts_with('.');
    if (has_fraction) {
      text.remove_prefix(1);
      fraction = take_while(text, is_digit);
    }
    std::string_view name = take_while(text, is_letter);
    auto unit = std::find_if(units.begin(), units.end(),
                             [&](const Unit& each) { return each.name == name; });
    if (unit == units.end() || !add(duration, count, *unit)) return false;
    bool takes_fraction = may_have_fraction && unit->name == "S";
    if (has_fraction && !(takes_fraction && add_fraction(duration, fraction))) return false;
    units = units.subspan(static_cast<size_t>(unit - units.begin()) + 1);
  }
  return true;
}

}  // namespace

std::optional<Duration> parse_duration(std::string_view text) {
  Duration duration;
  if (!text.starts_with('P')) {
    if (!add_all(duration, text, kShort, false)) return std::nullopt;
    return duration;
  }
  text.remove_prefix(1);
  size_t time = text.find('T');
  std::string_view date_part = text.substr(0, time);
  bool has_time = time != std::string_view::npos;
  if ((!has_time || !date_part.empty()) && !add_all(duration, date_part, kIsoDate, false)) {
    return std::nullopt;
  }
  if (has_time && !add_all(duration, text.substr(time + 1), kIsoTime, true)) return std::nullopt;
  return duration;
}

Time later(Time moment, const Duration& duration) {
  if (duration.months == 0) return moment + duration.rest;
  using Days = std::chrono::duration<int64_t, std::ratio<86'400>>;
  auto midnight = std::chrono::floor<Days>(moment);
  CalendarDay day = calendar_from_days(midnight.time_since_epoch().count());
  int64_t month = day.month - 1 + duration.months;
  day.year += month / 12;
  day.month = static_cast<unsigned>(month % 12) + 1;
  day.day = std::min(day.day, days_in_month(day.year, day.month));
  return Time{Days{days_from_calendar(day)}} + (moment - midnight) + duration.rest;
}

}  // namespace base
