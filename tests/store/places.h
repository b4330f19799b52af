#pragma once

#include <bit>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

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
class ReseededStore final : public store::KeyStore {
 public:
  ReseededStore() { stores_.push_back(store::make_memory_store()); }

  std::optional<capgo::ApiKey> find_by_secret(std::string_view secret) const override {
    return now().find_by_secret(secret);
  }
  std::optional<capgo::ApiKey> find_by_id(int64_t id) const override {
    return now().find_by_id(id);
  }
  void for_each_of_user(std::string_view user_id,
                        const std::function<void(const capgo::ApiKey&)>& visit) const override {
    now().for_each_of_user(user_id, visit);
  }
  int64_t insert(const capgo::ApiKey& key) override {
    const int64_t id = now().insert(key);
    if (std::has_single_bit(static_cast<uint64_t>(id))) {
      stores_.push_back(store::make_memory_store(store::make_seed(snapshot())));
    }
    return id;
  }
  bool update(const capgo::ApiKey& key) override { return now().update(key); }
  bool erase(int64_t id) override { return now().erase(id); }
  void erase_expired_before(base::Time moment) override { now().erase_expired_before(moment); }
  const std::vector<capgo::Org>& orgs() const override { return now().orgs(); }
  const std::vector<capgo::App>& apps() const override { return now().apps(); }
  bool is_untouched() const override { return now().is_untouched(); }
  void seed(const capgo::Snapshot& snapshot) override { now().seed(snapshot); }
  capgo::Snapshot snapshot() const override { return now().snapshot(); }

 private:
  store::KeyStore& now() const { return *stores_.back(); }

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
