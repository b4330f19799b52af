#include "engine/control.h"

#include <array>

#include "base/duration_text.h"
#include "base/time_text.h"
#include "contract/render.h"
#include "json/object_reader.h"
#include "json/writer.h"

namespace engine {
namespace {

struct ControlCall {
  const http::Request& request;
  Sandbox& sandbox;
  std::string_view version;
};

struct ControlRoute {
  std::string_view method;
  std::string_view pattern;
  http::Response (*answer)(const ControlCall&);
};

http::Response tell_health(const ControlCall& call) {
  json::Writer body;
  body.open_object().member("status", "ok").member("version", call.version);
  body.member("contract", call.sandbox.contract.name).close_object();
  return contract::json_response(200, body.take());
}

http::Response clock_response(const base::Clock& clock) {
  json::Writer body;
  body.open_object().member("now", base::format_time_exactly(clock.now()));
  body.member("frozen", clock.is_frozen()).close_object();
  return contract::json_response(200, body.take());
}

http::Response tell_clock(const ControlCall& call) {
  base::MutexLock lock(call.sandbox.mutex);
  return clock_response(call.sandbox.clock);
}

http::Response refuse_body(const json::Document& body) {
  return refuse_control(400, "the body is not as it should be; nothing was changed",
                        body.problem_lines());
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
  if (body.has_problems()) return refuse_body(body);
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
  if (body.has_problems()) return refuse_body(body);
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

constexpr std::array kRoutes = {
    ControlRoute{"GET", "/__admin/health", tell_health},
    ControlRoute{"GET", "/__admin/clock", tell_clock},
    ControlRoute{"PUT", "/__admin/clock", set_clock},
    ControlRoute{"POST", "/__admin/clock/advance", advance_clock},
};

}  // namespace

bool is_control_path(std::string_view path) {
  return path == "/__admin" || path.starts_with("/__admin/");
}

http::Response control(const http::Request& request, std::string_view path, Sandbox& sandbox,
                       std::string_view version) {
  std::string_view method = request.method == "HEAD" ? "GET" : std::string_view(request.method);
  std::string known;
  for (const ControlRoute& route : kRoutes) {
    if (route.method == method && http::match_path(route.pattern, path)) {
      return route.answer({request, sandbox, version});
    }
    known += (known.empty() ? "" : ", ") + std::string(route.method) + " ";
    known += route.pattern;
  }
  return refuse_control(404, "Not found", {"the control calls are: " + known});
}

http::Response refuse_control(int status, std::string_view error,
                              const std::vector<std::string>& details) {
  json::Writer body;
  body.open_object().member("error", error).member("details", details).close_object();
  return contract::json_response(status, body.take());
}

}  // namespace engine
