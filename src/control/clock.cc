#include <array>

#include "base/time_format.h"
#include "control/control.h"
#include "json/object_reader.h"

/// The control calls that read and set a sandbox's clock.
namespace control {
namespace {

http::Response clock_response(const base::Clock& clock) {
  json::Writer body;
  body.open_object().member("now", base::format_time_with_fraction(clock.now()));
  return respond(body.member("frozen", clock.is_frozen()).close_object());
}

}  // namespace

base::Time now_in(engine::Sandbox& sandbox) {
  base::MutexLock lock(sandbox.mutex);
  return sandbox.clock.now();
}

std::optional<base::Duration> read_duration(const json::ObjectReader& reader, std::string_view name,
                                            std::string_view advice) {
  const json::Ordered* given = reader.find(name);
  if (given == nullptr) return std::nullopt;
  auto duration = given->is_string() ? base::parse_duration(given->get_ref<const std::string&>())
                                     : std::nullopt;
  if (duration) return duration;
  std::string seconds = given->is_number() ? given->dump() + "s" : "";
  std::string forms = "one such as 31d, 12h, 15m, 90s, 2w or P1DT12H, up to ten thousand years" +
                      std::string(advice);
  if (base::parse_duration(seconds)) forms = json::quote(seconds) + " for that many seconds";
  reader.add_problem(name,
                     json::redacted_value(*given) + " is not a valid duration; write " + forms);
  return std::nullopt;
}

http::Response get_clock(const Call& call) {
  base::MutexLock lock(call.sandbox.mutex);
  return clock_response(call.sandbox.clock);
}

http::Response set_clock(const Call& call) {
  static constexpr std::array<std::string_view, 2> kFields = {"now", "frozen"};
  json::Document body("body", call.request.body);
  std::optional<base::Time> time;
  std::optional<bool> frozen;
  // A likely mistake, but too different from `frozen` for did_you_mean.
  if (body.root().contains("freeze")) {
    body.add({"/freeze", "unknown field; did you mean \"frozen\"?", true});
  }
  if (!body.has_problems()) {
    json::ObjectReader reader(body, body.root(), "", kFields);
    const json::Ordered* now = reader.find("now");
    frozen = reader.boolean("frozen");
    // A number is read as one in a string: seconds since 1970.
    if (now)
      time = base::parse_typed_time(now->is_string() ? now->get<std::string>() : now->dump());
    if (now && !time) {
      reader.add_problem("now", json::redacted_value(*now) + " is not a valid time; " +
                                    std::string(base::kTypedTimeForms));
    }
    if (!body.has_problems() && !now && !frozen) {
      reader.add_problem("the object is empty; set \"now\", \"frozen\" or both");
    }
  }
  if (body.has_problems()) return reject_body(call, body);
  base::MutexLock lock(call.sandbox.mutex);
  base::Clock& clock = call.sandbox.clock;
  // In this order, so that a clock that is set and frozen has exactly that time.
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
    duration = read_duration(reader, "by", ", or set the clock with PUT /__admin/clock");
  }
  if (body.has_problems()) return reject_body(call, body);
  base::MutexLock lock(call.sandbox.mutex);
  base::Clock& clock = call.sandbox.clock;
  base::Time time = base::add(clock.now(), *duration);
  if (time > base::parse_time("9999-12-31T23:59:59.999999Z")) {
    return reject(call, 400, "the clock cannot go beyond the year 9999; nothing was changed",
                  {"the time is " + base::format_time_with_fraction(clock.now())});
  }
  clock.set(time);
  return clock_response(clock);
}

}  // namespace control
