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
/// which clients remove from a path, and not a key, since names are not redacted.
bool is_name(std::string_view value);

/// What to write instead of an invalid name.
inline constexpr std::string_view kNameForm =
    "a name has 1 to 64 of the characters A-Z, a-z, 0-9, \".\", \"_\" and \"-\"; it must not be "
    "\".\", \"..\", a key or a token";

/// All sandboxes of a server: the default one and the named ones. From any thread; a deleted
/// sandbox lives as long as its users.
class Sandboxes {
 public:
  /// At most `max_named` sandboxes have a name. `durable` keeps the keys of the default sandbox;
  /// null for memory.
  Sandboxes(SandboxConfig config, std::unique_ptr<store::KeyStore> durable, size_t max_named)
      : config_(std::move(config)),
        max_named_(max_named),
        default_(config_, use_, "", std::move(durable)) {}

  const SandboxConfig& config() const { return config_; }
  size_t max() const { return max_named_; }

  /// The sandbox of paths that name none.
  Sandbox& default_sandbox() { return default_; }

  /// The sandbox of this name, created if it does not exist; null if the limit is reached.
  std::shared_ptr<Sandbox> find_or_create(std::string_view name);

  /// Creates one of this name; null if it exists or the limit is reached.
  std::shared_ptr<Sandbox> create(const std::string& name);

  /// Creates one with an unused name, `sandbox-1`; null if the limit is reached.
  std::shared_ptr<Sandbox> create_with_generated_name();

  /// Deletes it; returns whether it existed.
  bool remove(std::string_view name);

  /// The sandbox of this name; null if there is none.
  std::shared_ptr<Sandbox> find(std::string_view name) const;

  /// Those with a name, in the order of their names.
  std::vector<std::shared_ptr<Sandbox>> list() const;

  /// The rules of scenarios that have fired in no sandbox so far: see RuleUsage::unused.
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
