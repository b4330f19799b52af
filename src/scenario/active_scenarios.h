#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "scenario/match.h"
#include "scenario/scenario.h"

namespace scenario {

/// The rule that fires for a request.
struct Decision {
  const Rule* rule = nullptr;
  /// The delay of the response; a sample if the rule's delay is random.
  std::chrono::milliseconds delay{0};
  /// `flaky-create, rule 1`.
  std::string source;
};

/// The active scenarios of a sandbox, and how often each rule has matched and fired.
/// Not thread-safe: guarded by the lock of the sandbox that owns it, so that a count is checked and
/// incremented in one step.
class ActiveScenarios {
 public:
  /// The counts of a rule. A request counts as matched only if no earlier rule fired and the rule
  /// has not reached its `times`.
  struct Count {
    int64_t matched = 0;
    int64_t fired = 0;
  };
  /// An active scenario, and the counts of its rules in order. The scenario may be shared.
  struct Active {
    std::shared_ptr<const Scenario> scenario;
    std::vector<Count> counts;
  };

  /// `seed` is for the rules' probabilities and random delays.
  explicit ActiveScenarios(uint64_t seed) : random_(seed) {}

  /// Adds a scenario at the end, even if another one has its name.
  void add(std::shared_ptr<const Scenario> scenario);

  /// Replaces the first scenario with the same name, resets the counts, and removes all others with
  /// that name; if there is none, adds it at the end. Returns whether it was added.
  bool put(std::shared_ptr<const Scenario> scenario);

  /// Removes all scenarios with this name. Returns whether there were any.
  bool remove(std::string_view name);

  /// Removes all scenarios.
  void clear() { active_.clear(); }

  bool empty() const { return active_.empty(); }

  /// The active scenarios in the order of evaluation. Valid until a scenario is added or removed.
  std::span<const Active> active() const { return active_; }

  /// Returns whether a rule with a literal response matches this path, whatever else it matches.
  bool has_response_for(std::string_view path) const;

  /// Finds the first rule that matches and is due, and counts it as fired. The decision is valid
  /// until a scenario is added or removed.
  std::optional<Decision> decide(MatchInput& input);

  /// The same for this scenario instead of the active ones, as if it had just been added. The
  /// decision is valid as long as the scenario.
  std::optional<Decision> decide_once(const Scenario& scenario, MatchInput& input);

 private:
  std::optional<Decision> decide(const Scenario& scenario, std::vector<Count>& counts,
                                 MatchInput& input);
  bool should_fire(const Rule& rule, Count& count);
  std::chrono::milliseconds sample(const Delay& delay);

  std::vector<Active> active_;
  base::Random random_;
};

}  // namespace scenario
