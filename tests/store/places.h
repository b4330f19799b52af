#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "store/memory_store.h"
#include "store/sqlite_store.h"
#include "store/temp_dir.h"

/// The stores that must all do alike, each in a place of its own.
namespace store_tests {

struct InMemory {
  std::unique_ptr<store::KeyStore> store = store::make_memory_store();
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
