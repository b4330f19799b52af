#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "capgo/api_key.h"
#include "capgo/role.h"

/// What keys and users may do in the contract that has roles instead of key modes. All functions:
/// from any thread. Sections are those of the deployed contract of July 2026.
namespace capgo {

/// Returns the user's role in the org, the highest if the org lists several; null if the user is
/// not a member. Every user is an `org_super_admin` of an org without members.
const Role* role_in(const Org& org, std::string_view user_id);

/// Returns the key's rights, or, if it has none of its own, those that the vendor's migration gave
/// to keys of its mode and limits. (section 9, "From modes to bindings")
Rights rights_of(const ApiKey& key, std::span<const Org> orgs, std::span<const App> apps);

/// Returns the user's role in each org, as rights.
Rights rights_of_user(std::string_view user_id, std::span<const Org> orgs);

/// Returns the org that makes a plain key unusable: the first in which the key has a role and that
/// enforces hashed keys. Null if there is none. (section 3)
const Org* find_hashed_only_org(const ApiKey& key, std::span<const Org> orgs,
                                std::span<const App> apps);

/// Returns the highest of the modes that are nearest to the roles; `read` if there are no roles.
KeyMode nearest_mode(const Rights& rights);

/// Returns the mode that contracts with modes require for about the same as the permission.
KeyMode nearest_mode(std::string_view permission);

/// Returns the role that allows about the same as a mode: of an org for `all`, else of an app.
std::string_view nearest_role(KeyMode mode);

/// Returns a permission that keys of this mode have by the migration, and keys of lower modes have
/// not.
std::string_view nearest_permission(KeyMode mode);

/// The permission to create orgs, which no role includes: it is global.
inline constexpr std::string_view kCreateOrg = "org.create";

/// The permissions to manage keys and roles in an org.
inline constexpr std::string_view kManageKeys = "org.manage_apikeys";
inline constexpr std::string_view kUpdateRoles = "org.update_user_roles";

/// Returns whether a role includes the permission, or it is global.
bool is_permission(std::string_view name);

/// `"app.raed" is not a permission; did you mean "app.read"?`
std::string explain_unknown_permission(std::string_view name);

/// Returns whether the binding makes the key an `org_admin` or `org_super_admin`.
bool is_org_admin(const Binding& binding);

/// What a request affects: an org, an app of it (App::id) or a channel of the app
/// (Channel::rbac_id). Each comes with the ones before it; without any, it may be anything.
struct Affected {
  std::optional<std::string> org_id = std::nullopt;
  std::optional<std::string> app_id = std::nullopt;
  std::optional<std::string> channel_id = std::nullopt;
};

/// Returns whether a binding is for what a request affects. A role of an org holds in all its apps
/// and channels, a role of an app in all its channels. (section 21)
bool covers(const Binding& binding, const Affected& affected);

/// Returns whether the role of a binding includes a permission.
bool gives(const Binding& binding, std::string_view permission);

/// Returns whether a binding gives a permission for what a request affects.
bool allows(const Binding& binding, std::string_view permission, const Affected& affected);

/// The same for any of the bindings.
bool allows(const Rights& rights, std::string_view permission, const Affected& affected);

/// Describes a binding: `app_uploader (app com.demo.app)`.
std::string describe(const Binding& binding, std::span<const App> apps,
                     std::span<const Channel> channels);

/// Describes the first bindings: `the role org_member (org org_a)`, `the roles app_reader (app
/// com.a), channel_admin (channel production of com.b) and 3 more`, `no roles`.
std::string describe_roles(const Rights& rights, std::span<const App> apps,
                           std::span<const Channel> channels);

}  // namespace capgo
