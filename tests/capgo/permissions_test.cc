#include "capgo/permissions.h"

#include <doctest/doctest.h>

#include <array>
#include <string>
#include <vector>

namespace {

using capgo::Action;
using capgo::ApiKey;
using capgo::KeyMode;

ApiKey key_of(KeyMode mode, std::vector<std::string> apps = {},
              std::vector<std::string> orgs = {}) {
  ApiKey key;
  key.id = 2;
  key.mode = mode;
  key.limited_to_apps = std::move(apps);
  key.limited_to_orgs = std::move(orgs);
  return key;
}

/// `allowed`, or the reason why not.
std::string format(const capgo::Decision& decision) {
  CHECK(decision.allowed == decision.reason.empty());
  return decision.allowed ? "allowed" : decision.reason;
}

std::string check_action(const ApiKey& key, const Action& action) {
  return format(capgo::authorize(key, action));
}

}  // namespace

// documented contract, section 3
TEST_CASE("a mode allows what the modes below it allow, and managing keys requires mode all") {
  constexpr std::array<std::string_view, 4> kNames = {"read", "upload", "write", "all"};
  for (size_t mode = 0; mode < 4; ++mode) {
    ApiKey key = key_of(static_cast<KeyMode>(mode), {"com.a"});
    for (size_t needed = 0; needed < 4; ++needed) {
      std::string expected = "allowed";
      if (mode < needed) {
        expected = "key 2 has mode \"" + std::string(kNames[mode]) + "\", and this needs \"" +
                   std::string(kNames[needed]) + "\"";
      }
      CHECK(check_action(key, {static_cast<KeyMode>(needed), "com.a", {}}) == expected);
      if (needed == 3) CHECK(format(capgo::check_management_mode(key)) == expected);
    }
  }
}

TEST_CASE("a key without limits may affect any app and org, or none in particular") {
  ApiKey key = key_of(KeyMode::read);
  CHECK(check_action(key, {KeyMode::read, "com.demo.app", "org_acme"}) == "allowed");
  CHECK(check_action(key, {KeyMode::read, "com.demo.app", {}}) == "allowed");
  CHECK(check_action(key, {KeyMode::read, {}, "org_acme"}) == "allowed");
  CHECK(check_action(key, {KeyMode::read, {}, {}}) == "allowed");
}

TEST_CASE("null limits are the same as empty ones") {
  ApiKey key = key_of(KeyMode::all);
  key.limited_to_apps = key.limited_to_orgs = std::nullopt;
  CHECK(check_action(key, {KeyMode::all, "com.demo.app", "org_acme"}) == "allowed");
  CHECK(check_action(key, {KeyMode::all, {}, {}}) == "allowed");
  CHECK(format(capgo::check_unlimited(key)) == "allowed");
  key.limited_to_orgs = {"org_a"};
  CHECK(check_action(key, {KeyMode::all, "com.any", "org_a"}) == "allowed");
  CHECK(check_action(key, {KeyMode::all, {}, {}}) == "key 2 is limited to the orgs org_a");
  CHECK(format(capgo::check_unlimited(key)) ==
        "key 2 is limited to the orgs org_a, and a limited key cannot manage keys");
}

TEST_CASE("a key limited to apps may affect those apps only") {
  ApiKey key = key_of(KeyMode::all, {"com.a", "com.b"});
  const std::string rejection = "key 2 is limited to the apps com.a, com.b";
  CHECK(check_action(key, {KeyMode::read, "com.a", "org_any"}) == "allowed");
  CHECK(check_action(key, {KeyMode::all, "com.b", {}}) == "allowed");
  CHECK(check_action(key, {KeyMode::read, "com.c", "org_any"}) == rejection);
  CHECK(check_action(key, {KeyMode::read, "COM.A", {}}) == rejection);
  CHECK(check_action(key, {KeyMode::read, "", {}}) == rejection);
  CHECK(check_action(key, {KeyMode::read, {}, "com.a"}) == rejection);
  CHECK(check_action(key, {KeyMode::read, {}, {}}) == rejection);
}

TEST_CASE("a key limited to orgs may affect those orgs only") {
  ApiKey key = key_of(KeyMode::all, {}, {"org_a", "org_b"});
  const std::string rejection = "key 2 is limited to the orgs org_a, org_b";
  CHECK(check_action(key, {KeyMode::read, "com.any", "org_a"}) == "allowed");
  CHECK(check_action(key, {KeyMode::all, {}, "org_b"}) == "allowed");
  CHECK(check_action(key, {KeyMode::read, "com.any", "org_c"}) == rejection);
  CHECK(check_action(key, {KeyMode::read, "org_a", {}}) == rejection);
  CHECK(check_action(key, {KeyMode::read, {}, {}}) == rejection);
}

TEST_CASE("a key limited to apps and orgs must be within both") {
  ApiKey key = key_of(KeyMode::write, {"com.a"}, {"org_a"});
  const std::string by_apps = "key 2 is limited to the apps com.a";
  const std::string by_orgs = "key 2 is limited to the orgs org_a";
  CHECK(check_action(key, {KeyMode::write, "com.a", "org_a"}) == "allowed");
  CHECK(check_action(key, {KeyMode::write, "com.a", "org_b"}) == by_orgs);
  CHECK(check_action(key, {KeyMode::write, "com.a", {}}) == by_orgs);
  CHECK(check_action(key, {KeyMode::write, "com.b", "org_a"}) == by_apps);
  CHECK(check_action(key, {KeyMode::write, {}, "org_a"}) == by_apps);
  CHECK(check_action(key, {KeyMode::write, "com.b", "org_b"}) == by_apps);
  CHECK(check_action(key, {KeyMode::write, {}, {}}) == by_apps);
}

TEST_CASE("a subkey cannot manage keys, whatever it is limited to") {
  auto unlimited = [](std::vector<std::string> apps, std::vector<std::string> orgs) {
    return format(capgo::check_unlimited(key_of(KeyMode::all, std::move(apps), std::move(orgs))));
  };
  const std::string why = ", and a limited key cannot manage keys";
  CHECK(unlimited({}, {}) == "allowed");
  CHECK(unlimited({"com.a", "com.b"}, {}) == "key 2 is limited to the apps com.a, com.b" + why);
  CHECK(unlimited({}, {"org_a", "org_b"}) == "key 2 is limited to the orgs org_a, org_b" + why);
  CHECK(unlimited({"com.a"}, {"org_a"}) == "key 2 is limited to the apps com.a" + why);
}
