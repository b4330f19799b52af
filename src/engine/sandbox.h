#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/mutex.h"
#include "capgo/user_token.h"
#include "contract/contract.h"
#include "engine/rule_usage.h"
#include "journal/journal.h"
#include "scenario/active_scenarios.h"
#include "store/memory_store.h"

namespace engine {

/// The initial state of every sandbox, to which a reset returns. Does not change; from any thread.
struct SandboxConfig {
  const contract::Contract* contract;
  /// Keys, orgs and apps. Shared by all sandboxes, which store only their changes.
  std::shared_ptr<const store::Seed> fixtures;
  base::Clock clock = {};
  /// The time at which the clock starts in each sandbox; nothing for the time of `clock`.
  std::optional<base::Time> starts_at = std::nullopt;
  /// Nothing for secrets, ids and random numbers that differ after each reset.
  std::optional<uint64_t> seed = 0;
  /// In requests per key and minute; nothing if rate limits are off.
  std::optional<int64_t> rate_limit = std::nullopt;
  std::vector<std::shared_ptr<const scenario::Scenario>> scenarios = {};
  /// Scenarios that can be activated, or applied to a request, by name.
  std::vector<scenario::BuiltInScenario> built_in = {};
  /// The maximum number of requests in a journal.
  size_t journal = 1000;
  /// For the journals of all sandboxes.
  std::shared_ptr<journal::Budget> journal_budget = std::make_shared<journal::Budget>();
  /// Signs the tokens of users.
  std::string jwt_secret{capgo::kLocalSupabaseSecret};
  /// A key to start with: see pick_key.
  std::optional<std::string> key = std::nullopt;
  /// The owner of that key, or else the contract's default user.
  std::string user = {};

  /// Makes a token for `user`. It expires 10 years after the clock's start, so that tests may
  /// advance the clock. Nothing if the contract does not need it.
  std::optional<std::string> make_user_token() const;

  /// Loads the built-in scenario with this name; null if there is none.
  std::shared_ptr<const scenario::Scenario> load_built_in(std::string_view name) const {
    return scenario::load_built_in(built_in, name, contract->caller_check.rights);
  }
};

/// Isolated keys, clock, scenarios and journal.
class Sandbox {
 public:
  /// Uses the store `durable` as it is, or else the fixtures in memory. `name` is empty for the
  /// default sandbox. The same seed and name give the same secrets, ids and random numbers.
  /// `config` and `usage` must outlive the sandbox.
  Sandbox(const SandboxConfig& config, RuleUsage& usage, std::string name,
          std::unique_ptr<store::KeyStore> durable = nullptr);
  ~Sandbox();
  Sandbox(const Sandbox&) = delete;
  Sandbox& operator=(const Sandbox&) = delete;

  /// Restores the initial state: keys, ids, clock, scenarios and their counts, journal.
  /// May throw store::StoreError; then nothing has changed.
  void reset() REQUIRES(mutex);

  /// Replaces all keys, orgs and apps, and resets the rate limits. May throw store::StoreError;
  /// then nothing has changed.
  void import(const capgo::Snapshot& snapshot) REQUIRES(mutex);

  const SandboxConfig& config;
  const contract::Contract& contract;
  const std::string name;
  /// Whether the keys are still there after a restart.
  const bool is_durable;
  RuleUsage& usage;

  base::Mutex mutex;
  std::unique_ptr<store::KeyStore> keys GUARDED_BY(mutex);
  base::Clock clock GUARDED_BY(mutex);
  uint64_t seed GUARDED_BY(mutex);
  base::Ids ids GUARDED_BY(mutex);
  contract::RateWindows windows GUARDED_BY(mutex);
  scenario::ActiveScenarios rules GUARDED_BY(mutex);
  journal::Journal journal GUARDED_BY(mutex);
};

/// Returns the secret of the first key that has not expired and may manage keys: of mode `all` and
/// not limited, or with a role that allows it. Else that of the first key; if the contract has
/// modes, the first of mode `all`. Nothing if there is none with a plain secret.
std::optional<std::string> pick_key(const contract::Contract& contract,
                                    const capgo::Snapshot& snapshot, base::Time now);

/// Returns the user with this key; the contract's default user if there is no key.
std::string owner_of(const std::optional<std::string>& key, const capgo::Snapshot& snapshot,
                     const contract::Contract& contract);

}  // namespace engine
