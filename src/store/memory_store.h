#pragma once

#include <memory>

#include "store/key_store.h"
#include "store/seed.h"

namespace store {

/// Creates a store in memory that starts with this seed; empty if null. The seed is shared and
/// never copied, so this takes the same time for any seed. To reset a store, create a new one.
std::unique_ptr<KeyStore> make_memory_store(std::shared_ptr<const Seed> seed = {});

}  // namespace store
