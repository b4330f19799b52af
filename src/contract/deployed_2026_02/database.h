#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "contract/contract.h"
#include "contract/deployed/postgres.h"
#include "contract/deployed_2026_02/steps.h"

/// What the database makes of a request: which rows it shows, and which values it takes. The
/// sections named are those of the contract's page.
namespace contract::deployed_2026_02 {

using deployed::DatabaseError;

/// Whether the key's time is up, by the handlers' clock, which knows milliseconds. (section 9)
bool is_expired(const capgo::ApiKey& key, base::Time now);

/// What the database says of a user id that is no UUID, as the subject of a JWT may be. Nothing for
/// a user that the fixtures give keys.
std::optional<DatabaseError> check_user(const Call& call, const Caller& caller);

/// A value of the body as the database gets it: a string as it is, anything else as its JSON text.
std::string database_text(const Call& call, const json::Value& value, std::string_view name);

/// Whether the caller, or the subkey in its place, can read this org or app. (sections 4 and 13)
bool can_read(const Caller& caller, const Subkey& subkey, const capgo::Org& org);
bool can_read(const Call& call, const Caller& caller, const Subkey& subkey, const capgo::App& app);

/// The error of the first org that does not take a key of these orgs that expires then. One id
/// that is no UUID, and no org has rules. (section 10)
std::optional<ApiError> find_policy_error(const Call& call, const Caller& caller,
                                          const Subkey& subkey,
                                          const std::vector<std::string>& org_ids,
                                          const std::optional<base::Time>& expires_at);

/// Gives the key the date as the database reads it, and makes of the key's other values what the
/// database keeps: ids of orgs in lower case. Why it cannot, if it cannot. (sections 7 and 9)
std::optional<DatabaseError> store_values(capgo::ApiKey& key, const Expiration& expiration);

/// The error that passes on what the database said.
ApiError database_failed(decltype(ApiError::what) what, const DatabaseError& error);

/// The error of a row that the database takes but fails to write, such as to a full disk.
ApiError write_failed(const ErrorTemplate& error_template, const store::StoreError& failure);

/// Gives the key a new secret that no other has, and its hash if the secret is not to be kept.
void assign_secret(Call& call, capgo::ApiKey& key, bool hashed);

}  // namespace contract::deployed_2026_02
