#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "scenario/active_scenarios.h"

namespace engine {

/// A rule of an active scenario, or a built-in scenario as a whole, and whether it has fired.
struct Usage {
  /// Unique; sorts by scenario and rule.
  std::string identity;
  /// `flaky-create, rule 2: DELETE /apikey/:id/, error key_not_found`.
  std::string description;
  bool has_fired = false;
};

std::vector<Usage> usages_of(const scenario::ActiveScenarios::Active& active);

/// Which rules of scenarios have fired since the server started, in any sandbox. A rule that never
/// fires is usually a mistake. From any thread.
class RuleUsage {
 public:
  /// Records which rules of a sandbox have fired. Call it before their counts are reset.
  void record(const scenario::ActiveScenarios& rules);

  /// Returns the descriptions of the recorded rules that never fired.
  std::vector<std::string> unused() const;

 private:
  mutable base::Mutex mutex_;
  /// By identity. Limited, so that memory does not grow when scenarios change all the time.
  std::map<std::string, Usage> usages_ GUARDED_BY(mutex_);
};

}  // namespace engine
