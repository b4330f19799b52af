// How all stores update keys and remove expired ones.

#include <doctest/doctest.h>

#include <vector>

#include "store/model.h"
#include "store/places.h"

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

TEST_CASE_TEMPLATE("an update of a missing key creates none, whatever its secret", Place, InMemory,
                   InMemoryOverSeed, InSqlite) {
  Place place;
  CHECK_FALSE(place.store->update(with_id(make_key("a"), 1)));
  CHECK(place.store->is_untouched());
  place.store->insert(make_key("a"));
  place.store->insert(make_key("b"));
  place.store->erase(2);
  const Snapshot before = place.store->snapshot();
  for (const int64_t id : {2, 3, 0, -1}) {
    CHECK_FALSE(place.store->update(with_id(make_key("a"), id)));
    CHECK_FALSE(place.store->update(with_id(make_key("b"), id)));
  }
  CHECK(place.store->snapshot() == before);
  CHECK(place.store->find_by_secret("b") == std::nullopt);
  CHECK(place.store->insert(make_key("c")) == 3);
}

TEST_CASE_TEMPLATE("keys that expired before a time are removed, and those that expire at it stay",
                   Place, InMemory, InMemoryOverSeed, InSqlite) {
  Place place;
  place.store->insert(expiring_at(kNoon - kTick));
  place.store->insert(expiring_at(kNoon));
  place.store->insert(expiring_at(kNoon + kTick));
  place.store->insert(expiring_at(std::nullopt));
  place.store->insert(expiring_at(kNoon - kTick));
  place.store->erase_expired_before(kNoon - kTick);
  CHECK(ids_of(*place.store) == std::vector<int64_t>{1, 2, 3, 4, 5});
  place.store->erase_expired_before(kNoon);
  CHECK(ids_of(*place.store) == std::vector<int64_t>{2, 3, 4});
  place.reopen();
  CHECK(ids_of(*place.store) == std::vector<int64_t>{2, 3, 4});
  place.store->erase_expired_before(kNoon + kTick);
  CHECK(ids_of(*place.store) == std::vector<int64_t>{3, 4});
  CHECK(keys_of(*place.store, "user_123").size() == 2);
  place.store->erase_expired_before(base::Time::max());
  CHECK(ids_of(*place.store) == std::vector<int64_t>{4});
  CHECK(place.store->insert(make_key("a")) == 6);
}

TEST_CASE_TEMPLATE("keys expire after a store was reopened or seeded", Place, InMemory,
                   InMemoryOverSeed, InSqlite) {
  Place place;
  place.store->insert(expiring_at(kNoon));
  place.reopen();
  place.store->erase_expired_before(kNoon + kTick);
  CHECK(ids_of(*place.store).empty());
  place.store->seed({{}, {}, {with_id(expiring_at(kNoon), 7), with_id(make_key("a"), 8)}});
  place.store->erase_expired_before(kNoon);
  CHECK(ids_of(*place.store) == std::vector<int64_t>{7, 8});
  place.store->erase_expired_before(kNoon + kTick);
  CHECK(ids_of(*place.store) == std::vector<int64_t>{8});
}

TEST_CASE_TEMPLATE("a rejected change does not change when a key expires", Place, InMemory,
                   InMemoryOverSeed, InSqlite) {
  Place place;
  ApiKey key = make_key("a");
  key.expires_at = kNoon;
  place.store->insert(make_key("b"));
  place.store->insert(key);
  key.key = "b";
  key.expires_at = kNoon + kTick * 2;
  CHECK_THROWS_AS(place.store->update(with_id(key, 2)), StoreError);
  place.store->erase_expired_before(kNoon + kTick);
  CHECK(ids_of(*place.store) == std::vector<int64_t>{1});
}
