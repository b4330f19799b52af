#pragma once

#include <array>
#include <string_view>

#include "base/enum_names.h"

namespace capgo {

/// The errors of the service. Scenarios and the documentation use these names; each contract has
/// its own status and message for each.
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

}  // namespace capgo

template <>
inline constexpr std::array<std::string_view, 17> base::kNames<capgo::ErrorName> = {
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
