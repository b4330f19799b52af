#pragma once

#include <bit>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "store/forwarding_store.h"
#include "store/memory_store.h"
#include "store/seed.h"
#include "store/sqlite_store.h"
#include "store/temp_dir.h"

/// The stores to which the conformance tests apply.
namespace store_tests {

struct InMemory {
  std::unique_ptr<store::KeyStore> store = store::make_memory_store();
  void reopen() {}
};

/// A memory store that, after the keys 1, 2, 4, 8 and so on are added, is replaced by a new one
/// with its content as the seed. So it has both seeded and added rows.
class ReseededStore final : public ForwardingStore {
 public:
  ReseededStore() { stores_.push_back(store::make_memory_store()); }

  int64_t insert(const capgo::ApiKey& key) override {
    const int64_t id = target().insert(key);
    // The id of the next key follows the highest in the seed, which this one is if it is generated.
    if (key.id == 0 && std::has_single_bit(static_cast<uint64_t>(id))) {
      stores_.push_back(store::make_memory_store(store::make_seed(snapshot())));
    }
    return id;
  }

 private:
  store::KeyStore& target() const override { return *stores_.back(); }

  /// The last one is in use. The others keep the references from orgs() and apps() valid.
  std::vector<std::unique_ptr<store::KeyStore>> stores_;
};

struct InMemoryOverSeed {
  std::unique_ptr<store::KeyStore> store = std::make_unique<ReseededStore>();
  void reopen() {}
};

struct InSqlite {
  TempDir directory;
  std::unique_ptr<store::KeyStore> store = store::open_sqlite_store(directory.file("keys.db"));
  void reopen() {
    store.reset();
    store = store::open_sqlite_store(directory.file("keys.db"));
  }
};

inline std::vector<capgo::ApiKey> keys_of(const store::KeyStore& store, std::string_view user_id) {
  std::vector<capgo::ApiKey> keys;
  store.for_each_of_user(user_id, [&](const capgo::ApiKey& key) { keys.push_back(key); });
  return keys;
}

}  // namespace store_tests
