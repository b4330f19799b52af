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
  std::vector<Usage> usages;
  for (size_t i = 0; i < active.counts.size(); ++i) {
    std::string index = std::to_string(i);
    index.insert(0, 6 - std::min<size_t>(index.size(), 6), '0');
    usages.push_back({scenario.name + "\n" + index + base::sha256_hex(scenario.rules[i].written),
                      scenario::describe(scenario, i), has_fired(active.counts[i])});
  }
  return usages;
}

void RuleUsage::record(const scenario::ActiveScenarios& rules) {
  constexpr size_t kMaxUsages = 10'000;
  for (const auto& active : rules.active()) {
    for (Usage& usage : usages_of(active)) {
      base::MutexLock lock(mutex_);
      auto known = usages_.find(usage.identity);
      if (known != usages_.end()) {
        known->second.has_fired |= usage.has_fired;
      } else if (usages_.size() < kMaxUsages) {
        std::string identity = usage.identity;
        usages_.emplace(std::move(identity), std::move(usage));
      }
    }
  }
}

std::vector<std::string> RuleUsage::unused() const {
  base::MutexLock lock(mutex_);
  std::vector<std::string> rules;
  for (const auto& [identity, usage] : usages_) {
    if (!usage.has_fired) rules.push_back(usage.description);
  }
  return rules;
}

}  // namespace engine
