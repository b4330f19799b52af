#pragma once

#include <optional>
#include <string>
#include <vector>

#include "contract/contract.h"
#include "contract/deployed/dates.h"
#include "contract/steps.h"

/// The steps of the contract of February 2026 that no other shares, and what they establish. The
/// sections named are those of its page.
namespace contract::deployed_2026_02 {

/// Who asks: a key, or for a JWT nobody but its subject.
struct Caller {
  const capgo::ApiKey* key;
  std::string user_id;
};

/// The key whose limits count beside the caller's, if `x-limited-key-id` names one. (section 4)
struct Subkey {
  std::optional<capgo::ApiKey> key;
};

// What a key is to be. (sections 9, 13 and 14)

struct Name {
  std::string value;
};
struct Mode {
  capgo::KeyMode value;
};
/// Nothing means never, or on update as it is.
struct Expiration {
  std::optional<deployed::ReadDate> date;

  /// As the handlers read it.
  std::optional<base::Time> javascript() const {
    return date ? std::optional(date->javascript) : std::nullopt;
  }
};
/// The limits of a new key, where `org_id` and `app_id` have taken the place of the lists.
struct FinalOrgs {
  std::vector<std::string> ids;
};
struct FinalApps {
  std::vector<std::string> ids;
};
/// The row that a create or update answers with.
struct NewKey {
  capgo::ApiKey key;
};

// Which key is to change, and how. (section 14)

/// The id from the path or the body, as text.
struct GivenId {
  std::string value;
};
/// What the body gives to the row: nothing where it has no such field. The values have the right
/// types; the database has not seen them.
struct NameChange {
  std::optional<std::string> value;
};
struct ModeChange {
  std::optional<capgo::KeyMode> value;
};
struct AppsChange {
  std::optional<std::vector<std::string>> ids;
};
struct OrgsChange {
  std::optional<std::vector<std::string>> ids;
};
/// Whether the key is to get a new secret.
struct Regenerate {
  bool value;
};
/// The row after the changes, with its old secret.
struct SavedKey {
  capgo::ApiKey key;
};

// Who asks. (sections 3 to 5)

/// The caller's address must not have failed too often. Counted only where limits are on.
std::optional<ApiError> reject_locked_out_address(const Call& call);
/// Finds the calling key, of mode `all` and not expired; or takes a JWT by its shape.
Found<Caller> authenticate(Call& call);
/// Counts the request of a key; the one that fills the window is rejected.
std::optional<ApiError> limit_rate(Call& call, const Caller& caller);
/// Finds the key that `x-limited-key-id` names.
Found<Subkey> read_subkey(const Call& call, const Caller& caller);
/// The caller must not be limited to orgs; apps do not count.
std::optional<ApiError> require_caller_without_orgs(const Caller& caller);

/// The database must be able to look for rows of this user. (section 16, "database error")
std::optional<ApiError> query_rows(const Call& call, const Caller& caller);

// What a key is to be. (sections 9, 10 and 13)

/// The body must be JSON and not null; what is no object has no fields.
Found<Fields> read_body(Call& call);
/// A name that JavaScript takes for true; one that is no string is kept as its JSON text.
Found<Name> read_name(const Call& call, const Fields& fields);
/// A mode that JavaScript takes for true; without one it is `all`.
std::optional<ApiError> require_mode(const Fields& fields);
/// One of the four.
Found<Mode> read_mode(const Fields& fields);
/// The date, if there is one, must have a form that the emulator reads.
Found<Expiration> read_expiration(const Fields& fields);
std::optional<ApiError> require_future_expiration(const Call& call, const Fields& fields,
                                                  const Expiration& expiration);
/// `org_id` must be an org the caller can read, and takes the place of the orgs.
Found<FinalOrgs> read_org_id(const Call& call, const Caller& caller, const Subkey& subkey,
                             const Fields& fields, const OrgLimits& orgs);
/// `app_id` must be an app the caller can read, and takes the place of the apps.
Found<FinalApps> read_app_id(const Call& call, const Caller& caller, const Subkey& subkey,
                             const Fields& fields, const AppLimits& apps);
/// The orgs of the new key must take its expiration.
std::optional<ApiError> check_policies(const Call& call, const Caller& caller, const Subkey& subkey,
                                       const FinalOrgs& orgs, const Expiration& expiration);
/// Makes the key, if the database takes its values.
Found<NewKey> insert_key(Call& call, const Caller& caller, const Fields& fields, const Name& name,
                         const Mode& mode, const FinalApps& apps, const FinalOrgs& orgs,
                         const Expiration& expiration);

// Which key it is. (sections 12 and 15)

/// The key must exist and be the user's; only its number finds it.
Found<OwnKey> find_own_key(const Call& call, const Caller& caller, const PathId& id);

// How a key is to change. (section 14)

Found<GivenId> require_id(const Call& call, const Fields& fields);
std::optional<ApiError> require_id_form_of_update(const GivenId& id);
Found<NameChange> require_name_string(const Fields& fields);
Found<ModeChange> require_known_mode(const Fields& fields);
Found<AppsChange> require_limited_to_apps_strings(const Fields& fields);
Found<OrgsChange> require_limited_to_orgs_strings(const Fields& fields);
Found<Regenerate> require_regenerate_boolean(const Fields& fields);
/// There must be a field to change, or a secret to make.
std::optional<ApiError> require_change(const Fields& fields, const Regenerate& regenerate);
/// The key must exist and be the user's; its number finds it, and a plain secret too.
Found<OwnKey> find_key_to_update(const Call& call, const Caller& caller, const GivenId& id);
/// The orgs must take the expiration, if the request touches either.
std::optional<ApiError> check_changed_policies(const Call& call, const Caller& caller,
                                               const Subkey& subkey, const Fields& fields,
                                               const OwnKey& own, const OrgsChange& orgs,
                                               const Expiration& expiration);
/// Changes the key, if the database takes the values.
Found<SavedKey> save_changes(Call& call, const Fields& fields, const OwnKey& own,
                             const NameChange& name, const ModeChange& mode, const AppsChange& apps,
                             const OrgsChange& orgs, const Expiration& expiration);
/// Makes a new secret, if one is asked for; the old one is dead at once.
Found<NewKey> regenerate(Call& call, const SavedKey& saved, const Regenerate& regenerate);

}  // namespace contract::deployed_2026_02
