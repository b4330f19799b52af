#include <array>

#include "base/duration_text.h"
#include "base/time_text.h"
#include "contract/render.h"
#include "engine/control.h"
#include "json/object_reader.h"
#include "json/writer.h"

/// The control calls that tell and move a sandbox's clock.
namespace engine {
namespace {

http::Response clock_response(const base::Clock& clock) {
  json::Writer body;
  body.open_object().member("now", base::format_time_exactly(clock.now()));
  body.member("frozen", clock.is_frozen()).close_object();
  return contract::json_response(200, body.take());
}

}  // namespace

http::Response tell_clock(const ControlCall& call) {
  base::MutexLock lock(call.sandbox.mutex);
  return clock_response(call.sandbox.clock);
}

http::Response set_clock(const ControlCall& call) {
  static constexpr std::array<std::string_view, 2> kFields = {"now", "frozen"};
  json::Document body("body", call.request.body);
  std::optional<std::string> now;
  std::optional<base::Time> moment;
  std::optional<bool> frozen;
  if (!body.has_problems()) {
    json::ObjectReader reader(body, body.root(), "", kFields);
    now = reader.text("now");
    frozen = reader.boolean("frozen");
    if (now) moment = base::parse_time(*now);
    if (now && !moment) {
      reader.problem("now", "\"" + *now + "\" is no time; write it as 2024-01-31T12:00:00Z");
    }
    if (!body.has_problems() && !now && !frozen) {
      reader.problem("there is nothing to set; give \"now\", \"frozen\" or both");
    }
  }
  if (body.has_problems()) return refuse_body(call, body);
  base::MutexLock lock(call.sandbox.mutex);
  base::Clock& clock = call.sandbox.clock;
  // In this order, so that a clock set and frozen stands at that very moment.
  if (frozen) *frozen ? clock.freeze() : clock.thaw();
  if (moment) clock.set(*moment);
  return clock_response(clock);
}

http::Response advance_clock(const ControlCall& call) {
  static constexpr std::array<std::string_view, 1> kFields = {"by"};
  json::Document body("body", call.request.body);
  std::optional<base::Duration> duration;
  if (!body.has_problems()) {
    json::ObjectReader reader(body, body.root(), "", kFields);
    reader.require("by");
    auto by = reader.text("by");
    if (by) duration = base::parse_duration(*by);
    if (by && !duration) {
      reader.problem("by",
                     "\"" + *by +
                         "\" is no duration of up to ten thousand years; write it as 31d, 12h, "
                         "15m, 90s, 2w or P1DT12H, or set the clock with PUT /__admin/clock");
    }
  }
  if (body.has_problems()) return refuse_body(call, body);
  base::MutexLock lock(call.sandbox.mutex);
  base::Clock& clock = call.sandbox.clock;
  base::Time moment = base::later(clock.now(), *duration);
  if (moment > base::parse_time("9999-12-31T23:59:59.999999Z")) {
    return refuse_control(400, "the clock cannot go beyond the year 9999; nothing was changed",
                          {"it is " + base::format_time_exactly(clock.now())});
  }
  clock.set(moment);
  return clock_response(clock);
}

}  // namespace engine
