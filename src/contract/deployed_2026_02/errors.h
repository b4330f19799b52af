#pragma once

#include "contract/api_error.h"
#include "contract/deployed/envelope.h"

/// The errors of the service of February 2026. (section 16 of its page, in that order)
namespace contract::deployed_2026_02 {

using namespace deployed;  // The flags of ErrorTemplate::details.

inline constexpr std::string_view kLimited = "You cannot do that as a limited API key";

inline constexpr ErrorTemplate kNoCredential = {401, "no_jwt_apikey_or_subkey",
                                                "No JWT, apikey or subkey provided", kNothing};
inline constexpr ErrorTemplate kInvalidJwt = {401, "invalid_jwt", "Invalid JWT", kNothing};
inline constexpr ErrorTemplate kInvalidApikey = {401, "invalid_apikey", "Invalid apikey", kNothing};
inline constexpr ErrorTemplate kInvalidSubkey = {401, "invalid_subkey", "Invalid subkey", kNothing};
inline constexpr ErrorTemplate kUnlimitedSubkey = {
    401, "invalid_subkey", "Invalid subkey, no limited apps or orgs", kNothing};

inline constexpr ErrorTemplate kCannotList = {401, "cannot_list_apikeys", kLimited, kCallerId};
inline constexpr ErrorTemplate kFailedToList = {500, "failed_to_list_apikeys",
                                                "Failed to list API keys", kDatabaseError};

inline constexpr ErrorTemplate kUnknownError = {500, "unknown_error", "Unknown error", kNothing};
inline constexpr ErrorTemplate kModeIsRequired = {400, "mode_is_required", "Mode is required",
                                                  kNothing};
inline constexpr ErrorTemplate kOrgNotFound = {404, "org_not_found", "Org not found",
                                               kDatabaseError};
inline constexpr ErrorTemplate kAppNotFound = {404, "app_not_found", "App not found",
                                               kDatabaseError};
inline constexpr ErrorTemplate kFailedToCreate = {400, "failed_to_create_apikey",
                                                  "Failed to create API key", kDatabaseError};

inline constexpr ErrorTemplate kIdRequired = {400, "api_key_id_required", "API key ID is required",
                                              kRequestId};
inline constexpr ErrorTemplate kRegenerateMustBeBoolean = {
    400, "regenerate_must_be_boolean", "regenerate must be a boolean", kRequestId};
inline constexpr ErrorTemplate kNothingToUpdate = {
    400, "no_valid_fields_provided_for_update",
    "No valid fields provided for update. Provide name, mode, limited_to_apps, limited_to_orgs, or "
    "expires_at.",
    kRequestId};
inline constexpr ErrorTemplate kLookupFailed = {500, "api_key_not_found_or_access_denied",
                                                "API key not found or access denied",
                                                kRequestId | kDatabaseError};
inline constexpr ErrorTemplate kFailedToUpdate = {
    500, "failed_to_update_apikey", "Failed to update API key", kRequestId | kDatabaseError};
inline constexpr ErrorTemplate kFailedToRegenerate = {
    500, "failed_to_update_apikey", "Failed to regenerate API key", kRequestId | kDatabaseError};

}  // namespace contract::deployed_2026_02
