// The behavior of all stores: random operations against a model.

#include <doctest/doctest.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "store/model.h"
#include "store/storages.h"
#include "store/test_seed.h"

namespace {

using namespace store_tests;
using capgo::ApiKey;
using capgo::Snapshot;
using store::KeyStore;
using store::StoreError;

/// An id that was used, or one of the next two.
int64_t some_id(const Model& model, Rows& rows) {
  return static_cast<int64_t>(rows.below(static_cast<size_t>(model.last_id) + 3));
}

/// Another key with the secret of an existing one; nothing if the secret is not in use.
std::optional<ApiKey> duplicate_of_some_key(const Model& model, Rows& rows) {
  const std::string secret = rows.some_secret();
  const std::optional<ApiKey> first = model.find_by_secret(secret);
  if (!first) return std::nullopt;
  ApiKey key = with_id(rows.key(), first->id);
  rows.set_secret(key, secret);
  return key;
}

/// Checks that a store rejects two keys with the same id or secret.
void check_rejections(KeyStore& store, const Model& model, Rows& rows) {
  Snapshot duplicate = rows.snapshot();
  ApiKey first = with_id(rows.key(), 7);
  ApiKey second = with_id(rows.key(), 7);
  duplicate.keys = {first, second};
  CHECK_THROWS_AS(store.seed(duplicate), StoreError);
  const std::string secret = rows.new_secret();
  second.id = 8;
  for (ApiKey* key : {&first, &second}) rows.set_secret(*key, secret);
  duplicate.keys = {first, second};
  CHECK_THROWS_AS(store.seed(duplicate), StoreError);
  if (const std::optional<ApiKey> key = duplicate_of_some_key(model, rows)) {
    CHECK_THROWS_AS(store.insert(*key), StoreError);
    const int64_t other = some_id(model, rows);
    const ApiKey changed = with_id(*key, other);
    if (model.keys.contains(other) && other != key->id) {
      CHECK_THROWS_AS(store.update(changed), StoreError);
    }
  }
  CHECK(store.snapshot() == model.snapshot());
}

/// A key to update, with a new secret or its own.
ApiKey changed_key(const Model& model, Rows& rows) {
  const std::optional<ApiKey> same = duplicate_of_some_key(model, rows);
  return same && rows.below(2) == 0 ? *same : with_id(rows.key(), some_id(model, rows));
}

/// The time at which some key expires, or any time.
base::Time some_expiry(const Model& model, Rows& rows) {
  const std::optional<ApiKey> key = model.find_by_id(some_id(model, rows));
  return key && key->expires_at ? *key->expires_at : rows.time();
}

/// Makes a random change to a key in both the store and the model.
void change_key(KeyStore& store, Model& model, Rows& rows) {
  const size_t choice = rows.below(100);
  if (choice < 25) {
    const int64_t id = some_id(model, rows);
    CHECK(store.erase(id) == (model.keys.erase(id) == 1));
  } else if (choice < 45) {
    const ApiKey key = changed_key(model, rows);
    CHECK(store.update(key) == model.update(key));
  } else if (choice < 50) {
    const base::Time time = some_expiry(model, rows);
    store.erase_expired_before(time);
    model.erase_expired_before(time);
  } else if (choice < 60) {
    const int64_t id = some_id(model, rows);
    const ApiKey key = with_id(rows.key(), id);
    if (id == 0) return;
    if (model.keys.contains(id)) {
      CHECK_THROWS_AS(store.insert(key), StoreError);
      return;
    }
    CHECK(store.insert(key) == id);
    model.last_id = std::max(model.last_id, id);
    model.keys[id] = key;
    model.is_untouched = false;
  } else {
    const ApiKey key = with_id(rows.key(), 0);
    CHECK(store.insert(key) == ++model.last_id);
    model.keys[model.last_id] = with_id(key, model.last_id);
    model.is_untouched = false;
  }
}

/// Changes a key, or sometimes seeds, both the store and the model.
void change(KeyStore& store, Model& model, Rows& rows) {
  if (rows.below(50) != 0) {
    change_key(store, model, rows);
    return;
  }
  const Snapshot snapshot = rows.snapshot();
  store.seed(snapshot);
  model.seed(snapshot);
}

void check_equal(const KeyStore& store, const Model& model, Rows& rows) {
  const int64_t id = some_id(model, rows);
  CHECK(store.find_by_id(id) == model.find_by_id(id));
  const std::string secret = rows.some_secret();
  CHECK(store.find_by_secret(secret) == model.find_by_secret(secret));
  const std::string user = rows.user();
  CHECK(keys_of(store, user) == model.keys_of(user));
  CHECK(store.orgs() == model.orgs);
  CHECK(store.apps() == model.apps);
  CHECK(store.channels() == model.channels);
  CHECK(store.is_untouched() == model.is_untouched);
  if (rows.below(4) > 0) return;
  capgo::Snapshot snapshot = model.snapshot();
  CHECK(store.snapshot() == snapshot);
  const size_t max = rows.below(5);
  std::vector<ApiKey> first_keys;
  store.for_each(max, [&](const ApiKey& key) { first_keys.push_back(key); });
  std::vector<ApiKey> expected(snapshot.keys.begin(), snapshot.keys.end());
  if (expected.size() > max) expected.resize(max);
  CHECK(first_keys == expected);
}

/// A store over a shared seed, and its model.
struct SharingStore {
  explicit SharingStore(const std::shared_ptr<const store::Seed>& seed)
      : store(store::make_memory_store(seed)) {
    model.seed(seed->snapshot());
  }

  std::unique_ptr<KeyStore> store;
  Model model;
};

}  // namespace

TEST_CASE_TEMPLATE("random operations behave like a plain map", Storage, InMemory, InMemoryOverSeed,
                   InSqlite) {
  const uint64_t seed = test_seed();
  INFO("MOCK_CAPGO_TEST_SEED=", seed);
  Rows rows(seed);
  for (int round = 0; round < 5; ++round) {
    Storage storage;
    Model model;
    for (int step = 0; step < 300; ++step) {
      CAPTURE(round);
      CAPTURE(step);
      if (rows.below(30) == 0) storage.reopen();
      if (rows.below(20) == 0) check_rejections(*storage.store, model, rows);
      check_equal(*storage.store, model, rows);
      change(*storage.store, model, rows);
    }
    storage.reopen();
    CHECK(storage.store->snapshot() == model.snapshot());
  }
}

TEST_CASE("random operations on stores that share a seed behave like separate maps") {
  const uint64_t random_seed = test_seed();
  INFO("MOCK_CAPGO_TEST_SEED=", random_seed);
  for (uint64_t round = 0; round < 5; ++round) {
    CAPTURE(round);
    Rows rows(random_seed + round);
    Snapshot snapshot = rows.snapshot();
    for (int64_t id = 101; id < 141; ++id) snapshot.keys.push_back(with_id(rows.key(), id));
    const auto seed = store::make_seed(snapshot);
    std::vector<SharingStore> all;
    for (int stores = 0; stores < 3; ++stores) all.emplace_back(seed);
    for (int step = 0; step < 600; ++step) {
      CAPTURE(step);
      SharingStore& one = all[rows.below(all.size())];
      if (rows.below(150) == 0) one = SharingStore(seed);
      check_equal(*one.store, one.model, rows);
      change(*one.store, one.model, rows);
    }
    for (const SharingStore& one : all) CHECK(one.store->snapshot() == one.model.snapshot());
    CHECK(seed->snapshot() == snapshot);
  }
}
