#include <string_view>

#include "base/secret_text.h"
#include "json/body.h"
#include "scenario/scenario.h"

namespace scenario {
namespace {

std::string describe(const Delay& delay) {
  if (const auto* fixed = std::get_if<FixedDelay>(&delay)) {
    return "delay " + json::format_number(fixed->milliseconds) + " ms";
  }
  if (const auto* uniform = std::get_if<UniformDelay>(&delay)) {
    return "delay uniform " + json::format_number(uniform->lower) + " to " +
           json::format_number(uniform->upper) + " ms";
  }
  const auto& lognormal = std::get<LognormalDelay>(delay);
  return "delay lognormal, median " + json::format_number(lognormal.median) + " ms, sigma " +
         json::format_number(lognormal.sigma);
}

}  // namespace

std::string shown_path(const RequestPattern& pattern) {
  std::string_view path = pattern.path;
  std::string shown;
  while (true) {
    // A whole path may look like a secret too, so segments are judged one by one.
    std::string_view segment = path.substr(0, path.find('/'));
    shown += base::shorten_secrets(segment);
    if (segment.size() == path.size()) return shown;
    shown += '/';
    path.remove_prefix(segment.size() + 1);
  }
}

std::string name_of_rule(const Scenario& scenario, size_t rule) {
  return scenario.name + ", rule " + std::to_string(rule + 1);
}

std::string describe(const Act& act) {
  std::string text;
  auto add = [&](const std::string& what) { text += (text.empty() ? "" : ", ") + what; };
  if (act.error) add("error " + std::string(capgo::error_name(*act.error)));
  if (act.respond) add("respond " + std::to_string(act.respond->status));
  if (act.delay) add(describe(*act.delay));
  if (act.fault) add("fault " + std::string(http::kFaultNames[static_cast<size_t>(*act.fault)]));
  if (act.dribble) {
    add("dribble in " + std::to_string(act.dribble->chunks) + " pieces over " +
        std::to_string(act.dribble->over.count()) + " ms");
  }
  return text;
}

std::string describe(const Scenario& scenario, size_t rule) {
  const Rule& described = scenario.rules[rule];
  return name_of_rule(scenario, rule) + ": " + described.on.method + " " +
         shown_path(described.on) + ", " + describe(described.act);
}

}  // namespace scenario
