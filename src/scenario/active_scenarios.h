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

/// The rule that acts on a request.
struct Decision {
  const Effect* effect = nullptr;
  /// How long the answer is to be held back; drawn if the rule's delay is random.
  std::chrono::milliseconds delay{0};
  /// `flaky-create, rule 1`.
  std::string source;
};

/// The scenarios in force, with how often each rule has matched and fired. Scenarios may be shared
/// with other rulebooks; the counts are this one's own.
/// Not thread-safe: guarded by the lock of the sandbox that owns it, so that checking a count and
/// counting are one step.
class ActiveScenarios {
 public:
  /// How often a rule was asked for a request it matches and was not used up, and how often it then
  /// fired.
  struct Count {
    int64_t matched = 0;
    int64_t fired = 0;
  };
  /// A scenario in force, and the counts of its rules, in their order.
  struct Active {
    std::shared_ptr<const Scenario> scenario;
    std::vector<Count> counts;
  };

  /// `seed` is for the rules' probabilities and random delays.
  explicit ActiveScenarios(uint64_t seed) : random_(seed) {}

  /// Adds a scenario after those in force, be there one of its name or not.
  void add(std::shared_ptr<const Scenario> scenario);

  /// Puts a scenario in the place of the first one of its name, with counts of zero, and removes
  /// all others of that name; if there is none, adds it at the end. Returns whether it was new.
  bool put(std::shared_ptr<const Scenario> scenario);

  /// Removes all scenarios of this name. Returns whether there were any.
  bool remove(std::string_view name);

  /// Removes all scenarios.
  void clear() { active_.clear(); }

  bool empty() const { return active_.empty(); }

  /// The scenarios in force, in the order they are tried. Valid until the rulebook changes; the
  /// counts in it go on.
  std::span<const Active> active() const { return active_; }

  /// Finds the first rule that matches and is not used up, and counts that it acts. The decision
  /// is valid until the rulebook changes.
  std::optional<Decision> decide(MatchInput& input);

 private:
  bool should_fire(const Rule& rule, Count& count);
  std::chrono::milliseconds sample(const Delay& delay);

  std::vector<Active> active_;
  base::Random random_;
};

}  // namespace scenario
