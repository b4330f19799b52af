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

/// The generator's value that the C++ standard names: its 10000th from the seed 5489.
constexpr uint64_t kStandardSeed = 5489;
constexpr uint64_t kStandardValue = 9'981'545'732'273'789'042U;  // 0x8a8592f5817ed872

Random before_standard_value() {
  Random random(kStandardSeed);
  for (int i = 1; i < 10'000; ++i) random.next();
  return random;
}

std::vector<std::string> first_secrets(Ids& ids, size_t count) {
  std::vector<std::string> secrets;
  while (secrets.size() < count) secrets.push_back(ids.secret());
  return secrets;
}

}  // namespace

TEST_CASE("chance is the same on every machine") {
  CHECK(before_standard_value().next() == kStandardValue);
  CHECK(before_standard_value().hex16() == "8a8592f5817ed872");
  // The upper 53 bits of the value, as a fraction.
  CHECK(before_standard_value().fraction() ==
        static_cast<double>(kStandardValue >> 11) / 9'007'199'254'740'992.0);
}

TEST_CASE("secrets are the same on every machine") {
  // From a second writing of the generator, after its description.
  Ids ids(42);
  CHECK(ids.secret() == "ak_c151df7d6ee5e2d6a3978fb9b92502a8");
  CHECK(ids.secret() == "ak_c08c967f0e5e7b0a22e2c43f8a1ad34e");
}

TEST_CASE("fractions lie in [0, 1) and are spread evenly") {
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

TEST_CASE("16 hex digits are lower-case, leading zeros included") {
  const std::regex form("[0-9a-f]{16}");
  Random random(2);
  bool leading_zero = false;
  for (int i = 0; i < 1000; ++i) {
    std::string text = random.hex16();
    CAPTURE(text);
    REQUIRE(std::regex_match(text, form));
    leading_zero = leading_zero || text[0] == '0';
  }
  CHECK(leading_zero);
}

TEST_CASE("the same seed makes the same secrets and request ids, another seed others") {
  Ids one(7);
  Ids same(7);
  Ids other(8);
  for (int i = 0; i < 10; ++i) {
    std::string secret = one.secret();
    std::string request_id = one.request_id();
    CHECK(same.secret() == secret);
    CHECK(same.request_id() == request_id);
    CHECK(other.secret() != secret);
    CHECK(other.request_id() != request_id);
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

TEST_CASE("a request id is a random UUID of version 4, a new one each time") {
  const std::regex form("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}");
  Ids ids(4);
  std::set<std::string> seen;
  std::set<char> variants;
  for (int i = 0; i < 1000; ++i) {
    std::string id = ids.request_id();
    CAPTURE(id);
    REQUIRE(std::regex_match(id, form));
    seen.insert(id);
    variants.insert(id[19]);
  }
  CHECK(seen.size() == 1000);
  CHECK(variants == std::set<char>{'8', '9', 'a', 'b'});
}

TEST_CASE("secrets do not depend on how many request ids were drawn") {
  Ids quiet(5);
  Ids busy(5);
  for (int i = 0; i < 5; ++i) {
    for (int requests = 0; requests <= i; ++requests) (void)busy.request_id();
    CHECK(busy.secret() == quiet.secret());
  }
}

TEST_CASE("request ids do not depend on how many secrets were made") {
  Ids quiet(6);
  Ids busy(6);
  for (int i = 0; i < 5; ++i) {
    for (int keys = 0; keys <= i; ++keys) (void)busy.secret();
    CHECK(busy.request_id() == quiet.request_id());
  }
}

TEST_CASE("a seed nobody asked for is another one each time") {
  CHECK(base::random_seed() != base::random_seed());
}
