// The behavior of all stores: single cases.

#include <doctest/doctest.h>

#include <vector>

#include "store/model.h"
#include "store/storages.h"

namespace {

using namespace store_tests;
using capgo::ApiKey;
using capgo::App;
using capgo::Channel;
using capgo::Org;
using capgo::Snapshot;
using store::KeyStore;
using store::StoreError;

}  // namespace

TEST_CASE_TEMPLATE("new ids follow the highest seeded id", Storage, InMemory, InMemoryOverSeed,
                   InSqlite) {
  Storage storage;
  storage.store->seed({{}, {}, {with_id(make_key("a"), 5), with_id(make_key("b"), 41)}});
  CHECK(storage.store->erase(41));
  storage.reopen();
  CHECK(storage.store->insert(make_key("c")) == 42);
}

TEST_CASE_TEMPLATE("no key can be added after the maximum id", Storage, InMemory, InMemoryOverSeed,
                   InSqlite) {
  Storage storage;
  storage.store->seed({{}, {}, {with_id(make_key("a"), capgo::kMaxId - 1)}});
  CHECK(storage.store->insert(make_key("b")) == capgo::kMaxId);
  for (int attempt = 0; attempt < 2; ++attempt) {
    CHECK_THROWS_WITH_AS(storage.store->insert(make_key("c")),
                         doctest::Contains("no ids left: a key has the id 9007199254740991"),
                         StoreError);
    CHECK(storage.store->find_by_secret("c") == std::nullopt);
    storage.store->erase(capgo::kMaxId);
    storage.reopen();
  }
}

TEST_CASE_TEMPLATE("a user's keys are listed in the order of their ids, without other users' keys",
                   Storage, InMemory, InMemoryOverSeed, InSqlite) {
  Storage storage;
  const std::string with_nul("a\0", 2);
  for (const std::string& user : {std::string("b"), std::string("a"), with_nul, std::string("b")}) {
    storage.store->insert(make_key(std::nullopt, user));
  }
  CHECK(keys_of(*storage.store, "b") == std::vector{with_id(make_key(std::nullopt, "b"), 1),
                                                    with_id(make_key(std::nullopt, "b"), 4)});
  CHECK(keys_of(*storage.store, "a") == std::vector{with_id(make_key(std::nullopt, "a"), 2)});
  CHECK(keys_of(*storage.store, with_nul).size() == 1);
  CHECK(keys_of(*storage.store, "").empty());
}

TEST_CASE_TEMPLATE("a visit may read the store, and may stop by throwing", Storage, InMemory,
                   InMemoryOverSeed, InSqlite) {
  Storage storage;
  storage.store->insert(make_key("a"));
  storage.store->insert(make_key("b"));
  size_t listed = 0;
  storage.store->for_each_of_user("user_123", [&](const ApiKey& key) {
    CHECK(storage.store->find_by_id(key.id) == key);
    listed += keys_of(*storage.store, "user_123").size();
  });
  CHECK(listed == 4);
  CHECK_THROWS_AS(storage.store->for_each_of_user("user_123", [](const ApiKey&) { throw 1; }), int);
  CHECK(keys_of(*storage.store, "user_123").size() == 2);
}

TEST_CASE_TEMPLATE("a store is untouched until something was added", Storage, InMemory,
                   InMemoryOverSeed, InSqlite) {
  const auto check_touched = [](auto&& touch) {
    Storage storage;
    storage.store->seed({});
    storage.reopen();
    CHECK(storage.store->is_untouched());
    CHECK(storage.store->snapshot() == Snapshot{});
    touch(*storage.store);
    CHECK_FALSE(storage.store->is_untouched());
    storage.store->erase(1);
    storage.store->seed({});
    storage.reopen();
    CHECK_FALSE(storage.store->is_untouched());
    CHECK(storage.store->snapshot() == Snapshot{});
  };
  check_touched([](KeyStore& store) { store.insert(make_key("a")); });
  check_touched([](KeyStore& store) { store.seed({{}, {}, {with_id(make_key("a"), 1)}}); });
  check_touched([](KeyStore& store) { store.seed({{Org{}}, {}, {}}); });
  check_touched([](KeyStore& store) { store.seed({{}, {App{}}, {}}); });
  check_touched([](KeyStore& store) { store.seed({{}, {}, {}, {Channel{}}}); });
}

TEST_CASE_TEMPLATE("seeding replaces the content of a store and restarts its ids", Storage,
                   InMemory, InMemoryOverSeed, InSqlite) {
  Storage storage;
  storage.store->seed({{Org{}}, {App{}}, {with_id(make_key("a"), 9)}});
  storage.store->insert(make_key("b"));
  const Snapshot fixture{{}, {}, {with_id(make_key("a", "user_2"), 2)}};
  storage.store->seed(fixture);
  storage.reopen();
  CHECK(storage.store->snapshot() == fixture);
  CHECK(storage.store->find_by_secret("b") == std::nullopt);
  CHECK(keys_of(*storage.store, "user_123").empty());
  CHECK(storage.store->insert(make_key("c")) == 3);
}

TEST_CASE_TEMPLATE("seeding that fails changes nothing", Storage, InMemory, InMemoryOverSeed,
                   InSqlite) {
  Storage storage;
  const ApiKey a = with_id(make_key("a"), 1);
  const ApiKey b = with_id(make_key("b"), 2);
  CHECK_THROWS_AS(storage.store->seed({{Org{}}, {App{}}, {a, with_id(b, 1)}}), StoreError);
  CHECK_THROWS_AS(storage.store->seed({{Org{}}, {App{}}, {a, with_id(a, 2)}}), StoreError);
  CHECK(storage.store->is_untouched());
  storage.store->seed({{}, {}, {a, b}});
  CHECK_THROWS_AS(storage.store->seed({{Org{}}, {App{}}, {a, with_id(b, 1)}}), StoreError);
  storage.reopen();
  CHECK(storage.store->snapshot() == Snapshot{{}, {}, {a, b}});
  CHECK(storage.store->insert(make_key("c")) == 3);
}

TEST_CASE_TEMPLATE("a key has the rights that were stored last, or none of its own", Storage,
                   InMemory, InMemoryOverSeed, InSqlite) {
  Storage storage;
  const capgo::Rights rights{{{"org_admin", capgo::Scope::org, "o"},
                              {"app_reader", capgo::Scope::app, "o", "a"},
                              {"channel_reader", capgo::Scope::channel, "o", "a", "c"}},
                             {"org.create"}};
  ApiKey with_rights = with_id(make_key("a"), 1);
  with_rights.rights = rights;
  ApiKey with_no_rights = with_id(make_key("b"), 2);
  with_no_rights.rights = capgo::Rights{};
  const ApiKey with_mode = with_id(make_key("c"), 3);
  for (const ApiKey& key : {with_rights, with_no_rights, with_mode}) storage.store->insert(key);
  storage.reopen();
  CHECK(storage.store->find_by_secret("a") == with_rights);
  CHECK(storage.store->find_by_id(2) == with_no_rights);
  CHECK(keys_of(*storage.store, "user_123") == std::vector{with_rights, with_no_rights, with_mode});
  with_rights.rights = std::nullopt;
  with_no_rights.rights = rights;
  CHECK(storage.store->update(with_rights));
  CHECK(storage.store->update(with_no_rights));
  storage.reopen();
  CHECK(storage.store->snapshot() == Snapshot{{}, {}, {with_rights, with_no_rights, with_mode}});
}

TEST_CASE_TEMPLATE("orgs, apps and channels have the order in which they were seeded", Storage,
                   InMemory, InMemoryOverSeed, InSqlite) {
  Storage storage;
  CHECK(storage.store->orgs().empty());
  CHECK(storage.store->apps().empty());
  CHECK(storage.store->channels().empty());
  Snapshot fixture{{Org{}, Org{}},
                   {App{"2", "com.b", "b"}, App{"1", "com.a", "a"}},
                   {},
                   {Channel{5, "r5", "beta", "com.b"}, Channel{-1, "", "", ""}}};
  fixture.orgs[0].id = "b";
  fixture.orgs[0].max_apikey_expiration_days = 90;
  fixture.orgs[1].id = "a";
  fixture.orgs[1].members = {{{"user_1"}, {"user_2", "org_member"}}};
  storage.store->seed(fixture);
  const std::vector<Org>& orgs = storage.store->orgs();
  storage.store->insert(make_key("a"));
  CHECK(orgs == fixture.orgs);
  storage.reopen();
  CHECK(storage.store->orgs() == fixture.orgs);
  CHECK(storage.store->apps() == fixture.apps);
  CHECK(storage.store->channels() == fixture.channels);
  const ApiKey key = with_id(make_key("a"), 1);
  CHECK_THROWS_AS(storage.store->seed({{}, {}, {key, key}}), StoreError);
  CHECK(storage.store->orgs() == fixture.orgs);
  CHECK(storage.store->apps() == fixture.apps);
  CHECK(storage.store->channels() == fixture.channels);
  storage.store->seed({{Org{}}, {}, {}});
  CHECK(storage.store->orgs() == std::vector{Org{}});
  CHECK(storage.store->apps().empty());
  CHECK(storage.store->channels().empty());
}
