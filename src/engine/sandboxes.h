#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/mutex.h"
#include "engine/sandbox.h"

namespace engine {

/// Returns whether a sandbox or a scenario may have this name: 1 to 64 of `A-Za-z0-9._-`. Not "."
/// or "..", which clients remove from paths, and not a credential, because names are not redacted.
bool is_name(std::string_view value);

/// The form of a name, for error messages.
inline constexpr std::string_view kNameForm =
    "a name has 1 to 64 of the characters A-Z, a-z, 0-9, \".\", \"_\" and \"-\"; it must not be "
    "\".\", \"..\", a key or a token";

/// The default sandbox and the named ones. From any thread. A removed sandbox lives as long as its
/// users.
class Sandboxes {
 public:
  /// `max_named` is the maximum number of named sandboxes. `durable` is the store of the default
  /// sandbox; null for memory.
  Sandboxes(SandboxConfig config, std::unique_ptr<store::KeyStore> durable, size_t max_named)
      : config_(std::move(config)),
        max_named_(max_named),
        default_(config_, usage_, "", std::move(durable)) {}

  const SandboxConfig& config() const { return config_; }
  size_t max() const { return max_named_; }

  /// The sandbox of paths without `/sandbox/NAME`.
  Sandbox& default_sandbox() { return default_; }

  /// Returns the sandbox with this name, and creates it if needed; null if the limit is reached.
  std::shared_ptr<Sandbox> find_or_create(std::string_view name);

  /// Creates a sandbox with this name; null if it exists or the limit is reached.
  std::shared_ptr<Sandbox> create(const std::string& name);

  /// Creates a sandbox with an unused name, `sandbox-1`; null if the limit is reached.
  std::shared_ptr<Sandbox> create_with_generated_name();

  /// Removes a sandbox. Returns whether it existed.
  bool remove(std::string_view name);

  /// Returns the sandbox with this name; null if there is none.
  std::shared_ptr<Sandbox> find(std::string_view name) const;

  /// Returns the named sandboxes, sorted by name.
  std::vector<std::shared_ptr<Sandbox>> list() const;

  /// Returns the rules that have not fired in any sandbox: see RuleUsage::unused.
  std::vector<std::string> unused_rules();

 private:
  std::shared_ptr<Sandbox> add(const std::string& name) REQUIRES(mutex_);

  const SandboxConfig config_;
  const size_t max_named_;
  RuleUsage usage_;
  Sandbox default_;
  mutable base::Mutex mutex_;
  std::map<std::string, std::shared_ptr<Sandbox>, std::less<>> named_ GUARDED_BY(mutex_);
  size_t generated_names_ GUARDED_BY(mutex_) = 0;
};

}  // namespace engine
