#pragma once

#include <memory>

#include "store/key_store.h"

namespace store {

/// A store that lives as long as the process.
std::unique_ptr<KeyStore> make_memory_store();

}  // namespace store
