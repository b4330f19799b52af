#include "engine/rule_use.h"

#include <algorithm>

#include "base/sha256.h"

namespace engine {

std::vector<Use> uses_of(const scenario::Rulebook::Active& active) {
  auto has_acted = [](const auto& count) { return count.acted > 0; };
  const scenario::Scenario& scenario = *active.scenario;
  if (scenario.is_shipped) {
    bool any = std::any_of(active.counts.begin(), active.counts.end(), has_acted);
    return {{scenario.name, scenario.name + ", any rule", any}};
  }
  std::vector<Use> uses;
  for (size_t i = 0; i < active.counts.size(); ++i) {
    std::string place = std::to_string(i);
    place.insert(0, 6 - std::min<size_t>(place.size(), 6), '0');
    uses.push_back({scenario.name + "\n" + place + base::sha256_hex(scenario.rules[i].written),
                    scenario::describe(scenario, i), has_acted(active.counts[i])});
  }
  return uses;
}

void RuleUse::note(const scenario::Rulebook& rules) {
  constexpr size_t kMost = 10'000;
  for (const auto& active : rules.active()) {
    for (Use& use : uses_of(active)) {
      base::MutexLock lock(mutex_);
      auto known = uses_.find(use.identity);
      if (known != uses_.end()) {
        known->second.has_acted |= use.has_acted;
      } else if (uses_.size() < kMost) {
        std::string identity = use.identity;
        uses_.emplace(std::move(identity), std::move(use));
      }
    }
  }
}

std::vector<std::string> RuleUse::dead() const {
  base::MutexLock lock(mutex_);
  std::vector<std::string> rules;
  for (const auto& [identity, use] : uses_) {
    if (!use.has_acted) rules.push_back(use.description);
  }
  return rules;
}

}  // namespace engine
