#pragma once

#include <memory>

#include "store/key_store.h"
#include "store/seed.h"

namespace store {

/// A store that lives as long as the process and begins with this seed; with nothing if there is
/// none. To make it costs the same whatever the seed holds, and a change costs by what it changes:
/// the seed is shared and never copied. To return to a seed, make a new store over it.
std::unique_ptr<KeyStore> make_memory_store(std::shared_ptr<const Seed> seed = {});

}  // namespace store
