#include "capgo/error_name.h"

#include <doctest/doctest.h>

#include <iterator>
#include <set>
#include <utility>

namespace {

using capgo::ErrorName;

/// The names of the design, each beside its error.
constexpr std::pair<ErrorName, std::string_view> kNames[] = {
    {ErrorName::invalid_api_key, "invalid_api_key"},
    {ErrorName::expired_key, "expired_key"},
    {ErrorName::rate_limited, "rate_limited"},
    {ErrorName::permission_denied, "permission_denied"},
    {ErrorName::invalid_json, "invalid_json"},
    {ErrorName::invalid_limited_to_apps, "invalid_limited_to_apps"},
    {ErrorName::invalid_limited_to_orgs, "invalid_limited_to_orgs"},
    {ErrorName::name_required, "name_required"},
    {ErrorName::invalid_mode, "invalid_mode"},
    {ErrorName::invalid_expiration, "invalid_expiration"},
    {ErrorName::expiration_in_past, "expiration_in_past"},
    {ErrorName::expiration_required, "expiration_required"},
    {ErrorName::expiration_exceeds_max, "expiration_exceeds_max"},
    {ErrorName::invalid_id, "invalid_id"},
    {ErrorName::key_not_found, "key_not_found"},
    {ErrorName::not_found, "not_found"},
    {ErrorName::server_error, "server_error"},
};

}  // namespace

TEST_CASE("every error has its documented name, and is found by it") {
  std::set<std::string_view> listed(capgo::kErrorNames.begin(), capgo::kErrorNames.end());
  CHECK(listed.size() == std::size(kNames));
  for (const auto& known : kNames) {
    std::string_view name = known.second;
    CAPTURE(name);
    CHECK(capgo::error_name(known.first) == name);
    CHECK((capgo::parse_error_name(name) == known.first));
    CHECK(listed.contains(name));
  }
}

TEST_CASE("there is no error of any other name") {
  for (std::string_view other :
       {"", "Not_found", "NOT_FOUND", "not-found", "not_found ", "teapot"}) {
    CAPTURE(other);
    CHECK_FALSE(capgo::parse_error_name(other).has_value());
  }
}
