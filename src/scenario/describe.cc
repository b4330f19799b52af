#include <algorithm>

#include "base/ascii.h"
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

std::string describe(const Target& target) {
  if (target.place == Target::Place::literal) return target.name;
  return std::string(base::name_of(target.place)) + "." + target.name +
         (target.is_optional ? "?" : "");
}

/// `requires a key of mode write or all, app body.app_id`, `requires a key with app.read or
/// org.read, org query.org_id?`
std::string describe(const Requirement& requirement) {
  std::string text = "requires a key";
  std::string_view separator = " of mode ";
  for (capgo::KeyMode mode : requirement.modes) {
    text.append(separator).append(base::name_of(mode));
    separator = " or ";
  }
  if (!requirement.permissions.empty()) separator = " with ";
  for (const std::string& permission : requirement.permissions) {
    text.append(separator).append(permission);
    separator = " or ";
  }
  if (requirement.app) text += ", app " + describe(*requirement.app);
  if (requirement.org) text += ", org " + describe(*requirement.org);
  if (requirement.channel) text += ", channel " + describe(*requirement.channel);
  return text;
}

}  // namespace

std::string built_in_spelling(std::string_view name) {
  std::string spelling = base::lower(name);
  std::replace(spelling.begin(), spelling.end(), '_', '-');
  return spelling;
}

std::string rule_name(const Scenario& scenario, size_t rule) {
  return scenario.name + ", rule " + std::to_string(rule + 1);
}

std::string describe(const Effect& effect) {
  std::string text;
  auto add = [&](const std::string& what) { text += (text.empty() ? "" : ", ") + what; };
  if (effect.error) add("error " + std::string(base::name_of(*effect.error)));
  if (effect.requirement) add(describe(*effect.requirement));
  if (effect.respond) add("respond " + std::to_string(effect.respond->status));
  if (effect.delay) add(describe(*effect.delay));
  if (effect.fault) add("fault " + std::string(base::name_of(*effect.fault)));
  if (effect.dribble) {
    add("dribble in " + std::to_string(effect.dribble->chunks) + " pieces over " +
        std::to_string(effect.dribble->over.count()) + " ms");
  }
  return text;
}

std::string describe(const Scenario& scenario, size_t rule) {
  const Rule& described = scenario.rules[rule];
  return rule_name(scenario, rule) + ": " + described.on.method + " " +
         base::redact_path(described.on.path) + ", " + describe(described.effect);
}

}  // namespace scenario
