#include "engine/rule_usage.h"

#include <algorithm>

#include "base/sha256.h"

namespace engine {

std::vector<Usage> usages_of(const scenario::ActiveScenarios::Active& active) {
  auto has_fired = [](const auto& count) { return count.fired > 0; };
  const scenario::Scenario& scenario = *active.scenario;
  if (scenario.is_built_in) {
    bool any = std::any_of(active.counts.begin(), active.counts.end(), has_fired);
    return {{scenario.name, scenario.name + ", any rule", any}};
  }
  std::vector<Usage> uses;
  for (size_t i = 0; i < active.counts.size(); ++i) {
    std::string place = std::to_string(i);
    place.insert(0, 6 - std::min<size_t>(place.size(), 6), '0');
    uses.push_back({scenario.name + "\n" + place + base::sha256_hex(scenario.rules[i].written),
                    scenario::describe(scenario, i), has_fired(active.counts[i])});
  }
  return uses;
}

void RuleUsage::record(const scenario::ActiveScenarios& rules) {
  constexpr size_t kMaxUsages = 10'000;
  for (const auto& active : rules.active()) {
    for (Usage& use : usages_of(active)) {
      base::MutexLock lock(mutex_);
      auto known = usages_.find(use.identity);
      if (known != usages_.end()) {
        known->second.has_fired |= use.has_fired;
      } else if (usages_.size() < kMaxUsages) {
        std::string identity = use.identity;
        usages_.emplace(std::move(identity), std::move(use));
      }
    }
  }
}

std::vector<std::string> RuleUsage::unused() const {
  base::MutexLock lock(mutex_);
  std::vector<std::string> rules;
  for (const auto& [identity, use] : usages_) {
    if (!use.has_fired) rules.push_back(use.description);
  }
  return rules;
}

}  // namespace engine
