#include "capgo/permissions.h"

#include <doctest/doctest.h>

#include <chrono>

namespace {

using capgo::Org;
using capgo::PolicyViolation;
using std::chrono::hours;
using std::chrono::microseconds;

constexpr base::Time kNow{std::chrono::seconds{1'707'696'000}};  // 2024-02-12T00:00:00Z
constexpr microseconds kTick{1};

Org org_with(bool requires_expiration, std::optional<int64_t> max_days) {
  Org org;
  org.require_apikey_expiration = requires_expiration;
  org.max_apikey_expiration_days = max_days;
  return org;
}

/// Checks a key that expires this long from now: `allowed`, `required` or `exceeds max`.
std::string check_policy(const Org& org, std::optional<microseconds> from_now) {
  std::optional<base::Time> expires_at;
  if (from_now) expires_at = kNow + *from_now;
  auto violation = capgo::check_expiration(org, expires_at, kNow);
  if (!violation) return "allowed";
  return violation == PolicyViolation::expiration_required ? "required" : "exceeds max";
}

}  // namespace

TEST_CASE("without an org policy a key may expire at any time or never") {
  Org org = org_with(false, std::nullopt);
  CHECK(check_policy(org, std::nullopt) == "allowed");
  CHECK(check_policy(org, kTick) == "allowed");
  CHECK(check_policy(org, hours{24} * 36'500) == "allowed");
}

TEST_CASE("an org that requires an expiration rejects only keys that never expire") {
  for (std::optional<int64_t> max_days : {std::optional<int64_t>(), std::optional<int64_t>(90)}) {
    Org org = org_with(true, max_days);
    CHECK(check_policy(org, std::nullopt) == "required");
    CHECK(check_policy(org, hours{24}) == "allowed");
  }
}

TEST_CASE("a maximum of N days ends N times 24 hours from now, to the microsecond") {
  for (int64_t days : {1, 90, 36'500}) {
    CAPTURE(days);
    for (bool requires_expiration : {false, true}) {
      Org org = org_with(requires_expiration, days);
      CHECK(check_policy(org, hours{24} * days) == "allowed");
      CHECK(check_policy(org, hours{24} * days + kTick) == "exceeds max");
      CHECK(check_policy(org, hours{24} * days - kTick) == "allowed");
      CHECK(check_policy(org, std::nullopt) == (requires_expiration ? "required" : "allowed"));
    }
  }
}

// deployed contract of February 2026, section 10: "0 means none"
TEST_CASE("a maximum of 0 days means no maximum") {
  CHECK(check_policy(org_with(false, 0), hours{24} * 36'500) == "allowed");
  CHECK(check_policy(org_with(false, 0), kTick) == "allowed");
  CHECK(check_policy(org_with(true, 0), hours{24} * 36'500) == "allowed");
  CHECK(check_policy(org_with(true, 0), std::nullopt) == "required");
}

TEST_CASE("an org is readable by its members, or by every user if it lists none") {
  Org org;
  CHECK(capgo::can_read(org, "user_1"));
  CHECK(capgo::can_read(org, ""));
  org.members = {{{"user_1"}, {"user_2", "org_member"}}};
  CHECK(capgo::can_read(org, "user_1"));
  CHECK(capgo::can_read(org, "user_2"));
  CHECK_FALSE(capgo::can_read(org, "user_3"));
  CHECK_FALSE(capgo::can_read(org, "USER_1"));
  CHECK_FALSE(capgo::can_read(org, "user_"));
  CHECK_FALSE(capgo::can_read(org, ""));
  org.members->clear();
  CHECK_FALSE(capgo::can_read(org, "user_1"));
}
