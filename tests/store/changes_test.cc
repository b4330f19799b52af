// How all stores update keys and remove expired ones.

#include <doctest/doctest.h>

#include <vector>

#include "store/model.h"
#include "store/storages.h"

namespace {

using namespace store_tests;
using capgo::ApiKey;
using capgo::Snapshot;
using std::chrono::microseconds;
using store::StoreError;

ApiKey expiring_at(std::optional<base::Time> time) {
  ApiKey key = make_key(std::nullopt);
  key.expires_at = time;
  return key;
}

std::vector<int64_t> ids_of(const store::KeyStore& store) {
  std::vector<int64_t> ids;
  for (const ApiKey& key : store.snapshot().keys) ids.push_back(key.id);
  return ids;
}

}  // namespace

TEST_CASE_TEMPLATE("an update of a missing key creates none, whatever its secret", Storage,
                   InMemory, InMemoryOverSeed, InSqlite) {
  Storage storage;
  CHECK_FALSE(storage.store->update(with_id(make_key("a"), 1)));
  CHECK(storage.store->is_untouched());
  storage.store->insert(make_key("a"));
  storage.store->insert(make_key("b"));
  storage.store->erase(2);
  const Snapshot before = storage.store->snapshot();
  for (const int64_t id : {2, 3, 0, -1}) {
    CHECK_FALSE(storage.store->update(with_id(make_key("a"), id)));
    CHECK_FALSE(storage.store->update(with_id(make_key("b"), id)));
  }
  CHECK(storage.store->snapshot() == before);
  CHECK(storage.store->find_by_secret("b") == std::nullopt);
  CHECK(storage.store->insert(make_key("c")) == 3);
}

TEST_CASE_TEMPLATE("keys that expired before a time are removed, and those that expire at it stay",
                   Storage, InMemory, InMemoryOverSeed, InSqlite) {
  Storage storage;
  storage.store->insert(expiring_at(kNoon - kTick));
  storage.store->insert(expiring_at(kNoon));
  storage.store->insert(expiring_at(kNoon + kTick));
  storage.store->insert(expiring_at(std::nullopt));
  storage.store->insert(expiring_at(kNoon - kTick));
  storage.store->erase_expired_before(kNoon - kTick);
  CHECK(ids_of(*storage.store) == std::vector<int64_t>{1, 2, 3, 4, 5});
  storage.store->erase_expired_before(kNoon);
  CHECK(ids_of(*storage.store) == std::vector<int64_t>{2, 3, 4});
  storage.reopen();
  CHECK(ids_of(*storage.store) == std::vector<int64_t>{2, 3, 4});
  storage.store->erase_expired_before(kNoon + kTick);
  CHECK(ids_of(*storage.store) == std::vector<int64_t>{3, 4});
  CHECK(keys_of(*storage.store, "user_123").size() == 2);
  storage.store->erase_expired_before(base::Time::max());
  CHECK(ids_of(*storage.store) == std::vector<int64_t>{4});
  CHECK(storage.store->insert(make_key("a")) == 6);
}

TEST_CASE_TEMPLATE("keys expire after a store was reopened or seeded", Storage, InMemory,
                   InMemoryOverSeed, InSqlite) {
  Storage storage;
  storage.store->insert(expiring_at(kNoon));
  storage.reopen();
  storage.store->erase_expired_before(kNoon + kTick);
  CHECK(ids_of(*storage.store).empty());
  storage.store->seed({{}, {}, {with_id(expiring_at(kNoon), 7), with_id(make_key("a"), 8)}});
  storage.store->erase_expired_before(kNoon);
  CHECK(ids_of(*storage.store) == std::vector<int64_t>{7, 8});
  storage.store->erase_expired_before(kNoon + kTick);
  CHECK(ids_of(*storage.store) == std::vector<int64_t>{8});
}

TEST_CASE_TEMPLATE("a rejected change does not change when a key expires", Storage, InMemory,
                   InMemoryOverSeed, InSqlite) {
  Storage storage;
  ApiKey key = make_key("a");
  key.expires_at = kNoon;
  storage.store->insert(make_key("b"));
  storage.store->insert(key);
  key.key = "b";
  key.expires_at = kNoon + kTick * 2;
  CHECK_THROWS_AS(storage.store->update(with_id(key, 2)), StoreError);
  storage.store->erase_expired_before(kNoon + kTick);
  CHECK(ids_of(*storage.store) == std::vector<int64_t>{1});
}

TEST_CASE_TEMPLATE("a key may bring its own id, and new ids follow the highest", Storage, InMemory,
                   InMemoryOverSeed, InSqlite) {
  Storage storage;
  storage.store->seed({{}, {}, {with_id(make_key("a"), 5), with_id(expiring_at(kNoon), 6)}});
  CHECK(storage.store->insert(with_id(make_key("b"), 3)) == 3);
  CHECK(storage.store->insert(with_id(make_key("c"), 9)) == 9);
  CHECK_THROWS_AS(storage.store->insert(with_id(make_key("d"), 5)), StoreError);
  CHECK_THROWS_AS(storage.store->insert(with_id(make_key("d"), 3)), StoreError);
  CHECK_THROWS_AS(storage.store->insert(with_id(make_key("a"), 4)), StoreError);
  storage.reopen();
  CHECK(storage.store->insert(make_key("d")) == 10);
  // The id of a key that was removed can be used again.
  storage.store->erase(5);
  storage.store->erase_expired_before(kNoon + kTick);
  CHECK(storage.store->insert(with_id(make_key("a"), 5)) == 5);
  CHECK(storage.store->insert(with_id(make_key("e"), 6)) == 6);
  storage.reopen();
  CHECK(ids_of(*storage.store) == std::vector<int64_t>{3, 5, 6, 9, 10});
  CHECK(storage.store->find_by_secret("a")->id == 5);
  CHECK(storage.store->erase(5));
  CHECK(storage.store->find_by_secret("a") == std::nullopt);
  CHECK(storage.store->insert(make_key("f")) == 11);
}

TEST_CASE_TEMPLATE("a key is found by the hash of its secret, plain or hashed", Storage, InMemory,
                   InMemoryOverSeed, InSqlite) {
  Storage storage;
  storage.store->seed({{}, {}, {with_id(make_key("a"), 1), with_id(make_hashed_key("b"), 2)}});
  storage.store->insert(make_hashed_key("c"));
  CHECK(storage.store->find_by_hash(base::sha256_hex("a"))->id == 1);
  CHECK(storage.store->find_by_hash(base::sha256_hex("b"))->id == 2);
  CHECK(storage.store->find_by_hash(base::sha256_hex("c"))->id == 3);
  CHECK(storage.store->find_by_hash("a") == std::nullopt);
}
