#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "contract/contract.h"
#include "contract/deployed/rows.h"
#include "contract/deployed_2026_02/steps.h"

/// How the database treats a request: which rows it returns, and which values it accepts. Sections
/// are those of the contract's page.
namespace contract::deployed_2026_02 {

/// Returns the error for a user id that is not a UUID, such as the subject of a JWT. Nothing for a
/// user who has keys in the fixtures.
std::optional<DatabaseError> check_user(const Call& call, const Caller& caller);

/// Returns the key that queries the database: the subkey if its secret is known, else the caller's.
/// Null for a JWT. (section 4)
const capgo::ApiKey* querying_key(const Caller& caller, const Subkey& subkey);

/// Returns whether the caller, or the subkey in its place, can read this org or app.
/// (sections 4 and 13)
bool can_read(const Caller& caller, const Subkey& subkey, const capgo::Org& org);
bool can_read(const Call& call, const Caller& caller, const Subkey& subkey, const capgo::App& app);

/// Returns the error of the first org whose policy does not allow the expiration of a key with
/// these orgs. If one of the ids, or that of the user, is not a UUID, no policy applies.
/// (section 10)
std::optional<ApiError> find_policy_error(const Call& call, const Caller& caller,
                                          const Subkey& subkey,
                                          const std::vector<std::string>& org_ids,
                                          const std::optional<base::Time>& expires_at);

/// Sets the key's expiration to what the database stores, and converts its org ids to lower case.
/// Returns the error of the first value that the database rejects: of the expiration, or with
/// `orgs_first`, as in the hashed create, of the orgs. (sections 7 and 9)
std::optional<DatabaseError> store_values(capgo::ApiKey& key, const Expiration& expiration,
                                          bool orgs_first = false);

}  // namespace contract::deployed_2026_02
