#include "capgo/api_key.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using capgo::ApiKey;

TEST_CASE("an empty or missing list of limits is no limit") {
  for (const capgo::Limits& none : {capgo::Limits(), capgo::Limits(std::vector<std::string>{})}) {
    ApiKey key;
    key.limited_to_apps = key.limited_to_orgs = none;
    CHECK_FALSE(key.is_limited_to_apps());
    CHECK_FALSE(key.is_limited_to_orgs());
    CHECK_FALSE(key.is_limited());
    key.limited_to_apps = {"com.a"};
    CHECK(key.is_limited_to_apps());
    CHECK_FALSE(key.is_limited_to_orgs());
    CHECK(key.is_limited());
    key.limited_to_apps = none;
    key.limited_to_orgs = {"org_a"};
    CHECK_FALSE(key.is_limited_to_apps());
    CHECK(key.is_limited_to_orgs());
    CHECK(key.is_limited());
  }
}

TEST_CASE("a key's hash is its key_hash, or is computed from its plain secret") {
  // printf ak_123 | sha256sum
  const std::string hash = "a88cc37c897bbcd45cc0f873b6a5e76a9f0817eba2dadb337d9b8ae6a0d011f9";
  ApiKey key;
  CHECK_FALSE(capgo::secret_hash(key).has_value());
  key.key = "ak_123";
  CHECK(capgo::secret_hash(key) == hash);
  key.key_hash = hash;
  CHECK(capgo::secret_hash(key) == hash);
  key.key.reset();
  CHECK(capgo::secret_hash(key) == hash);
}

// documented contract, section 8
TEST_CASE("a hashed key is stored without its plain secret and otherwise unchanged") {
  ApiKey plain;
  plain.id = 7;
  plain.key = "ak_123";
  plain.name = "CI";
  plain.limited_to_apps = {"com.a"};
  plain.limited_to_orgs = std::nullopt;
  CHECK((capgo::for_storage(plain) == plain));
  ApiKey hashed = plain;
  hashed.key_hash = std::string(64, 'a');
  ApiKey stored = capgo::for_storage(hashed);
  CHECK_FALSE(stored.key.has_value());
  stored.key = hashed.key;
  CHECK((stored == hashed));
  hashed.key.reset();
  CHECK((capgo::for_storage(hashed) == hashed));
  CHECK((capgo::for_storage(ApiKey{}) == ApiKey{}));
}
