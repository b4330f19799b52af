#pragma once

#include "contract/api_error.h"
#include "contract/deployed/errors.h"

/// The errors of the service of July 2026 that have no name for scenarios. (section 16 of its page,
/// in that order)
namespace contract::deployed_2026_07 {

using namespace deployed;  // The shared errors, and the flags of ErrorTemplate::details.

inline constexpr ErrorTemplate kInvalidSubkeyHeader = {401, "invalid_subkey",
                                                       "Invalid x-limited-key-id", kNothing};

inline constexpr ErrorTemplate kInvalidBindings = {400, "invalid_bindings", "", kNothing};
inline constexpr ErrorTemplate kBindingsRequired = {400, "bindings_required",
                                                    "API key bindings are required", kNothing};
inline constexpr ErrorTemplate kInvalidGlobalPermissions = {400, "invalid_global_permissions", "",
                                                            kRequestId};
inline constexpr ErrorTemplate kForbiddenBinding = {403, "forbidden_binding", "", kNothing};
inline constexpr ErrorTemplate kAdminRightsRequired = {403, "forbidden_binding", "", kRequestId};

inline constexpr ErrorTemplate kBindingCreationFailed = {
    400, "binding_creation_failed", "Failed to create role bindings for the API key", kNothing};
inline constexpr ErrorTemplate kBindingUpdateFailed = {
    500, "binding_update_failed", "Failed to update role bindings for the API key", kRequestId};
inline constexpr ErrorTemplate kPermissionUpdateFailed = {
    500, "global_permission_update_failed", "Failed to update API key permissions", kRequestId};

inline constexpr ErrorTemplate kNothingToUpdate = {
    400, "no_valid_fields_provided_for_update",
    "No valid fields provided for update. Provide name, expires_at, bindings, global_permissions, "
    "or regenerate.",
    kRequestId};

}  // namespace contract::deployed_2026_07
