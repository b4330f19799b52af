#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "contract/deployed/rows.h"
#include "contract/deployed_2026_07/steps.h"

/// Roles, rights and policies as the database has them. Sections are those of the contract's page.
namespace contract::deployed_2026_07 {

/// Finds the org with this id, in either case; null if there is none.
const capgo::Org* find_org(const Call& call, std::string_view id);

/// Returns the key's rights.
capgo::Rights rights_of(const Call& call, const capgo::ApiKey& key);

/// Returns the org that makes a plain key unusable, because it enforces hashed keys; null if there
/// is none. (section 3)
const capgo::Org* find_hashed_only_org(const Call& call, const capgo::ApiKey& key);

/// `key 2 is not hashed, and it has a role in org "org_a", which requires hashed keys`
std::string explain_hashed_only(const capgo::ApiKey& key, const capgo::Org& org);

/// Returns whether the user's role in the org has a permission. (section 17)
bool has_permission(Call& call, const Caller& caller, std::string_view org_id,
                    std::string_view permission);

/// Returns whether a key has bindings, all of them in managed orgs. (section 11)
bool can_manage(const Call& call, const ManagedOrgs& managed, const capgo::ApiKey& key);

/// `key 3 has the role app_reader (app com.demo.app)`; without roles, why it has none.
std::string explain_roles(const Call& call, const capgo::ApiKey& key);

/// Says which role the user has in an org, and which ones give the permission.
std::string explain_missing_permission(const Call& call, const Caller& caller,
                                       std::string_view org_id, std::string_view permission);

/// The error of `org.create` without an admin binding. (section 9)
ApiError reject_org_create();

/// Returns the orgs of the bindings, without duplicates, in order.
std::vector<std::string> orgs_of(std::span<const capgo::Binding> bindings);
std::vector<std::string> orgs_of(std::span<const SentBinding> bindings);

/// Returns the error of the first org whose policy does not allow this expiration. A user is
/// checked against the orgs that the user can read, a key against all. If one of the ids is not a
/// UUID, no policy applies. (section 10)
std::optional<ApiError> find_policy_error(const Call& call, const Caller& caller,
                                          std::span<const std::string> org_ids,
                                          const std::optional<base::Time>& expires_at);

/// Returns the error of the triggers, which repeat the policies for all orgs. (section 10, "behind
/// it")
std::optional<DatabaseError> find_trigger_error(const Call& call,
                                                std::span<const std::string> org_ids,
                                                const std::optional<base::Time>& expires_at);

/// Why a binding cannot be stored.
struct BindingFailure {
  /// Null if the database fails.
  const ErrorTemplate* error_template;
  std::string reason;
};

/// Converts the sent bindings to those that are stored, in order; or says why the first that fails
/// does. (section 9)
std::variant<std::vector<capgo::Binding>, BindingFailure> resolve_bindings(
    const Call& call, const Caller& caller, std::span<const SentBinding> sent);

/// Sets the rights, and the mode and the limits that they replace.
void set_rights(capgo::ApiKey& key, capgo::Rights rights);

}  // namespace contract::deployed_2026_07
