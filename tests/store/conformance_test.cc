// What every KeyStore does alike: directed cases, and random operations against a model.

#include <doctest/doctest.h>

#include <limits>
#include <vector>

#include "store/memory_store.h"
#include "store/model.h"
#include "store/sqlite_store.h"
#include "store/temp_dir.h"
#include "store/test_seed.h"

namespace {

using namespace store_tests;
using capgo::ApiKey;
using capgo::App;
using capgo::Org;
using capgo::Snapshot;
using store::KeyStore;
using store::StoreError;

struct InMemory {
  std::unique_ptr<KeyStore> store = store::make_memory_store();
  void reopen() {}
};

struct InSqlite {
  TempDir directory;
  std::unique_ptr<KeyStore> store = store::open_sqlite_store(directory.file("keys.db"));
  void reopen() {
    store.reset();
    store = store::open_sqlite_store(directory.file("keys.db"));
  }
};

std::vector<ApiKey> keys_of(const KeyStore& store, std::string_view user_id) {
  std::vector<ApiKey> keys;
  store.for_each_of_user(user_id, [&](const ApiKey& key) { keys.push_back(key); });
  return keys;
}

/// An id that was given, or one of the next two.
int64_t some_id(const Model& model, Rows& rows) {
  return static_cast<int64_t>(rows.below(static_cast<size_t>(model.last_id) + 3));
}

/// What a store must refuse: two keys with one id, and a second key with the secret of the first.
void check_refusals(KeyStore& store, const Model& model, Rows& rows) {
  Snapshot doubled = rows.snapshot();
  doubled.keys.assign(2, with_id(rows.key(), 7));
  CHECK_THROWS_AS(store.seed(doubled), StoreError);
  ApiKey key = rows.key();
  if (!model.keys.empty()) key.key = model.keys.begin()->second.key;
  if (model.find_by_secret(key.key.value_or(""))) CHECK_THROWS_AS(store.insert(key), StoreError);
}

/// Changes store and model alike, at random.
void change(KeyStore& store, Model& model, Rows& rows) {
  const size_t choice = rows.below(100);
  if (choice < 2) {
    const Snapshot snapshot = rows.snapshot();
    store.seed(snapshot);
    model.seed(snapshot);
  } else if (choice < 40) {
    const int64_t id = some_id(model, rows);
    CHECK(store.erase(id) == (model.keys.erase(id) == 1));
  } else {
    const ApiKey key = rows.key();
    CHECK(store.insert(key) == ++model.last_id);
    model.keys[model.last_id] = with_id(key, model.last_id);
    model.is_untouched = false;
  }
}

void check_alike(const KeyStore& store, const Model& model, Rows& rows) {
  const int64_t id = some_id(model, rows);
  const std::optional<ApiKey> key = model.find_by_id(id);
  CHECK(store.find_by_id(id) == key);
  const std::string secret = key && key->key ? *key->key : rows.text();
  CHECK(store.find_by_secret(secret) == model.find_by_secret(secret));
  const std::string user = rows.user();
  CHECK(keys_of(store, user) == model.keys_of(user));
  CHECK(store.is_untouched() == model.is_untouched);
  if (rows.below(4) == 0) CHECK(store.snapshot() == model.snapshot());
}

}  // namespace

TEST_CASE_TEMPLATE("any operations in any order give what a plain map would", Place, InMemory,
                   InSqlite) {
  const uint64_t seed = test_seed();
  INFO("MOCK_CAPGO_TEST_SEED=", seed);
  Rows rows(seed);
  for (int round = 0; round < 5; ++round) {
    Place place;
    Model model;
    for (int step = 0; step < 300; ++step) {
      CAPTURE(round);
      CAPTURE(step);
      if (rows.below(30) == 0) place.reopen();
      if (rows.below(20) == 0) check_refusals(*place.store, model, rows);
      check_alike(*place.store, model, rows);
      change(*place.store, model, rows);
    }
    place.reopen();
    CHECK(place.store->snapshot() == model.snapshot());
  }
}

TEST_CASE_TEMPLATE("an id is never given twice, even after the newest key is erased", Place,
                   InMemory, InSqlite) {
  Place place;
  CHECK(place.store->insert(make_key("a")) == 1);
  CHECK(place.store->insert(make_key("b")) == 2);
  CHECK(place.store->erase(2));
  CHECK(place.store->insert(make_key("c")) == 3);
  CHECK(place.store->erase(1));
  CHECK(place.store->erase(3));
  place.reopen();
  CHECK(place.store->insert(make_key("d")) == 4);
}

TEST_CASE_TEMPLATE("new ids follow the greatest one seeded", Place, InMemory, InSqlite) {
  Place place;
  place.store->seed({{}, {}, {with_id(make_key("a"), 5), with_id(make_key("b"), 41)}});
  CHECK(place.store->erase(41));
  place.reopen();
  CHECK(place.store->insert(make_key("c")) == 42);
}

TEST_CASE_TEMPLATE("a new key's own id does not count", Place, InMemory, InSqlite) {
  Place place;
  const ApiKey key = with_id(make_key("a"), 77);
  CHECK(place.store->insert(key) == 1);
  CHECK(place.store->find_by_id(77) == std::nullopt);
  CHECK(place.store->find_by_id(1) == with_id(key, 1));
}

TEST_CASE_TEMPLATE("after the greatest possible id no key can be added", Place, InMemory,
                   InSqlite) {
  Place place;
  const int64_t greatest = std::numeric_limits<int64_t>::max();
  place.store->seed({{}, {}, {with_id(make_key("a"), greatest)}});
  CHECK_THROWS_AS(place.store->insert(make_key("b")), StoreError);
  CHECK(place.store->find_by_id(greatest) == with_id(make_key("a"), greatest));
  CHECK(place.store->find_by_secret("b") == std::nullopt);
}

TEST_CASE_TEMPLATE("an erased key is gone at once, and its secret is free again", Place, InMemory,
                   InSqlite) {
  Place place;
  place.store->insert(make_key("secret"));
  CHECK(place.store->erase(1));
  CHECK_FALSE(place.store->erase(1));
  CHECK(place.store->find_by_id(1) == std::nullopt);
  CHECK(place.store->find_by_secret("secret") == std::nullopt);
  CHECK(keys_of(*place.store, "user_123").empty());
  CHECK(place.store->insert(make_key("secret")) == 2);
}

TEST_CASE_TEMPLATE("a secret that another key has is refused and changes nothing", Place, InMemory,
                   InSqlite) {
  Place place;
  place.store->insert(make_key("secret"));
  const Snapshot before = place.store->snapshot();
  CHECK_THROWS_AS(place.store->insert(make_key("secret", "user_2")), StoreError);
  CHECK(place.store->snapshot() == before);
  CHECK(place.store->insert(make_key("other")) == 2);
}

TEST_CASE_TEMPLATE("secrets are found whole, not by a part or another case", Place, InMemory,
                   InSqlite) {
  Place place;
  const std::string with_nul("ak\0one", 6);
  place.store->insert(make_key(with_nul));
  place.store->insert(make_key("ak"));
  place.store->insert(make_key(""));
  CHECK(place.store->find_by_secret(with_nul)->id == 1);
  CHECK(place.store->find_by_secret("ak")->id == 2);
  CHECK(place.store->find_by_secret("")->id == 3);
  CHECK(place.store->find_by_secret("AK") == std::nullopt);
  CHECK(place.store->find_by_secret("a") == std::nullopt);
}

TEST_CASE_TEMPLATE("keys of which only the hash is known have no secret to be found by", Place,
                   InMemory, InSqlite) {
  Place place;
  ApiKey hashed = make_key(std::nullopt);
  hashed.key_hash = std::string(64, 'a');
  CHECK(place.store->insert(hashed) == 1);
  CHECK(place.store->insert(hashed) == 2);
  CHECK(place.store->find_by_secret("") == std::nullopt);
  CHECK(place.store->find_by_secret(*hashed.key_hash) == std::nullopt);
  CHECK(place.store->find_by_id(2) == with_id(hashed, 2));
}

TEST_CASE_TEMPLATE("a listing holds the user's own keys only, by id", Place, InMemory, InSqlite) {
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

TEST_CASE_TEMPLATE("a visit may read the store, and may end the listing by throwing", Place,
                   InMemory, InSqlite) {
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

TEST_CASE_TEMPLATE("a store is untouched until it first holds something, and never again", Place,
                   InMemory, InSqlite) {
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

TEST_CASE_TEMPLATE("seeding a used store forgets what it held and starts its ids anew", Place,
                   InMemory, InSqlite) {
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

TEST_CASE_TEMPLATE("a seeding that fails changes nothing", Place, InMemory, InSqlite) {
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

TEST_CASE_TEMPLATE("no members and an empty list of members are not the same", Place, InMemory,
                   InSqlite) {
  Place place;
  Snapshot fixture{{Org{}, Org{}, Org{}}, {}, {}};
  fixture.orgs[1].members.emplace();
  fixture.orgs[2].members = {""};
  place.store->seed(fixture);
  place.reopen();
  CHECK(place.store->snapshot() == fixture);
}
