#include <array>

#include "base/time_format.h"
#include "contract/render.h"
#include "control/control.h"
#include "json/object_reader.h"
#include "json/writer.h"

/// The control calls that read and move a sandbox's clock.
namespace control {
namespace {

http::Response clock_response(const base::Clock& clock) {
  json::Writer body;
  body.open_object().member("now", base::format_time_with_fraction(clock.now()));
  body.member("frozen", clock.is_frozen()).close_object();
  return contract::json_response(200, body.take());
}

}  // namespace

http::Response get_clock(const Call& call) {
  base::MutexLock lock(call.sandbox.mutex);
  return clock_response(call.sandbox.clock);
}

http::Response set_clock(const Call& call) {
  static constexpr std::array<std::string_view, 2> kFields = {"now", "frozen"};
  json::Document body("body", call.request.body);
  std::optional<std::string> now;
  std::optional<base::Time> time;
  std::optional<bool> frozen;
  if (!body.has_problems()) {
    json::ObjectReader reader(body, body.root(), "", kFields);
    now = reader.string("now");
    frozen = reader.boolean("frozen");
    if (now) time = base::parse_typed_time(*now);
    if (now && !time) {
      reader.add_problem(
          "now", json::quote(*now) + " is not a valid time; " + std::string(base::kTypedTimeForms));
    }
    if (!body.has_problems() && !now && !frozen) {
      reader.add_problem("there is nothing to set; give \"now\", \"frozen\" or both");
    }
  }
  if (body.has_problems()) return reject_body(call, body);
  base::MutexLock lock(call.sandbox.mutex);
  base::Clock& clock = call.sandbox.clock;
  // In this order, so that a clock set and frozen stands at that very time.
  if (frozen) *frozen ? clock.freeze() : clock.thaw();
  if (time) clock.set(*time);
  return clock_response(clock);
}

http::Response advance_clock(const Call& call) {
  static constexpr std::array<std::string_view, 1> kFields = {"by"};
  json::Document body("body", call.request.body);
  std::optional<base::Duration> duration;
  if (!body.has_problems()) {
    json::ObjectReader reader(body, body.root(), "", kFields);
    reader.require("by");
    auto by = reader.string("by");
    if (by) duration = base::parse_duration(*by);
    if (by && !duration) {
      reader.add_problem("by",
                         json::quote(*by) +
                             " is no duration of up to ten thousand years; write it as 31d, 12h, "
                             "15m, 90s, 2w or P1DT12H, or set the clock with PUT /__admin/clock");
    }
  }
  if (body.has_problems()) return reject_body(call, body);
  base::MutexLock lock(call.sandbox.mutex);
  base::Clock& clock = call.sandbox.clock;
  base::Time time = base::add(clock.now(), *duration);
  if (time > base::parse_time("9999-12-31T23:59:59.999999Z")) {
    return reject(call, 400, "the clock cannot go beyond the year 9999; nothing was changed",
                  {"it is " + base::format_time_with_fraction(clock.now())});
  }
  clock.set(time);
  return clock_response(clock);
}

}  // namespace control
