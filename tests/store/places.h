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

/// The stores that must all do alike, each in a place of its own.
namespace store_tests {

struct InMemory {
  std::unique_ptr<store::KeyStore> store = store::make_memory_store();
  void reopen() {}
};

/// A memory store whose keys become the rows of a new seed, under another memory store, whenever
/// one is added with the id 1, 2, 4, 8 and so on: what follows meets rows of a seed and own ones.
class ReseededStore final : public ForwardingStore {
 public:
  ReseededStore() { stores_.push_back(store::make_memory_store()); }

  int64_t insert(const capgo::ApiKey& key) override {
    const int64_t id = now().insert(key);
    if (std::has_single_bit(static_cast<uint64_t>(id))) {
      stores_.push_back(store::make_memory_store(store::make_seed(snapshot())));
    }
    return id;
  }

 private:
  store::KeyStore& now() const override { return *stores_.back(); }

  /// The last is in use. The others are kept, as the references that orgs() and apps() gave are
  /// to hold.
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
