#pragma once

#include <optional>

#include "contract/contract.h"

/// The steps of the documented contract that no other shares.
namespace contract::documented {

/// Removes the keys that expired more than 30 days ago. (documented contract, sections 9 and 12)
std::optional<Refusal> clean_up(Call& call);

// Who asks.

/// Finds the calling key by its raw secret; it must not have expired. (sections 2 and 12)
std::optional<Refusal> authenticate(Call& call);
/// Counts the request of the key in a window of a minute. (section 12, "Limits and failures")
std::optional<Refusal> limit_rate(Call& call);
/// The caller must have mode `all`. (section 3)
std::optional<Refusal> require_mode_all(Call& call);
/// The caller must not be a subkey. (section 3)
std::optional<Refusal> require_unlimited_caller(Call& call);

// What a new key is to be. (sections 5 and 12 "Create", in the order of 13)

/// The body must be a JSON object, whatever its Content-Type says.
std::optional<Refusal> read_body(Call& call);
/// A name must be there: not null, not "".
std::optional<Refusal> require_name(Call& call);
std::optional<Refusal> read_name(Call& call);
/// A mode must be given, and be one of the four.
std::optional<Refusal> read_mode(Call& call);
std::optional<Refusal> read_hashed(Call& call);
/// The date, if there is one, must be ISO 8601.
std::optional<Refusal> read_expiration(Call& call);
std::optional<Refusal> require_future_expiration(Call& call);
/// The orgs the key is limited to must take its expiration. (section 9)
std::optional<Refusal> judge_policies(Call& call);
/// Makes the key, with a new secret, for the caller's user, and keeps it.
std::optional<Refusal> create_key(Call& call);

// Which key is to go. (section 12, "DELETE id")

/// The key must exist and belong to the caller's user.
std::optional<Refusal> find_own_key(Call& call);

/// What the contract says where there is no name of an error for it. (section 14)
extern const Wording kNameMustBeString;
extern const Wording kHashedMustBeBoolean;

}  // namespace contract::documented
