#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "scenario/scenario.h"

namespace scenario {

/// A request as rules see it.
struct Asked {
  const http::Request& request;
  /// GET for a HEAD request: what is meant for the one is meant for the other.
  std::string_view method;
  /// The path without the base path.
  std::string_view path;
  /// The caller's secret, as the contract finds it among the headers.
  std::optional<std::string> secret;
  /// The mode of the caller's key; asked for only if a rule wants to know.
  std::function<std::optional<capgo::KeyMode>()> caller_mode;
};

/// The rule that acts on a request.
struct Decision {
  const Act* act = nullptr;
  /// How long the answer is to be held back; drawn if the rule's delay is random.
  std::chrono::milliseconds delay{0};
  /// `flaky-create, rule 1`.
  std::string source;
};

/// The scenarios in force, with how often each rule has matched and acted.
/// Not thread-safe: guarded by the lock of the sandbox that owns it, so that checking a count and
/// counting are one step.
class Rulebook {
 public:
  /// `seed` is for the rules' probabilities and random delays.
  explicit Rulebook(uint64_t seed) : random_(seed) {}

  /// Adds a scenario after those in force.
  void add(Scenario scenario);

  bool empty() const { return active_.empty(); }

  /// Finds the first rule that matches and is not used up, and counts that it acts. The decision
  /// is valid until the rulebook changes.
  std::optional<Decision> decide(const Asked& asked);

 private:
  struct Count {
    int64_t matched = 0;
    int64_t acted = 0;
  };
  struct Active {
    Scenario scenario;
    std::vector<Count> counts;
  };

  bool takes_its_turn(const Rule& rule, Count& count);
  std::chrono::milliseconds draw(const Delay& delay);

  std::vector<Active> active_;
  base::Random random_;
};

/// Whether `value` has all that `pattern` has: members of objects by name, everything else alike.
bool is_subset(const json::Value& pattern, const json::Value& value);

}  // namespace scenario
