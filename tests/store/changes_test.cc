// How every KeyStore changes keys and removes expired ones.

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

TEST_CASE_TEMPLATE("an update replaces the key with its id", Place, InMemory, InMemoryOverSeed,
                   InSqlite) {
  Place place;
  place.store->insert(make_key("old", "user_1"));
  place.store->insert(make_key("other", "user_1"));
  ApiKey key = make_hashed_key("new", "user_2");
  key.id = 1;
  key.mode = capgo::KeyMode::write;
  key.name = "another";
  key.created_at = kNoon;
  key.updated_at = kNoon + kTick;
  key.expires_at = kNoon - kTick;
  key.limited_to_apps = {"com.a"};
  key.limited_to_orgs = std::nullopt;
  key.rbac_id = "rbac";
  CHECK(place.store->update(key));
  place.reopen();
  CHECK(place.store->find_by_id(1) == key);
  CHECK(place.store->find_by_secret("new") == key);
  CHECK(place.store->find_by_secret("old") == std::nullopt);
  CHECK(keys_of(*place.store, "user_2") == std::vector{key});
  CHECK(keys_of(*place.store, "user_1") == std::vector{with_id(make_key("other", "user_1"), 2)});
}

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

TEST_CASE_TEMPLATE("a store knows which keys expire first after it was opened and seeded", Place,
                   InMemory, InMemoryOverSeed, InSqlite) {
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

TEST_CASE_TEMPLATE("a key expires at its latest expiration date", Place, InMemory, InMemoryOverSeed,
                   InSqlite) {
  Place place;
  for (int keys = 0; keys < 3; ++keys) place.store->insert(expiring_at(kNoon));
  place.store->update(with_id(expiring_at(kNoon + kTick), 1));
  place.store->update(with_id(expiring_at(std::nullopt), 2));
  place.store->update(with_id(expiring_at(kNoon - kTick), 3));
  place.store->erase_expired_before(kNoon);
  CHECK(ids_of(*place.store) == std::vector<int64_t>{1, 2});
  place.store->erase_expired_before(kNoon + kTick);
  CHECK(ids_of(*place.store) == std::vector<int64_t>{1, 2});
  place.store->update(with_id(expiring_at(kNoon), 2));
  place.store->erase_expired_before(kNoon + kTick);
  CHECK(ids_of(*place.store) == std::vector<int64_t>{1});
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
