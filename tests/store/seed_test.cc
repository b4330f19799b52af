// What memory stores that begin with one seed share, and what not.

#include "store/seed.h"

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "store/model.h"
#include "store/places.h"

namespace {

using namespace store_tests;
using capgo::ApiKey;
using capgo::App;
using capgo::Org;
using capgo::Snapshot;
using store::KeyStore;
using store::make_memory_store;
using store::make_seed;
using store::StoreError;

ApiKey expiring_at(base::Time time, ApiKey key) {
  key.expires_at = time;
  return key;
}

/// Keys of two users with the ids 2 to 5, the last of which expires at noon.
Snapshot fixture() {
  Snapshot fixture{{Org{}, Org{}}, {App{"1", "com.a", "a"}}, {}};
  fixture.orgs[0].id = "b";
  fixture.orgs[1].id = "a";
  fixture.keys = {with_id(make_key("two"), 2), with_id(make_hashed_key("three", "user_2"), 3),
                  with_id(make_key(std::nullopt), 4),
                  expiring_at(kNoon, with_id(make_key("five"), 5))};
  return fixture;
}

/// Changes a store over the fixture in every way.
void change_all(KeyStore& store) {
  CHECK(store.erase(2));
  CHECK(store.update(with_id(make_key("new three"), 3)));
  CHECK(store.insert(make_key("six")) == 6);
  store.erase_expired_before(kNoon + kTick);
  CHECK(store.snapshot().keys == std::vector{with_id(make_key("new three"), 3),
                                             with_id(make_key(std::nullopt), 4),
                                             with_id(make_key("six"), 6)});
}

/// Checks that a store holds the fixture, by every way to ask.
void check_holds_fixture(const KeyStore& store) {
  const std::vector<ApiKey> keys = fixture().keys;
  CHECK(store.snapshot() == fixture());
  CHECK(store.orgs() == fixture().orgs);
  CHECK(store.apps() == fixture().apps);
  CHECK(keys_of(store, "user_123") == std::vector{keys[0], keys[2], keys[3]});
  CHECK(keys_of(store, "user_2") == std::vector{keys[1]});
  for (const ApiKey& key : keys) CHECK(store.find_by_id(key.id) == key);
  CHECK(store.find_by_id(6) == std::nullopt);
  CHECK(store.find_by_secret("two") == keys[0]);
  CHECK(store.find_by_secret("three") == keys[1]);
  CHECK(store.find_by_secret("five") == keys[3]);
  CHECK(store.find_by_secret("new three") == std::nullopt);
  CHECK(store.find_by_secret("six") == std::nullopt);
}

/// Where the rows lie that a listing shows.
std::vector<const ApiKey*> places_of_rows(const KeyStore& store) {
  std::vector<const ApiKey*> places;
  store.for_each_of_user("user_123", [&](const ApiKey& key) { places.push_back(&key); });
  return places;
}

std::string rejection(const Snapshot& snapshot) {
  try {
    make_seed(snapshot);
    return "";
  } catch (const StoreError& error) {
    return error.what();
  }
}

}  // namespace

TEST_CASE("a seed returns the snapshot it was made from") {
  CHECK(make_seed(fixture())->snapshot() == fixture());
  CHECK(make_seed({})->snapshot() == Snapshot{});
}

TEST_CASE("two keys with the same id or secret cannot make a seed") {
  Snapshot duplicate = fixture();
  duplicate.keys[3].id = 4;
  CHECK(rejection(duplicate) == "two keys have the id 4");
  duplicate = fixture();
  duplicate.keys[3].key = "three";
  CHECK(rejection(duplicate) == "key 3 has the same secret");
}

TEST_CASE("a store starts with its seed") {
  const auto store = make_memory_store(make_seed(fixture()));
  check_holds_fixture(*store);
  CHECK_FALSE(store->is_untouched());
  CHECK(store->insert(make_key("a")) == 6);
}

TEST_CASE("a store is untouched if it starts with no seed or an empty one") {
  for (const auto& seed : {std::shared_ptr<const store::Seed>(), make_seed({})}) {
    const auto store = make_memory_store(seed);
    CHECK(store->is_untouched());
    CHECK(store->snapshot() == Snapshot{});
    CHECK(store->insert(make_key("a")) == 1);
    CHECK_FALSE(store->is_untouched());
  }
  for (const Snapshot& snapshot : {Snapshot{{Org{}}, {}, {}}, Snapshot{{}, {App{}}, {}},
                                   Snapshot{{}, {}, {with_id(make_key("a"), 1)}}}) {
    CHECK_FALSE(make_memory_store(make_seed(snapshot))->is_untouched());
  }
}

TEST_CASE("ids follow the highest of the seed, even if that is not positive") {
  for (const int64_t id : {-7, 0}) {
    CHECK(make_memory_store(make_seed({{}, {}, {with_id(make_key("a"), id)}}))
              ->insert(make_key("b")) == 1);
  }
}

TEST_CASE("stores over one seed do not see each other's changes") {
  const auto seed = make_seed(fixture());
  const auto before = make_memory_store(seed);
  const auto changed = make_memory_store(seed);
  change_all(*changed);
  check_holds_fixture(*before);
  check_holds_fixture(*make_memory_store(seed));
  CHECK(before->insert(make_key("six")) == 6);
  CHECK(before->find_by_secret("two")->id == 2);
  CHECK(changed->find_by_secret("two") == std::nullopt);
  CHECK(seed->snapshot() == fixture());
}

TEST_CASE("seeding a store again leaves its first seed unchanged for others") {
  const auto seed = make_seed(fixture());
  const auto other = make_memory_store(seed);
  const auto reseeded = make_memory_store(seed);
  change_all(*reseeded);
  reseeded->seed({{}, {}, {with_id(make_key("two"), 1)}});
  CHECK(reseeded->snapshot() == Snapshot{{}, {}, {with_id(make_key("two"), 1)}});
  check_holds_fixture(*other);
  reseeded->seed(seed->snapshot());
  check_holds_fixture(*reseeded);
  CHECK(reseeded->insert(make_key("six")) == 6);
}

TEST_CASE("a store keeps its seed for as long as it needs it") {
  auto seed = make_seed(fixture());
  const auto store = make_memory_store(seed);
  seed.reset();
  check_holds_fixture(*store);
  change_all(*store);
}

TEST_CASE("stores over one seed share its orgs, apps and rows, and copy the rows they change") {
  const auto seed = make_seed(fixture());
  const auto one = make_memory_store(seed);
  const auto other = make_memory_store(seed);
  CHECK(&one->orgs() == &other->orgs());
  CHECK(&one->apps() == &other->apps());
  const std::vector<const ApiKey*> shared = places_of_rows(*one);
  CHECK(places_of_rows(*other) == shared);
  one->update(with_id(make_key("new four"), 4));
  const std::vector<const ApiKey*> partly = places_of_rows(*one);
  REQUIRE(partly.size() == 3);
  CHECK(partly[0] == shared[0]);
  CHECK(partly[1] != shared[1]);
  CHECK(partly[2] == shared[2]);
  CHECK(places_of_rows(*other) == shared);
}

TEST_CASE("threads may create and change stores over one seed concurrently") {
  const auto seed = make_seed(fixture());
  std::vector<std::thread> threads;
  std::vector<std::vector<Snapshot>> made(4);
  for (std::vector<Snapshot>& mine : made) {
    threads.emplace_back([&mine, seed] {
      for (int round = 0; round < 50; ++round) {
        const auto store = make_memory_store(seed);
        store->erase(2 + round % 4);
        store->insert(make_key("new"));
        store->find_by_secret("three");
        mine.push_back(store->snapshot());
        store->seed(seed->snapshot());
        mine.push_back(store->snapshot());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  Snapshot first = fixture();
  first.keys.erase(first.keys.begin());
  first.keys.push_back(with_id(make_key("new"), 6));
  for (const std::vector<Snapshot>& mine : made) {
    CHECK(mine == made.front());
    CHECK(mine.at(0) == first);
    CHECK(mine.at(1) == fixture());
  }
  CHECK(seed->snapshot() == fixture());
}
