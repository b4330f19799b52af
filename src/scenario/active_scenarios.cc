#include "scenario/active_scenarios.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace scenario {
namespace {

auto has_name(std::string_view name) {
  return [name](const ActiveScenarios::Active& active) { return active.scenario->name == name; };
}

}  // namespace

void ActiveScenarios::add(std::shared_ptr<const Scenario> scenario) {
  size_t rules = scenario->rules.size();
  active_.push_back({std::move(scenario), std::vector<Count>(rules)});
}

bool ActiveScenarios::put(std::shared_ptr<const Scenario> scenario) {
  auto named = has_name(scenario->name);
  auto first = std::find_if(active_.begin(), active_.end(), named);
  if (first == active_.end()) {
    add(std::move(scenario));
    return true;
  }
  active_.erase(std::remove_if(first + 1, active_.end(), named), active_.end());
  first->counts.assign(scenario->rules.size(), {});
  first->scenario = std::move(scenario);
  return false;
}

bool ActiveScenarios::remove(std::string_view name) {
  return std::erase_if(active_, has_name(name)) > 0;
}

bool ActiveScenarios::has_response_for(std::string_view path) const {
  return std::any_of(active_.begin(), active_.end(), [&](const Active& active) {
    const std::vector<Rule>& rules = active.scenario->rules;
    return std::any_of(rules.begin(), rules.end(), [&](const Rule& rule) {
      return rule.effect.respond && http::match_path(rule.on.path, path);
    });
  });
}

std::optional<Decision> ActiveScenarios::decide(MatchInput& input) {
  for (Active& active : active_) {
    if (auto decision = decide(*active.scenario, active.counts, input)) return decision;
  }
  return std::nullopt;
}

std::optional<Decision> ActiveScenarios::decide_once(const Scenario& scenario, MatchInput& input) {
  std::vector<Count> counts(scenario.rules.size());
  return decide(scenario, counts, input);
}

std::optional<Decision> ActiveScenarios::decide(const Scenario& scenario,
                                                std::vector<Count>& counts, MatchInput& input) {
  for (size_t i = 0; i < counts.size(); ++i) {
    const Rule& rule = scenario.rules[i];
    Count& count = counts[i];
    if (rule.times && count.fired >= *rule.times) continue;
    if (!matches(rule.on, input) || !should_fire(rule, count)) continue;
    Decision decision{&rule, {}, rule_name(scenario, i)};
    if (rule.effect.delay) decision.delay = sample(*rule.effect.delay);
    return decision;
  }
  return std::nullopt;
}

bool ActiveScenarios::should_fire(const Rule& rule, Count& count) {
  ++count.matched;
  int64_t after_skipped = count.matched - rule.skip;
  if (after_skipped <= 0 || after_skipped % rule.every != 0) return false;
  if (rule.probability < 1 && random_.fraction() >= rule.probability) return false;
  ++count.fired;
  return true;
}

std::chrono::milliseconds ActiveScenarios::sample(const Delay& delay) {
  double milliseconds = delay.first;
  if (delay.type == Delay::Type::uniform) {
    milliseconds += random_.fraction() * (delay.second - delay.first);
  } else if (delay.type == Delay::Type::lognormal) {
    // The Box-Muller transform: the standard library's distribution differs between platforms.
    double radius = std::sqrt(-2 * std::log(1 - random_.fraction()));
    double normal = radius * std::cos(2 * std::numbers::pi * random_.fraction());
    milliseconds *= std::exp(delay.second * normal);
  }
  constexpr double kMaxLength = 600'000;
  return std::chrono::milliseconds{std::llround(std::clamp(milliseconds, 0.0, kMaxLength))};
}

}  // namespace scenario
