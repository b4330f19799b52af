// What memory stores with the same seed share.

#include "store/seed.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "store/model.h"
#include "store/storages.h"

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

/// Keys of two users with the ids 2 to 5.
Snapshot fixture() {
  Snapshot fixture{{Org{}, Org{}}, {App{"1", "com.a", "a"}}, {}};
  fixture.orgs[0].id = "b";
  fixture.orgs[1].id = "a";
  fixture.keys = {with_id(make_key("two"), 2), with_id(make_hashed_key("three", "user_2"), 3),
                  with_id(make_key(std::nullopt), 4), with_id(make_key("five"), 5)};
  return fixture;
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
  duplicate.keys.push_back(with_id(make_key("four"), 4));
  CHECK(rejection(duplicate) == "two keys have the id 4");
  duplicate = fixture();
  duplicate.keys.push_back(with_id(make_key("three"), 6));
  CHECK(rejection(duplicate) == "key 3 has the same secret");
}

TEST_CASE("a store is untouched if it starts with no seed or an empty one") {
  for (const auto& seed : {std::shared_ptr<const store::Seed>(), make_seed({})}) {
    const auto store = make_memory_store(seed);
    CHECK(store->is_untouched());
    CHECK(store->snapshot() == Snapshot{});
    CHECK(store->insert(make_key("a")) == 1);
    CHECK_FALSE(store->is_untouched());
  }
  for (const Snapshot& snapshot :
       {Snapshot{{Org{}}, {}, {}}, Snapshot{{}, {App{}}, {}},
        Snapshot{{}, {}, {}, {capgo::Channel{}}}, Snapshot{{}, {}, {with_id(make_key("a"), 1)}}}) {
    CHECK_FALSE(make_memory_store(make_seed(snapshot))->is_untouched());
  }
}

TEST_CASE("ids start from 1 if those of the seed are not positive") {
  for (const int64_t id : {-7, 0}) {
    CHECK(make_memory_store(make_seed({{}, {}, {with_id(make_key("a"), id)}}))
              ->insert(make_key("b")) == 1);
  }
}

TEST_CASE("stores with the same seed share it, and store only what changes") {
  const auto seed = make_seed(fixture());
  const auto one = make_memory_store(seed);
  const auto other = make_memory_store(seed);
  CHECK(seed.use_count() == 3);
  CHECK(&one->orgs() == &other->orgs());
  CHECK(&one->apps() == &other->apps());
  one->update(with_id(make_key("new four"), 4));
  CHECK(keys_of(*one, "user_123") == std::vector{with_id(make_key("two"), 2),
                                                 with_id(make_key("new four"), 4),
                                                 with_id(make_key("five"), 5)});
  CHECK(other->snapshot() == fixture());
  CHECK(seed->snapshot() == fixture());
}
