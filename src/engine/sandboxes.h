#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/mutex.h"
#include "engine/sandbox.h"

namespace engine {

/// Whether a sandbox or a scenario may have this name: 1 to 64 of `A-Za-z0-9._-`. Not `.` or `..`,
/// which clients take out of a path, and no key, for names are shown everywhere.
bool is_name(std::string_view value);

/// What to write instead of a name that is none.
inline constexpr std::string_view kNameForm =
    "a name has 1 to 64 characters of A-Z, a-z, 0-9, \".\", \"_\" and \"-\"; it is not \".\" or "
    "\"..\", and no key or token";

/// All worlds of a server: the plain one, and those with a name. From any thread; a sandbox that is
/// dropped lives on for whoever has it.
class Sandboxes {
 public:
  /// There may be `most` with a name. `durable` is where the plain one's keys are kept; null for
  /// memory.
  Sandboxes(SandboxConfig config, std::unique_ptr<store::KeyStore> durable, size_t max_named)
      : config_(std::move(config)),
        max_named_(max_named),
        default_(config_, use_, "", std::move(durable)) {}

  const SandboxConfig& config() const { return config_; }
  size_t max() const { return max_named_; }

  /// The world of paths that name none.
  Sandbox& default_sandbox() { return default_; }

  /// The sandbox of this name, which is made if there is none; null if there may be no more.
  std::shared_ptr<Sandbox> find_or_create(std::string_view name);

  /// Makes one of this name; null if there may be no more, or there is one.
  std::shared_ptr<Sandbox> create(const std::string& name);

  /// Makes one of a name that no other has: `sandbox-1`; null if there may be no more.
  std::shared_ptr<Sandbox> create_with_generated_name();

  /// Whether there was one to drop.
  bool remove(std::string_view name);

  /// The sandbox of this name; null if there is none.
  std::shared_ptr<Sandbox> find(std::string_view name) const;

  /// Those with a name, in the order of their names.
  std::vector<std::shared_ptr<Sandbox>> list() const;

  /// The rules of scenarios that have fired in no sandbox up to now: see RuleUsage::dead.
  std::vector<std::string> unused_rules();

 private:
  std::shared_ptr<Sandbox> add(const std::string& name) REQUIRES(mutex_);

  const SandboxConfig config_;
  const size_t max_named_;
  RuleUsage use_;
  Sandbox default_;
  mutable base::Mutex mutex_;
  std::map<std::string, std::shared_ptr<Sandbox>, std::less<>> named_ GUARDED_BY(mutex_);
  size_t generated_names_ GUARDED_BY(mutex_) = 0;
};

}  // namespace engine
