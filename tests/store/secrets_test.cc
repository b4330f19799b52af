// How all stores find keys by their secrets, and keep secrets unique.

#include <doctest/doctest.h>

#include <functional>
#include <vector>

#include "store/model.h"
#include "store/storages.h"

namespace {

using namespace store_tests;
using capgo::ApiKey;
using capgo::Snapshot;
using store::KeyStore;
using store::StoreError;

/// Keys with this secret: plain, hashed, and both.
std::vector<ApiKey> keys_with(const std::string& secret) {
  ApiKey both = make_hashed_key(secret);
  both.key = secret;
  return {make_key(secret), make_hashed_key(secret), both};
}

}  // namespace

TEST_CASE_TEMPLATE("a secret must match exactly", Storage, InMemory, InMemoryOverSeed, InSqlite) {
  Storage storage;
  const std::string with_nul("ak\0one", 6);
  storage.store->insert(make_key(with_nul));
  storage.store->insert(make_key("ak"));
  storage.store->insert(make_key(""));
  CHECK(storage.store->find_by_secret(with_nul)->id == 1);
  CHECK(storage.store->find_by_secret("ak")->id == 2);
  CHECK(storage.store->find_by_secret("")->id == 3);
  CHECK(storage.store->find_by_secret("AK") == std::nullopt);
  CHECK(storage.store->find_by_secret("a") == std::nullopt);
}

TEST_CASE_TEMPLATE("a hashed key is found by its plain secret, and not by its hash", Storage,
                   InMemory, InMemoryOverSeed, InSqlite) {
  Storage storage;
  ApiKey hashed = make_key(std::nullopt);
  // printf ak_123 | sha256sum
  hashed.key_hash = "a88cc37c897bbcd45cc0f873b6a5e76a9f0817eba2dadb337d9b8ae6a0d011f9";
  CHECK(storage.store->insert(hashed) == 1);
  storage.reopen();
  CHECK(storage.store->find_by_secret("ak_123") == with_id(hashed, 1));
  CHECK(storage.store->find_by_secret(*hashed.key_hash) == std::nullopt);
  CHECK(storage.store->find_by_secret("ak_12") == std::nullopt);
}

TEST_CASE_TEMPLATE("a secret that another key has, plain or hashed, is rejected without a change",
                   Storage, InMemory, InMemoryOverSeed, InSqlite) {
  for (const ApiKey& first : keys_with("secret")) {
    for (const ApiKey& second : keys_with("secret")) {
      CAPTURE(first.key.has_value());
      CAPTURE(second.key.has_value());
      Storage storage;
      storage.store->insert(first);
      storage.store->insert(make_key("mine"));
      const Snapshot before = storage.store->snapshot();
      CHECK_THROWS_AS(storage.store->insert(second), StoreError);
      CHECK_THROWS_AS(storage.store->update(with_id(second, 2)), StoreError);
      const Snapshot duplicate{{}, {}, {with_id(first, 4), with_id(second, 5)}};
      CHECK_THROWS_AS(storage.store->seed(duplicate), StoreError);
      CHECK(storage.store->snapshot() == before);
      storage.reopen();
      CHECK(storage.store->snapshot() == before);
      CHECK(storage.store->find_by_secret("secret") == with_id(first, 1));
      CHECK(storage.store->find_by_secret("mine")->id == 2);
      CHECK(storage.store->insert(make_key("other")) == 3);
    }
  }
}

TEST_CASE_TEMPLATE("a secret can be used again once its key is gone or has another secret", Storage,
                   InMemory, InMemoryOverSeed, InSqlite) {
  using Change = std::function<void(KeyStore&)>;
  ApiKey expired = make_hashed_key("secret");
  expired.expires_at = base::Time{};
  const std::vector<Change> changes = {
      [](KeyStore& store) { CHECK(store.erase(1)); },
      [](KeyStore& store) { CHECK(store.update(with_id(make_key("new"), 1))); },
      [](KeyStore& store) { CHECK(store.update(with_id(make_key(std::nullopt), 1))); },
      [](KeyStore& store) { store.erase_expired_before(base::Time::max()); },
      [](KeyStore& store) { store.seed({}); },
  };
  for (const Change& change : changes) {
    Storage storage;
    storage.store->insert(expired);
    change(*storage.store);
    CHECK(storage.store->find_by_secret("secret") == std::nullopt);
    const int64_t id = storage.store->insert(make_key("secret"));
    CHECK(storage.store->find_by_secret("secret")->id == id);
  }
}
