#include "capgo/api_key.h"

#include <doctest/doctest.h>

#include <utility>

namespace {

using capgo::ApiKey;
using capgo::KeyMode;

}  // namespace

TEST_CASE("modes are read and written by their exact names") {
  for (auto [mode, name] : {std::pair{KeyMode::read, "read"}, std::pair{KeyMode::upload, "upload"},
                            std::pair{KeyMode::write, "write"}, std::pair{KeyMode::all, "all"}}) {
    CAPTURE(name);
    CHECK(capgo::mode_name(mode) == name);
    REQUIRE(capgo::parse_mode(name).has_value());
    CHECK((capgo::parse_mode(name) == mode));
  }
  for (std::string_view other : {"", "READ", "Read", "read ", " read", "reads", "rea", "admin"}) {
    CAPTURE(other);
    CHECK_FALSE(capgo::parse_mode(other).has_value());
  }
}

TEST_CASE("a key is limited if it names an app or an org") {
  ApiKey key;
  CHECK_FALSE(key.is_limited());
  key.limited_to_apps = {"com.a"};
  CHECK(key.is_limited());
  key.limited_to_orgs = {"org_a"};
  CHECK(key.is_limited());
  key.limited_to_apps.clear();
  CHECK(key.is_limited());
  key.limited_to_orgs = {""};
  CHECK(key.is_limited());
}

TEST_CASE("a secret is shown by its first 6 characters, with dots if there are more") {
  CHECK(capgo::shorten_secret("ak_0123456789abcdef0123456789abcdef") == "ak_012...");
  CHECK(capgo::shorten_secret("ak_1234") == "ak_123...");
  CHECK(capgo::shorten_secret("ak_123") == "ak_123");
  CHECK(capgo::shorten_secret("ak_") == "ak_");
  CHECK(capgo::shorten_secret("").empty());
}
