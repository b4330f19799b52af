#pragma once

#include <array>
#include <optional>
#include <string_view>

namespace capgo {

/// Every way the service refuses. The rules, the scenarios and the documentation use this list;
/// each contract words every name in its own way.
enum class ErrorName {
  invalid_api_key,
  expired_key,
  rate_limited,
  permission_denied,
  invalid_json,
  invalid_limited_to_apps,
  invalid_limited_to_orgs,
  name_required,
  invalid_mode,
  invalid_expiration,
  expiration_in_past,
  expiration_required,
  expiration_exceeds_max,
  invalid_id,
  key_not_found,
  not_found,
  server_error,
};

/// The names as scenario files and X-Mock-Scenario write them, in the order of the enum.
inline constexpr std::array<std::string_view, 17> kErrorNames = {
    "invalid_api_key",
    "expired_key",
    "rate_limited",
    "permission_denied",
    "invalid_json",
    "invalid_limited_to_apps",
    "invalid_limited_to_orgs",
    "name_required",
    "invalid_mode",
    "invalid_expiration",
    "expiration_in_past",
    "expiration_required",
    "expiration_exceeds_max",
    "invalid_id",
    "key_not_found",
    "not_found",
    "server_error",
};

/// The error of this name; nothing if there is none.
std::optional<ErrorName> parse_error_name(std::string_view name);

/// The name of an error.
std::string_view error_name(ErrorName error);

}  // namespace capgo
