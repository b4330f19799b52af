#include "base/redact.h"
#include "json/body.h"
#include "scenario/scenario.h"

namespace scenario {
namespace {

std::string describe(const Delay& delay) {
  std::string first = json::format_number(delay.first);
  std::string second = json::format_number(delay.second);
  if (delay.type == Delay::Type::fixed) return "delay " + first + " ms";
  if (delay.type == Delay::Type::uniform) return "delay uniform " + first + " to " + second + " ms";
  return "delay lognormal, median " + first + " ms, sigma " + second;
}

}  // namespace

std::string name_of_rule(const Scenario& scenario, size_t rule) {
  return scenario.name + ", rule " + std::to_string(rule + 1);
}

std::string describe(const Act& act) {
  std::string text;
  auto add = [&](const std::string& what) { text += (text.empty() ? "" : ", ") + what; };
  if (act.error) add("error " + std::string(base::name_of(*act.error)));
  if (act.respond) add("respond " + std::to_string(act.respond->status));
  if (act.delay) add(describe(*act.delay));
  if (act.fault) add("fault " + std::string(base::name_of(*act.fault)));
  if (act.dribble) {
    add("dribble in " + std::to_string(act.dribble->chunks) + " pieces over " +
        std::to_string(act.dribble->over.count()) + " ms");
  }
  return text;
}

std::string describe(const Scenario& scenario, size_t rule) {
  const Rule& described = scenario.rules[rule];
  return name_of_rule(scenario, rule) + ": " + described.on.method + " " +
         base::redact_path(described.on.path) + ", " + describe(described.act);
}

}  // namespace scenario
