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

inline constexpr ErrorTemplate kInvalidJson = {400, "invalid_json_parse_body", "Invalid JSON body",
                                               kParseError};
inline constexpr ErrorTemplate kNameRequired = {400, "name_is_required", "Name is required",
                                                kNothing};
inline constexpr ErrorTemplate kInvalidExpiration = {400, "invalid_expiration_date",
                                                     "Invalid expiration date format", kNothing};
inline constexpr ErrorTemplate kExpirationInPast = {
    400, "invalid_expiration_date", "Expiration date must be in the future", kNothing};
inline constexpr ErrorTemplate kExpirationRequired = {
    400, "expiration_required", "This organization requires API keys to have an expiration date",
    kNothing};
inline constexpr ErrorTemplate kExpirationExceedsMax = {
    400, "expiration_exceeds_max", "API key expiration cannot exceed 90 days for this organization",
    kNothing};
inline constexpr ErrorTemplate kInvalidId = {400, "invalid_id_format",
                                             "API key ID must be a valid UUID or number", kNothing};
inline constexpr ErrorTemplate kKeyNotFound = {404, "api_key_not_found", "API key not found",
                                               kDatabaseError};
inline constexpr ErrorTemplate kFailedToGet = {404, "failed_to_get_apikey", "Failed to get API key",
                                               kDatabaseError};
inline constexpr ErrorTemplate kFailedToDelete = {500, "failed_to_delete_apikey",
                                                  "Failed to delete API key", kDatabaseError};
inline constexpr ErrorTemplate kUnknownEndpoint = {404, "not_found", "Not found"};

inline constexpr ErrorTemplate kInvalidIdOfUpdate = {
    400, "invalid_id_format", "API key ID must be a valid UUID or number", kRequestId};
inline constexpr ErrorTemplate kNameMustBeString = {400, "name_must_be_a_string",
                                                    "Name must be a string", kRequestId};
inline constexpr ErrorTemplate kKeyToUpdateNotFound = {404, "api_key_not_found_or_access_denied",
                                                       "API key not found or access denied",
                                                       kRequestId | kDatabaseError};
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
