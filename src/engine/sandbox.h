#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "base/clock.h"
#include "base/ids.h"
#include "base/mutex.h"
#include "contract/contract.h"
#include "scenario/rulebook.h"
#include "store/key_store.h"

namespace engine {

/// A world of its own: what it holds is seen and changed under its lock only.
struct Sandbox {
  /// Takes over the store. The same seed makes the same keys and draws.
  Sandbox(const contract::Contract& spoken, std::unique_ptr<store::KeyStore> store,
          base::Clock time, uint64_t seed, std::optional<int64_t> requests_a_minute)
      : contract(spoken),
        rate_limit(requests_a_minute),
        keys(std::move(store)),
        clock(time),
        ids(seed),
        rules(seed) {}

  const contract::Contract& contract;
  /// How many requests a key may make a minute; nothing if nobody counts.
  const std::optional<int64_t> rate_limit;
  base::Mutex mutex;
  std::unique_ptr<store::KeyStore> keys GUARDED_BY(mutex);
  base::Clock clock GUARDED_BY(mutex);
  base::Ids ids GUARDED_BY(mutex);
  contract::RateWindows windows GUARDED_BY(mutex);
  scenario::Rulebook rules GUARDED_BY(mutex);
};

}  // namespace engine
