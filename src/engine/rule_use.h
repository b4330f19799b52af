#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "scenario/rulebook.h"

namespace engine {

/// What could be dead of a scenario in force, and whether it has acted there: a rule, or the whole
/// of a scenario that comes with the program.
struct Use {
  /// What tells it from others, in the order of scenarios and their rules.
  std::string identity;
  /// `flaky-create, rule 2: DELETE /apikey/:id/, error key_not_found`.
  std::string description;
  bool has_acted = false;
};

/// The uses of one scenario.
std::vector<Use> uses_of(const scenario::Rulebook::Active& active);

/// Which rules of scenarios have acted since the server started, in whichever sandbox: a rule that
/// never has is one that its author is mistaken about. From any thread.
class RuleUse {
 public:
  /// Takes note of what the rules of a sandbox did, before their counts are lost or at the end.
  void note(const scenario::Rulebook& rules);

  /// The descriptions of the rules noted that never acted.
  std::vector<std::string> dead() const;

 private:
  mutable base::Mutex mutex_;
  /// By identity. No more than so many, so that a server whose scenarios change all the time does
  /// not grow.
  std::map<std::string, Use> uses_ GUARDED_BY(mutex_);
};

}  // namespace engine
