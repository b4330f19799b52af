#include "base/ids.h"

#include <doctest/doctest.h>

#include <array>
#include <regex>
#include <set>
#include <string>
#include <vector>

namespace {

using base::Ids;
using base::Random;

/// The value of the generator in the C++ standard: the 10000th from the seed 5489.
constexpr uint64_t kStandardSeed = 5489;
constexpr uint64_t kStandardValue = 9'981'545'732'273'789'042U;  // 0x8a8592f5817ed872

Random before_standard_value() {
  Random random(kStandardSeed);
  for (int i = 1; i < 10'000; ++i) random.next();
  return random;
}

/// A random UUID in lower case. (RFC 9562, section 5.4)
const std::regex kUuidForm("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}");

/// Checks that values are different random UUIDs, of every variant.
template <typename Next>
void check_uuids(Next next) {
  std::set<std::string> seen;
  std::set<char> variants;
  for (int i = 0; i < 1000; ++i) {
    std::string id = next();
    CAPTURE(id);
    REQUIRE(std::regex_match(id, kUuidForm));
    seen.insert(id);
    variants.insert(id[19]);
  }
  CHECK(seen.size() == 1000);
  CHECK(variants == std::set<char>{'8', '9', 'a', 'b'});
}

/// A kind of generated values.
struct Kind {
  std::string_view name;
  std::string (*next)(Ids&);
};

constexpr std::array<Kind, 4> kKinds = {{
    {"secret", [](Ids& ids) { return ids.secret(); }},
    {"uuid_secret", [](Ids& ids) { return ids.uuid_secret(); }},
    {"request_id", [](Ids& ids) { return ids.request_id(); }},
    {"row_id", [](Ids& ids) { return ids.row_id(); }},
}};

std::vector<std::string> first_secrets(Ids& ids, size_t count) {
  std::vector<std::string> secrets;
  while (secrets.size() < count) secrets.push_back(ids.secret());
  return secrets;
}

}  // namespace

TEST_CASE("random numbers are the same on every machine") {
  CHECK(before_standard_value().next() == kStandardValue);
  CHECK(before_standard_value().hex().starts_with("8a8592f5817ed872"));
  // The upper 53 bits of the value, as a fraction.
  CHECK(before_standard_value().fraction() ==
        static_cast<double>(kStandardValue >> 11) / 9'007'199'254'740'992.0);
}

TEST_CASE("secrets are the same on every machine") {
  // Computed with an independent implementation.
  Ids ids(42);
  CHECK(ids.secret() == "ak_c151df7d6ee5e2d6a3978fb9b92502a8");
  CHECK(ids.secret() == "ak_c08c967f0e5e7b0a22e2c43f8a1ad34e");
}

TEST_CASE("fractions are in [0, 1) and evenly distributed") {
  Random random(1);
  std::array<int, 10> tenths{};
  for (int i = 0; i < 10'000; ++i) {
    double fraction = random.fraction();
    REQUIRE(fraction >= 0);
    REQUIRE(fraction < 1);
    ++tenths.at(static_cast<size_t>(fraction * 10));
  }
  for (int count : tenths) {
    CHECK(count > 850);
    CHECK(count < 1150);
  }
}

TEST_CASE("32 hex digits are lower-case, leading zeros included") {
  const std::regex form("[0-9a-f]{32}");
  Random random(2);
  bool leading_zero = false;
  for (int i = 0; i < 1000; ++i) {
    std::string text = random.hex();
    CAPTURE(text);
    REQUIRE(std::regex_match(text, form));
    leading_zero = leading_zero || text[0] == '0';
  }
  CHECK(leading_zero);
}

TEST_CASE("ids in the form of a UUID are the same on every machine") {
  // Computed with an independent implementation.
  CHECK(Random(42).uuid() == "c151df7d-6ee5-42d6-9397-8fb9b92502a8");
  Ids ids(42);
  CHECK(ids.uuid_secret() == "c151df7d-6ee5-42d6-9397-8fb9b92502a8");
  CHECK(ids.uuid_secret() == "c08c967f-0e5e-4b0a-a2e2-c43f8a1ad34e");
  CHECK(ids.request_id() == "3986491b-545e-45ee-8cef-b0dbda185d0f");
  CHECK(ids.row_id() == "5eef1356-fa57-4d27-8554-ddae92ca15dc");
  CHECK(ids.row_id() == "f0633be3-6647-4198-9286-aa846aa65914");
}

TEST_CASE("the same seed gives the same values of each kind, and another seed different ones") {
  for (const Kind& kind : kKinds) {
    CAPTURE(kind.name);
    Ids one(7);
    Ids same(7);
    Ids other(8);
    for (int i = 0; i < 10; ++i) {
      std::string value = kind.next(one);
      CHECK(kind.next(same) == value);
      CHECK(kind.next(other) != value);
    }
  }
}

TEST_CASE("a secret is ak_ and 32 lower-case hex digits, a new one each time") {
  const std::regex form("ak_[0-9a-f]{32}");
  Ids ids(3);
  std::vector<std::string> secrets = first_secrets(ids, 1000);
  for (const std::string& secret : secrets) {
    CAPTURE(secret);
    REQUIRE(std::regex_match(secret, form));
  }
  CHECK(std::set(secrets.begin(), secrets.end()).size() == 1000);
}

TEST_CASE("request ids, row ids and the deployed service's secrets are random UUIDs") {
  Random random(4);
  check_uuids([&] { return random.uuid(); });
  Ids ids(4);
  check_uuids([&] { return ids.request_id(); });
  check_uuids([&] { return ids.row_id(); });
  check_uuids([&] { return ids.uuid_secret(); });
}

TEST_CASE("secrets, request ids and row ids of one seed differ from each other") {
  Ids ids(9);
  std::set<std::string> seen;
  for (int i = 0; i < 100; ++i) {
    seen.insert({ids.uuid_secret(), ids.request_id(), ids.row_id()});
  }
  CHECK(seen.size() == 300);
}

TEST_CASE("secrets, request ids and row ids do not depend on how many others were generated") {
  for (const Kind& kind : kKinds) {
    CAPTURE(kind.name);
    Ids quiet(5);
    Ids busy(5);
    for (int i = 0; i < 5; ++i) {
      for (const Kind& other : kKinds) {
        // Both forms of secrets share a stream: a sandbox generates only one form.
        if (kind.name.ends_with("secret") && other.name.ends_with("secret")) continue;
        for (int draws = 0; draws <= i && other.name != kind.name; ++draws) other.next(busy);
      }
      CHECK(kind.next(busy) == kind.next(quiet));
    }
  }
}

TEST_CASE("the default seed is different each time") {
  CHECK(base::random_seed() != base::random_seed());
}
