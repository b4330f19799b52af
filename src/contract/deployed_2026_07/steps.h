#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "capgo/rights.h"
#include "contract/contract.h"
#include "contract/deployed/callers.h"
#include "contract/deployed/steps.h"
#include "contract/steps.h"

/// The steps that only the contract of July 2026 has, and the facts that they find. Sections are
/// those of its page.
namespace contract::deployed_2026_07 {

using namespace deployed;  // The shared steps and facts.

/// The orgs whose keys the caller may manage; absent for a user, who manages all of the own keys.
struct ManagedOrgs {
  std::optional<std::vector<std::string>> ids;
};

/// A binding as it was sent, after its form was checked. (section 9)
struct SentBinding {
  std::string role_name;
  capgo::Scope scope;
  std::string org_id;
  /// Empty if absent or null.
  std::string app_id;
  /// Trimmed; empty if absent, null or a number that is no id.
  std::string channel_id;
};
struct SentBindings {
  /// Nothing if the request has no bindings.
  std::optional<std::vector<SentBinding>> list;
};
struct GlobalPermissions {
  /// Nothing if the request has none; without duplicates.
  std::optional<std::vector<std::string>> list;
};
struct Name {
  /// Nothing if the database cannot store the name.
  std::optional<std::string> value;
};

// The caller. (sections 3 and 4)

/// Finds the calling key, or verifies the JWT. The header x-limited-key-id of a key must be a
/// number.
Found<Caller> authenticate(Call& call);
/// The key that `x-limited-key-id` names replaces the calling key, in Call::caller and so in the
/// fact. (section 4)
std::optional<ApiError> replace_by_subkey(Call& call, const Caller& caller);
/// A key must be bound to an org with a role that may manage keys. (section 17)
Found<ManagedOrgs> require_right_to_manage_keys(Call& call, const Caller& caller);

// List, get and delete. (sections 11, 12 and 15)

/// The id in the path must be digits or have the form of a secret.
Found<PathId> require_id_form(const Call& call);
/// The id must be the number or the plain secret of a key of the user.
Found<OwnKey> find_own_key(const Call& call, const Caller& caller, const PathId& id);
/// A key cannot delete itself.
std::optional<ApiError> reject_deleting_itself(const Caller& caller, const OwnKey& own);
/// A calling key must be allowed to manage all orgs of the key.
std::optional<ApiError> require_managed_key(const Call& call, const ManagedOrgs& managed,
                                            const OwnKey& own);

// Create. (section 13)

std::optional<ApiError> reject_key_as_creator(const Caller& caller);
/// Checks the form of each binding.
Found<SentBindings> read_bindings(const Fields& fields);
/// The name must be truthy.
Found<Name> read_name(const Call& call, const Fields& fields);
std::optional<ApiError> require_bindings(const SentBindings& bindings);
Found<GlobalPermissions> read_global_permissions(const Fields& fields);
/// `org.create` needs an admin binding among those sent.
std::optional<ApiError> require_admin_for_org_create(const SentBindings& bindings,
                                                     const GlobalPermissions& permissions);
/// The orgs of the bindings must allow the expiration. (section 10)
std::optional<ApiError> check_policies(const Call& call, const Caller& caller,
                                       const SentBindings& bindings, const Expiration& expiration);
/// Only who may update the roles of users may assign these roles.
std::optional<ApiError> check_sensitive_roles(Call& call, const Caller& caller,
                                              const SentBindings& bindings);
std::optional<ApiError> require_rights_in_orgs(Call& call, const Caller& caller,
                                               const SentBindings& bindings);
Found<NewKey> insert_key(Call& call, const Caller& caller, const Fields& fields, const Name& name,
                         const SentBindings& bindings, const GlobalPermissions& permissions,
                         const Expiration& expiration);

// Update. (section 14)

/// As read_bindings, but an empty list is an error too.
Found<SentBindings> read_new_bindings(const Call& call, const Fields& fields);
std::optional<ApiError> require_given_id_form(const GivenId& id);
/// There must be a field to change, or a secret to regenerate.
std::optional<ApiError> require_change(const Fields& fields);
/// The id must be the number or the plain secret of a key of the user.
Found<OwnKey> find_key_to_update(const Call& call, const Caller& caller, const GivenId& id);
/// A key cannot update itself.
std::optional<ApiError> reject_updating_itself(const Caller& caller, const OwnKey& own);
/// Only a user can replace bindings and global permissions.
std::optional<ApiError> reject_rights_from_key(const Caller& caller, const SentBindings& bindings,
                                               const GlobalPermissions& permissions);
/// The orgs of the new bindings, or else of the old ones, must allow the expiration, if the request
/// changes either. (section 10)
std::optional<ApiError> check_changed_policies(const Call& call, const Caller& caller,
                                               const Fields& fields, const SentBindings& bindings,
                                               const Expiration& expiration, const OwnKey& own);
/// Replacing bindings needs `org.update_user_roles` in all old and new orgs, replacing global
/// permissions in the old ones.
std::optional<ApiError> require_admin_rights(Call& call, const Caller& caller,
                                             const SentBindings& bindings,
                                             const GlobalPermissions& permissions,
                                             const OwnKey& own);
/// Updates the row, its bindings and its permissions if the database accepts the values.
Found<SavedKey> save_changes(Call& call, const Caller& caller, const Fields& fields,
                             const SentBindings& bindings, const GlobalPermissions& permissions,
                             const Expiration& expiration, const OwnKey& own);

// Guarded rules. (section 21)

/// The user of a JWT.
Found<Caller> authenticate_token(Call& call, const Credential& sent);
/// The key, which must not have expired, or be plain in an org that enforces hashed keys.
Found<Caller> authenticate_key(Call& call, const Credential& sent);
/// See CallerCheck.
Found<RuleCaller> authenticate_caller(Call& call, const Requirement& requirement);
capgo::Decision check_access(const Requirement& requirement, const RuleCaller& caller,
                             const store::KeyStore& keys);

}  // namespace contract::deployed_2026_07
