#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/mutex.h"
#include "contract/contract.h"
#include "engine/rule_usage.h"
#include "journal/journal.h"
#include "scenario/active_scenarios.h"
#include "store/memory_store.h"

namespace engine {

/// What every sandbox of a server begins as, and goes back to. Never changes once the server has
/// started; from any thread then.
struct SandboxConfig {
  const contract::Contract* contract;
  /// Keys, orgs and apps; shared by all sandboxes, which keep only what they change.
  std::shared_ptr<const store::Seed> fixtures;
  base::Clock clock = {};
  /// Where a clock that goes on starts anew in each sandbox; nothing for the real time.
  std::optional<base::Time> starts_at = std::nullopt;
  uint64_t seed = 0;
  /// Requests a key may make a minute; nothing if rate limits are off.
  std::optional<int64_t> rate_limit = std::nullopt;
  std::vector<std::shared_ptr<const scenario::Scenario>> scenarios = {};
  /// How many requests a journal keeps.
  size_t journal = 1000;
  /// A key to begin with: see pick_key.
  std::optional<std::string> key = std::nullopt;
};

/// Keys, clock, scenarios and journal of their own: what it holds is seen and changed under its
/// lock only.
class Sandbox {
 public:
  /// A sandbox as it begins. Its keys are kept in `durable`, which holds what it holds already, or
  /// else in memory. `name` is empty for the one that plain paths are for; the same seed and name
  /// make the same keys, ids and draws. `config` and `use` must outlive it.
  Sandbox(const SandboxConfig& config, RuleUsage& use, std::string name,
          std::unique_ptr<store::KeyStore> durable = nullptr);
  ~Sandbox();
  Sandbox(const Sandbox&) = delete;
  Sandbox& operator=(const Sandbox&) = delete;

  /// Makes it what it was when it began: keys, ids, clock, scenarios and their counts, journal.
  /// May throw store::StoreError; nothing has changed then.
  void reset() REQUIRES(mutex);

  /// Makes these its keys, orgs and apps; nobody has made a request with them. May throw
  /// store::StoreError; nothing has changed then.
  void import(const capgo::Snapshot& snapshot) REQUIRES(mutex);

  const SandboxConfig& config;
  const contract::Contract& contract;
  const std::string name;
  /// Whether its keys outlive the process.
  const bool is_durable;
  const uint64_t seed;
  /// Told what the rules did before their counts are lost.
  RuleUsage& use;

  base::Mutex mutex;
  std::unique_ptr<store::KeyStore> keys GUARDED_BY(mutex);
  base::Clock clock GUARDED_BY(mutex);
  base::Ids ids GUARDED_BY(mutex);
  contract::RateWindows windows GUARDED_BY(mutex);
  scenario::ActiveScenarios rules GUARDED_BY(mutex);
  journal::Journal journal GUARDED_BY(mutex);
};

/// The key to begin with: the first of mode `all` that is neither expired nor limited, or else the
/// first of that mode; nothing if there is none with a plain secret.
std::optional<std::string> pick_key(const capgo::Snapshot& snapshot, base::Time now);

}  // namespace engine
