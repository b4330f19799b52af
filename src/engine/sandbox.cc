#include "engine/sandbox.h"

#include <utility>

#include "base/sha256.h"

namespace engine {
namespace {

/// The seed of a sandbox: the server's for the plain one; of the others each has its own, whatever
/// others there are and whichever came first.
uint64_t seed_of(uint64_t seed, const std::string& name) {
  if (name.empty()) return seed;
  constexpr size_t kDigits = 16;
  constexpr int kHexadecimal = 16;
  std::string digits = base::sha256_hex(std::to_string(seed) + "/" + name).substr(0, kDigits);
  return std::stoull(digits, nullptr, kHexadecimal);
}

base::Clock clock_of(const SandboxConfig& config) {
  base::Clock clock = config.clock;
  if (config.starts_at) clock.set(*config.starts_at);
  return clock;
}

scenario::ActiveScenarios rules_of(const SandboxConfig& config, uint64_t seed) {
  scenario::ActiveScenarios rules(seed);
  for (const auto& scenario : config.scenarios) rules.add(scenario);
  return rules;
}

}  // namespace

Sandbox::Sandbox(const SandboxConfig& its_config, RuleUsage& rule_use, std::string its_name,
                 std::unique_ptr<store::KeyStore> durable)
    : config(its_config),
      contract(*its_config.contract),
      name(std::move(its_name)),
      is_durable(durable != nullptr),
      seed(seed_of(its_config.seed, name)),
      use(rule_use),
      keys(is_durable ? std::move(durable) : store::make_memory_store(its_config.fixtures)),
      clock(clock_of(its_config)),
      ids(seed),
      rules(rules_of(its_config, seed)),
      journal(its_config.journal) {}

Sandbox::~Sandbox() { use.record(rules); }

void Sandbox::reset() {
  if (is_durable) {
    keys->seed(config.fixtures->snapshot());
  } else {
    keys = store::make_memory_store(config.fixtures);
  }
  use.record(rules);
  clock = clock_of(config);
  ids = base::Ids(seed);
  windows = {};
  rules = rules_of(config, seed);
  journal.restart();
}

void Sandbox::import(const capgo::Snapshot& snapshot) {
  keys->seed(snapshot);
  windows = {};
}

std::optional<std::string> pick_key(const capgo::Snapshot& snapshot, base::Time now) {
  std::optional<std::string> picked;
  for (const capgo::ApiKey& key : snapshot.keys) {
    if (key.mode != capgo::KeyMode::all || !key.key) continue;
    bool is_valid = !key.is_limited() && (!key.expires_at || *key.expires_at >= now);
    if (is_valid) return key.key;
    if (!picked) picked = key.key;
  }
  return picked;
}

}  // namespace engine
