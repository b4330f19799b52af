#pragma once

#include "contract/api_error.h"
#include "contract/deployed/envelope.h"

/// The errors that the deployed contracts share. (section 16 of their pages)
namespace contract::deployed {

inline constexpr ErrorTemplate kNoCredential = {401, "no_jwt_apikey_or_subkey",
                                                "No JWT, apikey or subkey provided", kNothing};
inline constexpr ErrorTemplate kInvalidJwt = {401, "invalid_jwt", "Invalid JWT", kNothing};
inline constexpr ErrorTemplate kInvalidApikey = {401, "invalid_apikey", "Invalid apikey", kNothing};
inline constexpr ErrorTemplate kInvalidSubkey = {401, "invalid_subkey", "Invalid subkey", kNothing};
inline constexpr ErrorTemplate kUnlimitedSubkey = {
    401, "invalid_subkey", "Invalid subkey, no limited apps or orgs", kNothing};

inline constexpr ErrorTemplate kFailedToList = {500, "failed_to_list_apikeys",
                                                "Failed to list API keys", kDatabaseError};
inline constexpr ErrorTemplate kUnknownError = {500, "unknown_error", "Unknown error", kNothing};

inline constexpr ErrorTemplate kIdRequired = {400, "api_key_id_required", "API key ID is required",
                                              kRequestId};
inline constexpr ErrorTemplate kRegenerateMustBeBoolean = {
    400, "regenerate_must_be_boolean", "regenerate must be a boolean", kRequestId};
inline constexpr ErrorTemplate kLookupFailed = {500, "api_key_not_found_or_access_denied",
                                                "API key not found or access denied",
                                                kRequestId | kDatabaseError};
inline constexpr ErrorTemplate kFailedToUpdate = {
    500, "failed_to_update_apikey", "Failed to update API key", kRequestId | kDatabaseError};
inline constexpr ErrorTemplate kFailedToRegenerate = {
    500, "failed_to_update_apikey", "Failed to regenerate API key", kRequestId | kDatabaseError};

}  // namespace contract::deployed
