#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "scenario/active_scenarios.h"

namespace engine {

/// What could be dead of a scenario in force, and whether it has fired there: a rule, or the whole
/// of a scenario that comes with the program.
struct Usage {
  /// What tells it from others, in the order of scenarios and their rules.
  std::string identity;
  /// `flaky-create, rule 2: DELETE /apikey/:id/, error key_not_found`.
  std::string description;
  bool has_fired = false;
};

/// The uses of one scenario.
std::vector<Usage> usages_of(const scenario::ActiveScenarios::Active& active);

/// Which rules of scenarios have fired since the server started, in whichever sandbox: a rule that
/// never has is one that its author is mistaken about. From any thread.
class RuleUsage {
 public:
  /// Takes note of what the rules of a sandbox did, before their counts are lost or at the end.
  void record(const scenario::ActiveScenarios& rules);

  /// The descriptions of the rules noted that never fired.
  std::vector<std::string> unused() const;

 private:
  mutable base::Mutex mutex_;
  /// By identity. No more than so many, so that a server whose scenarios change all the time does
  /// not grow.
  std::map<std::string, Usage> usages_ GUARDED_BY(mutex_);
};

}  // namespace engine
