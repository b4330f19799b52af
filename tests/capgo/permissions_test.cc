#include "capgo/permissions.h"

#include <doctest/doctest.h>

#include <array>
#include <string>
#include <vector>

namespace {

using capgo::Action;
using capgo::ApiKey;
using capgo::KeyMode;

constexpr std::array<KeyMode, 4> kLadder = {KeyMode::read, KeyMode::upload, KeyMode::write,
                                            KeyMode::all};

/// Rows: the mode of the key. Columns: what is needed. (documented contract, section 3)
constexpr bool kIncludes[4][4] = {
    {true, false, false, false},
    {true, true, false, false},
    {true, true, true, false},
    {true, true, true, true},
};

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
std::string shown(const capgo::Decision& decision) {
  CHECK(decision.allowed == decision.reason.empty());
  return decision.allowed ? "allowed" : decision.reason;
}

std::string judged(const ApiKey& key, const Action& action) {
  return shown(capgo::authorize(key, action));
}

}  // namespace

TEST_CASE("each mode includes itself and the modes below it, and none above") {
  constexpr std::array<std::string_view, 4> kNames = {"read", "upload", "write", "all"};
  for (size_t has = 0; has < 4; ++has) {
    for (size_t needs = 0; needs < 4; ++needs) {
      CAPTURE(kNames[has]);
      CAPTURE(kNames[needs]);
      bool wanted = kIncludes[has][needs];
      CHECK(capgo::includes(kLadder[has], kLadder[needs]) == wanted);
      std::string reason = "key 2 has mode \"" + std::string(kNames[has]) +
                           "\", and this needs \"" + std::string(kNames[needs]) + "\"";
      CHECK(judged(key_of(kLadder[has]), {kLadder[needs], {}, {}}) ==
            (wanted ? "allowed" : reason));
    }
  }
}

TEST_CASE("a key without limits may affect any app and org, or none in particular") {
  ApiKey key = key_of(KeyMode::read);
  CHECK(judged(key, {KeyMode::read, "com.demo.app", "org_acme"}) == "allowed");
  CHECK(judged(key, {KeyMode::read, "com.demo.app", {}}) == "allowed");
  CHECK(judged(key, {KeyMode::read, {}, "org_acme"}) == "allowed");
  CHECK(judged(key, {KeyMode::read, {}, {}}) == "allowed");
}

TEST_CASE("a key with null for its limits may do what one with empty ones may") {
  ApiKey key = key_of(KeyMode::all);
  key.limited_to_apps = key.limited_to_orgs = std::nullopt;
  CHECK(judged(key, {KeyMode::all, "com.demo.app", "org_acme"}) == "allowed");
  CHECK(judged(key, {KeyMode::all, {}, {}}) == "allowed");
  CHECK(shown(capgo::check_unlimited(key)) == "allowed");
  key.limited_to_orgs = {"org_a"};
  CHECK(judged(key, {KeyMode::all, "com.any", "org_a"}) == "allowed");
  CHECK(judged(key, {KeyMode::all, {}, {}}) == "key 2 is limited to the orgs org_a");
  CHECK(shown(capgo::check_unlimited(key)) ==
        "key 2 is limited to the orgs org_a, and a limited key cannot manage keys");
}

TEST_CASE("a key limited to apps may affect those apps only") {
  ApiKey key = key_of(KeyMode::all, {"com.a", "com.b"});
  const std::string rejection = "key 2 is limited to the apps com.a, com.b";
  CHECK(judged(key, {KeyMode::read, "com.a", "org_any"}) == "allowed");
  CHECK(judged(key, {KeyMode::all, "com.b", {}}) == "allowed");
  CHECK(judged(key, {KeyMode::read, "com.c", "org_any"}) == rejection);
  CHECK(judged(key, {KeyMode::read, "COM.A", {}}) == rejection);
  CHECK(judged(key, {KeyMode::read, "", {}}) == rejection);
  CHECK(judged(key, {KeyMode::read, {}, "com.a"}) == rejection);
  CHECK(judged(key, {KeyMode::read, {}, {}}) == rejection);
}

TEST_CASE("a key limited to orgs may affect those orgs only") {
  ApiKey key = key_of(KeyMode::all, {}, {"org_a", "org_b"});
  const std::string rejection = "key 2 is limited to the orgs org_a, org_b";
  CHECK(judged(key, {KeyMode::read, "com.any", "org_a"}) == "allowed");
  CHECK(judged(key, {KeyMode::all, {}, "org_b"}) == "allowed");
  CHECK(judged(key, {KeyMode::read, "com.any", "org_c"}) == rejection);
  CHECK(judged(key, {KeyMode::read, "org_a", {}}) == rejection);
  CHECK(judged(key, {KeyMode::read, {}, {}}) == rejection);
}

TEST_CASE("a key limited to apps and orgs must be within both") {
  ApiKey key = key_of(KeyMode::write, {"com.a"}, {"org_a"});
  const std::string by_apps = "key 2 is limited to the apps com.a";
  const std::string by_orgs = "key 2 is limited to the orgs org_a";
  CHECK(judged(key, {KeyMode::write, "com.a", "org_a"}) == "allowed");
  CHECK(judged(key, {KeyMode::write, "com.a", "org_b"}) == by_orgs);
  CHECK(judged(key, {KeyMode::write, "com.a", {}}) == by_orgs);
  CHECK(judged(key, {KeyMode::write, "com.b", "org_a"}) == by_apps);
  CHECK(judged(key, {KeyMode::write, {}, "org_a"}) == by_apps);
  CHECK(judged(key, {KeyMode::write, "com.b", "org_b"}) == by_apps);
  CHECK(judged(key, {KeyMode::write, {}, {}}) == by_apps);
}

TEST_CASE("the mode is checked before the limits") {
  ApiKey key = key_of(KeyMode::read, {"com.a"}, {"org_a"});
  CHECK(judged(key, {KeyMode::upload, "com.b", "org_b"}) ==
        "key 2 has mode \"read\", and this needs \"upload\"");
}

TEST_CASE("managing keys requires mode all") {
  auto managing = [](KeyMode mode) { return shown(capgo::check_management_mode(key_of(mode))); };
  CHECK(managing(KeyMode::all) == "allowed");
  CHECK(managing(KeyMode::write) == "key 2 has mode \"write\", and this needs \"all\"");
  CHECK(managing(KeyMode::upload) == "key 2 has mode \"upload\", and this needs \"all\"");
  CHECK(managing(KeyMode::read) == "key 2 has mode \"read\", and this needs \"all\"");
  CHECK(shown(capgo::check_management_mode(key_of(KeyMode::all, {"com.a"}))) == "allowed");
}

TEST_CASE("a subkey cannot manage keys, whatever it is limited to") {
  auto unlimited = [](std::vector<std::string> apps, std::vector<std::string> orgs) {
    return shown(capgo::check_unlimited(key_of(KeyMode::all, std::move(apps), std::move(orgs))));
  };
  const std::string why = ", and a limited key cannot manage keys";
  CHECK(unlimited({}, {}) == "allowed");
  CHECK(unlimited({"com.a", "com.b"}, {}) == "key 2 is limited to the apps com.a, com.b" + why);
  CHECK(unlimited({}, {"org_a", "org_b"}) == "key 2 is limited to the orgs org_a, org_b" + why);
  CHECK(unlimited({"com.a"}, {"org_a"}) == "key 2 is limited to the apps com.a" + why);
}
