#pragma once

#include "contract/api_error.h"
#include "contract/deployed/errors.h"

/// The errors of the service of February 2026. (section 16 of its page, in that order)
namespace contract::deployed_2026_02 {

using namespace deployed;  // The shared errors, and the flags of ErrorTemplate::details.

inline constexpr std::string_view kLimited = "You cannot do that as a limited API key";

inline constexpr ErrorTemplate kCannotList = {401, "cannot_list_apikeys", kLimited, kCallerId};

inline constexpr ErrorTemplate kModeIsRequired = {400, "mode_is_required", "Mode is required",
                                                  kNothing};
inline constexpr ErrorTemplate kOrgNotFound = {404, "org_not_found", "Org not found",
                                               kDatabaseError};
inline constexpr ErrorTemplate kAppNotFound = {404, "app_not_found", "App not found",
                                               kDatabaseError};
inline constexpr ErrorTemplate kFailedToCreate = {400, "failed_to_create_apikey",
                                                  "Failed to create API key", kDatabaseError};

inline constexpr ErrorTemplate kNothingToUpdate = {
    400, "no_valid_fields_provided_for_update",
    "No valid fields provided for update. Provide name, mode, limited_to_apps, limited_to_orgs, or "
    "expires_at.",
    kRequestId};

}  // namespace contract::deployed_2026_02
