#pragma once

#include <cstdint>
#include <cstdlib>

#include "base/ids.h"

namespace store_tests {

/// The seed of a random test: MOCK_CAPGO_TEST_SEED, to repeat a failure, or a new one.
inline uint64_t test_seed() {
  const char* const given = std::getenv("MOCK_CAPGO_TEST_SEED");
  return given != nullptr ? std::strtoull(given, nullptr, 10) : base::random_seed();
}

}  // namespace store_tests
