// The behavior of all stores: single cases.

#include <doctest/doctest.h>

#include <limits>
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
using store::StoreError;

}  // namespace

TEST_CASE_TEMPLATE("new ids follow the highest seeded id", Place, InMemory, InMemoryOverSeed,
                   InSqlite) {
  Place place;
  place.store->seed({{}, {}, {with_id(make_key("a"), 5), with_id(make_key("b"), 41)}});
  CHECK(place.store->erase(41));
  place.reopen();
  CHECK(place.store->insert(make_key("c")) == 42);
}

TEST_CASE_TEMPLATE("no key can be added after the maximum id", Place, InMemory, InMemoryOverSeed,
                   InSqlite) {
  Place place;
  const int64_t max_id = std::numeric_limits<int64_t>::max();
  place.store->seed({{}, {}, {with_id(make_key("a"), max_id)}});
  CHECK_THROWS_AS(place.store->insert(make_key("b")), StoreError);
  CHECK(place.store->find_by_id(max_id) == with_id(make_key("a"), max_id));
  CHECK(place.store->find_by_secret("b") == std::nullopt);
}

TEST_CASE_TEMPLATE("a user's keys are listed in the order of their ids, without other users' keys",
                   Place, InMemory, InMemoryOverSeed, InSqlite) {
  Place place;
  const std::string with_nul("a\0", 2);
  for (const std::string& user : {std::string("b"), std::string("a"), with_nul, std::string("b")}) {
    place.store->insert(make_key(std::nullopt, user));
  }
  CHECK(keys_of(*place.store, "b") == std::vector{with_id(make_key(std::nullopt, "b"), 1),
                                                  with_id(make_key(std::nullopt, "b"), 4)});
  CHECK(keys_of(*place.store, "a") == std::vector{with_id(make_key(std::nullopt, "a"), 2)});
  CHECK(keys_of(*place.store, with_nul).size() == 1);
  CHECK(keys_of(*place.store, "").empty());
}

TEST_CASE_TEMPLATE("a visit may read the store, and may stop by throwing", Place, InMemory,
                   InMemoryOverSeed, InSqlite) {
  Place place;
  place.store->insert(make_key("a"));
  place.store->insert(make_key("b"));
  size_t seen = 0;
  place.store->for_each_of_user("user_123", [&](const ApiKey& key) {
    CHECK(place.store->find_by_id(key.id) == key);
    seen += keys_of(*place.store, "user_123").size();
  });
  CHECK(seen == 4);
  CHECK_THROWS_AS(place.store->for_each_of_user("user_123", [](const ApiKey&) { throw 1; }), int);
  CHECK(keys_of(*place.store, "user_123").size() == 2);
}

TEST_CASE_TEMPLATE("a store is untouched until something was added", Place, InMemory,
                   InMemoryOverSeed, InSqlite) {
  const auto check_touched = [](auto&& touch) {
    Place place;
    place.store->seed({});
    place.reopen();
    CHECK(place.store->is_untouched());
    CHECK(place.store->snapshot() == Snapshot{});
    touch(*place.store);
    CHECK_FALSE(place.store->is_untouched());
    place.store->erase(1);
    place.store->seed({});
    place.reopen();
    CHECK_FALSE(place.store->is_untouched());
    CHECK(place.store->snapshot() == Snapshot{});
  };
  check_touched([](KeyStore& store) { store.insert(make_key("a")); });
  check_touched([](KeyStore& store) { store.seed({{}, {}, {with_id(make_key("a"), 1)}}); });
  check_touched([](KeyStore& store) { store.seed({{Org{}}, {}, {}}); });
  check_touched([](KeyStore& store) { store.seed({{}, {App{}}, {}}); });
}

TEST_CASE_TEMPLATE("seeding replaces the content of a store and restarts its ids", Place, InMemory,
                   InMemoryOverSeed, InSqlite) {
  Place place;
  place.store->seed({{Org{}}, {App{}}, {with_id(make_key("a"), 9)}});
  place.store->insert(make_key("b"));
  const Snapshot fixture{{}, {}, {with_id(make_key("a", "user_2"), 2)}};
  place.store->seed(fixture);
  place.reopen();
  CHECK(place.store->snapshot() == fixture);
  CHECK(place.store->find_by_secret("b") == std::nullopt);
  CHECK(keys_of(*place.store, "user_123").empty());
  CHECK(place.store->insert(make_key("c")) == 3);
}

TEST_CASE_TEMPLATE("seeding that fails changes nothing", Place, InMemory, InMemoryOverSeed,
                   InSqlite) {
  Place place;
  const ApiKey a = with_id(make_key("a"), 1);
  const ApiKey b = with_id(make_key("b"), 2);
  CHECK_THROWS_AS(place.store->seed({{Org{}}, {App{}}, {a, with_id(b, 1)}}), StoreError);
  CHECK_THROWS_AS(place.store->seed({{Org{}}, {App{}}, {a, with_id(a, 2)}}), StoreError);
  CHECK(place.store->is_untouched());
  place.store->seed({{}, {}, {a, b}});
  CHECK_THROWS_AS(place.store->seed({{Org{}}, {App{}}, {a, with_id(b, 1)}}), StoreError);
  place.reopen();
  CHECK(place.store->snapshot() == Snapshot{{}, {}, {a, b}});
  CHECK(place.store->insert(make_key("c")) == 3);
}

TEST_CASE_TEMPLATE("orgs and apps have the order in which they were seeded", Place, InMemory,
                   InMemoryOverSeed, InSqlite) {
  Place place;
  CHECK(place.store->orgs().empty());
  CHECK(place.store->apps().empty());
  Snapshot fixture{{Org{}, Org{}}, {App{"2", "com.b", "b"}, App{"1", "com.a", "a"}}, {}};
  fixture.orgs[0].id = "b";
  fixture.orgs[0].max_apikey_expiration_days = 90;
  fixture.orgs[1].id = "a";
  place.store->seed(fixture);
  const std::vector<Org>& orgs = place.store->orgs();
  place.store->insert(make_key("a"));
  CHECK(orgs == fixture.orgs);
  place.reopen();
  CHECK(place.store->orgs() == fixture.orgs);
  CHECK(place.store->apps() == fixture.apps);
  const ApiKey key = with_id(make_key("a"), 1);
  CHECK_THROWS_AS(place.store->seed({{}, {}, {key, key}}), StoreError);
  CHECK(place.store->orgs() == fixture.orgs);
  CHECK(place.store->apps() == fixture.apps);
  place.store->seed({{Org{}}, {}, {}});
  CHECK(place.store->orgs() == std::vector{Org{}});
  CHECK(place.store->apps().empty());
}
