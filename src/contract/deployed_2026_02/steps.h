#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "contract/contract.h"
#include "contract/deployed/callers.h"
#include "contract/deployed/steps.h"
#include "contract/steps.h"

/// The steps that only the contract of February 2026 has, and the facts that they find. Sections
/// are those of its page.
namespace contract::deployed_2026_02 {

using namespace deployed;  // The shared steps and facts.

/// The key that `x-limited-key-id` names, if any. Its limits apply in addition to the caller's.
/// (section 4)
struct Subkey {
  std::optional<capgo::ApiKey> key;
};

struct Name {
  std::string value;
};
struct Mode {
  capgo::KeyMode value;
};
/// The limits of a new key, after `org_id` and `app_id` have replaced the lists.
struct FinalOrgs {
  std::vector<std::string> ids;
};
struct FinalApps {
  std::vector<std::string> ids;
};

// The caller. (sections 3 to 5)

/// Finds the calling key, of mode `all` and not expired; or accepts a JWT by its form.
Found<Caller> authenticate(Call& call);
Found<Subkey> read_subkey(const Call& call, const Caller& caller);
/// The caller must not be limited to orgs; it may be limited to apps.
std::optional<ApiError> require_caller_without_orgs(const Caller& caller);

// Parts of these, for the endpoints and for guarded rules.

Found<Caller> authenticate_token(Call& call, const Credential& sent);
/// The key must have one of these modes.
std::optional<ApiError> require_one_of(const capgo::ApiKey& key,
                                       std::span<const capgo::KeyMode> modes);

/// See CallerCheck.
Found<RuleCaller> authenticate_caller(Call& call, const Requirement& requirement);
std::optional<ApiError> check_mode(const capgo::ApiKey& key, const Requirement& requirement);

// List. (section 11)

/// The database must accept the id of the user. (section 16, "database error")
std::optional<ApiError> query_rows(const Call& call, const Caller& caller);

// Create. (sections 9, 10 and 13)

/// The name must be truthy. If it is not a string, its JSON text is used.
Found<Name> read_name(const Call& call, const Fields& fields);
/// A mode that is not null must be truthy.
std::optional<ApiError> require_mode(const Fields& fields);
/// Without a mode it is `all`.
Found<Mode> read_mode(const Fields& fields);
/// `org_id` must be an org that the caller can read. It replaces the orgs.
Found<FinalOrgs> read_org_id(const Call& call, const Caller& caller, const Subkey& subkey,
                             const Fields& fields, const OrgLimits& orgs);
/// `app_id` must be an app that the caller can read. It replaces the apps.
Found<FinalApps> read_app_id(const Call& call, const Caller& caller, const Subkey& subkey,
                             const Fields& fields, const AppLimits& apps);
/// The orgs of the new key must allow its expiration.
std::optional<ApiError> check_policies(const Call& call, const Caller& caller, const Subkey& subkey,
                                       const FinalOrgs& orgs, const Expiration& expiration);
/// Creates the key if the database accepts its values.
Found<NewKey> insert_key(Call& call, const Caller& caller, const Fields& fields, const Name& name,
                         const Mode& mode, const FinalApps& apps, const FinalOrgs& orgs,
                         const Expiration& expiration);

// Get and delete. (sections 12 and 15)

/// The id must be the number of a key of the user.
Found<OwnKey> find_own_key(const Call& call, const Caller& caller, const PathId& id);

// Update. (section 14)

std::optional<ApiError> require_id_form_of_update(const GivenId& id);
std::optional<ApiError> require_known_mode(const Fields& fields);
std::optional<ApiError> require_limited_to_apps_strings(const Fields& fields);
std::optional<ApiError> require_limited_to_orgs_strings(const Fields& fields);
/// There must be a field to change, or a secret to regenerate.
std::optional<ApiError> require_change(const Fields& fields);
/// The id must be the number or the plain secret of a key of the user.
Found<OwnKey> find_key_to_update(const Call& call, const Caller& caller, const GivenId& id);
/// The orgs must allow the expiration, if the request changes either.
std::optional<ApiError> check_changed_policies(const Call& call, const Caller& caller,
                                               const Subkey& subkey, const Fields& fields,
                                               const OwnKey& own, const Expiration& expiration);
/// Updates the row if the database accepts the values.
Found<SavedKey> save_changes(Call& call, const Fields& fields, const OwnKey& own,
                             const Expiration& expiration);
/// The key that queries the database must still have a mode that can write: a request that takes
/// this mode from it cannot replace its secret, though the changes are saved. (section 16)
std::optional<ApiError> require_mode_to_regenerate(const Caller& caller, const Subkey& subkey,
                                                   const Fields& fields, const SavedKey& saved);

}  // namespace contract::deployed_2026_02
