#pragma once

#include <optional>
#include <string>

#include "contract/contract.h"

/// The steps of the contract of February 2026 that no other shares. The sections named are those
/// of its page.
namespace contract::deployed_2026_02 {

// Who asks. (sections 3 to 5)

/// The caller's address must not have failed too often. Counted only where limits are on.
std::optional<Refusal> refuse_locked_out_address(Call& call);
/// Finds the calling key, of mode `all` and not expired; or takes a JWT by its shape.
std::optional<Refusal> authenticate(Call& call);
/// Counts the request of a key; the one that fills the window is refused.
std::optional<Refusal> limit_rate(Call& call);
/// Finds the key that `x-limited-key-id` names.
std::optional<Refusal> read_subkey(Call& call);
/// The caller must not be limited to orgs; apps do not count.
std::optional<Refusal> require_caller_without_orgs(Call& call);

/// The database must be able to look for rows of this user. (section 16, "database error")
std::optional<Refusal> query_rows(Call& call);

// What a key is to be. (sections 9, 10 and 13)

/// The body must be JSON and not null; what is no object has no fields.
std::optional<Refusal> read_body(Call& call);
/// A name that JavaScript takes for true; one that is no string is kept as its JSON text.
std::optional<Refusal> read_name(Call& call);
/// A mode that JavaScript takes for true; without one it is `all`.
std::optional<Refusal> require_mode(Call& call);
/// One of the four.
std::optional<Refusal> read_mode(Call& call);
/// The date, if there is one, must be one for JavaScript.
std::optional<Refusal> read_expiration(Call& call);
std::optional<Refusal> require_future_expiration(Call& call);
/// `org_id` must be an org the caller can read, and takes the place of the orgs.
std::optional<Refusal> read_org_id(Call& call);
/// `app_id` must be an app the caller can read, and takes the place of the apps.
std::optional<Refusal> read_app_id(Call& call);
/// The orgs of the new key must take its expiration.
std::optional<Refusal> judge_policies(Call& call);
/// Makes the key, if the database takes its values.
std::optional<Refusal> insert_key(Call& call);

// Which key it is. (sections 12 and 15)

/// The key must exist and be the user's; only its number finds it.
std::optional<Refusal> find_own_key(Call& call);

// How a key is to change. (section 14)

std::optional<Refusal> require_id(Call& call);
std::optional<Refusal> require_id_form_of_update(Call& call);
std::optional<Refusal> require_name_string(Call& call);
std::optional<Refusal> require_known_mode(Call& call);
std::optional<Refusal> require_limited_to_apps_strings(Call& call);
std::optional<Refusal> require_limited_to_orgs_strings(Call& call);
std::optional<Refusal> require_regenerate_boolean(Call& call);
/// There must be a field to change, or a secret to make.
std::optional<Refusal> require_change(Call& call);
/// The key must exist and be the user's; its number finds it, and a plain secret too.
std::optional<Refusal> find_key_to_update(Call& call);
/// The orgs must take the expiration, if the request touches either.
std::optional<Refusal> judge_changed_policies(Call& call);
/// Changes the key, if the database takes the values.
std::optional<Refusal> save_changes(Call& call);
/// Makes a new secret; the old one is dead at once.
std::optional<Refusal> regenerate(Call& call);

// What several of them use.

/// The moment as JavaScript's clock tells it.
base::Time in_milliseconds(base::Time moment);

/// Whether the key's time is up. (section 9)
bool is_expired(const capgo::ApiKey& key, base::Time now);

/// What the database says of a user id that is no UUID, as the subject of a JWT may be. Nothing for
/// a user that the fixtures give keys.
std::optional<postgres::Error> judge_user(const Call& call);

/// A value of the body as the database gets it: a string as it is, anything else as its JSON text.
std::string database_text(const Call& call, std::string_view name);

/// Whether the caller, or the subkey in its place, can read this org or app. (sections 4 and 13)
bool can_read(const Call& call, const capgo::Org& org);
bool can_read(const Call& call, const capgo::App& app);

/// The refusal of the first org that does not take a key of these orgs that expires then. One id
/// that is no UUID, and no org has rules. (section 10)
std::optional<Refusal> judge_by_orgs(const Call& call, const std::vector<std::string>& org_ids,
                                     const std::optional<base::Time>& expires_at);

/// Makes of the values that a request gives to a key, and of the date in its body, what the
/// database keeps. Why it cannot, if it cannot. (sections 7 and 9)
std::optional<postgres::Error> store_values(const Call& call, capgo::ApiKey& given);

/// The refusal that passes on what the database said.
Refusal refuse_by_database(const Call& call, decltype(Refusal::what) what, postgres::Error error);

/// Gives the call's key a new secret, and its hash if the secret itself is not to be kept.
void give_secret(Call& call, bool hashed);

/// The refusal of a row that the database takes but fails to write, such as to a full disk.
Refusal refuse_unwritten(const Wording& wording, const store::StoreError& failure);

}  // namespace contract::deployed_2026_02
