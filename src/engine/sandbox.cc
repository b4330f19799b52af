#include "engine/sandbox.h"

#include <utility>

#include "base/sha256.h"
#include "base/time_format.h"
#include "capgo/rights.h"

namespace engine {
namespace {

/// Derives the seed of a named sandbox. The default sandbox has the seed of the server.
uint64_t derive_seed(std::optional<uint64_t> seed, const std::string& name) {
  if (!seed) return base::random_seed();
  if (name.empty()) return *seed;
  std::string digits = base::sha256_hex(std::to_string(*seed) + "/" + name).substr(0, 16);
  return std::stoull(digits, nullptr, 16);
}

base::Clock initial_clock(const SandboxConfig& config) {
  base::Clock clock = config.clock;
  if (config.starts_at) clock.set(*config.starts_at);
  return clock;
}

scenario::ActiveScenarios initial_rules(const SandboxConfig& config, uint64_t seed) {
  scenario::ActiveScenarios rules(seed);
  for (const auto& scenario : config.scenarios) rules.add(scenario);
  return rules;
}

bool can_manage_keys(const contract::Contract& contract, const capgo::Snapshot& snapshot,
                     const capgo::ApiKey& key) {
  if (!contract.has_roles()) return key.mode == capgo::KeyMode::all && !key.is_limited();
  // Deriving the rights of many keys would delay the start. Other modes do not give this right.
  if (!key.rights && key.mode != capgo::KeyMode::all) return false;
  return capgo::allows(capgo::rights_of(key, snapshot.orgs, snapshot.apps), capgo::kManageKeys,
                       {}) &&
         capgo::find_hashed_only_org(key, snapshot.orgs, snapshot.apps) == nullptr;
}

}  // namespace

std::optional<std::string> SandboxConfig::make_user_token() const {
  if (!contract->has_roles()) return std::nullopt;
  constexpr base::Duration kTenYears{.months = 120};
  base::Time now = initial_clock(*this).now();
  return capgo::make_user_token(user, jwt_secret, now, base::add(now, kTenYears));
}

Sandbox::Sandbox(const SandboxConfig& its_config, RuleUsage& its_usage, std::string its_name,
                 std::unique_ptr<store::KeyStore> durable)
    : config(its_config),
      contract(*its_config.contract),
      name(std::move(its_name)),
      is_durable(durable != nullptr),
      usage(its_usage),
      keys(is_durable ? std::move(durable) : store::make_memory_store(its_config.fixtures)),
      clock(initial_clock(its_config)),
      seed(derive_seed(its_config.seed, name)),
      ids(seed),
      rules(initial_rules(its_config, seed)),
      journal(its_config.journal, its_config.journal_budget) {}

Sandbox::~Sandbox() { usage.record(rules); }

void Sandbox::reset() {
  if (is_durable) {
    keys->seed(config.fixtures->snapshot());
  } else {
    keys = store::make_memory_store(config.fixtures);
  }
  usage.record(rules);
  clock = initial_clock(config);
  seed = derive_seed(config.seed, name);
  ids = base::Ids(seed);
  windows = {};
  rules = initial_rules(config, seed);
  journal.restart();
}

void Sandbox::import(const capgo::Snapshot& snapshot) {
  keys->seed(snapshot);
  windows = {};
}

std::optional<std::string> pick_key(const contract::Contract& contract,
                                    const capgo::Snapshot& snapshot, base::Time now) {
  std::optional<std::string> picked;
  for (const capgo::ApiKey& key : snapshot.keys) {
    if (!key.key) continue;
    bool is_expired = key.expires_at && *key.expires_at < now;
    if (!is_expired && can_manage_keys(contract, snapshot, key)) return key.key;
    if (!picked && (contract.has_roles() || key.mode == capgo::KeyMode::all)) picked = key.key;
  }
  return picked;
}

std::string owner_of(const std::optional<std::string>& key, const capgo::Snapshot& snapshot,
                     const contract::Contract& contract) {
  for (const capgo::ApiKey& each : snapshot.keys) {
    if (key && each.key == key) return each.user_id;
  }
  return std::string(contract.default_user);
}

}  // namespace engine
