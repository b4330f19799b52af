#pragma once

#include <optional>
#include <string_view>

#include "contract/contract.h"

/// The steps that endpoints are made of. Each is named in its endpoint's table by the function's
/// own name, and is shared by two contracts only where both behave alike.
namespace contract {

/// The secret from the header that counts: `authorization` if it is not empty, else `capgkey` if
/// it is there at all, else `x-api-key`. No other header is looked at when the one fails.
/// (documented contract, section 12, "which headers")
std::optional<Credential> credential_from_any_header(const http::Headers& headers);

// Who asks.

/// Finds the calling key by its raw secret. (documented contract, section 2)
std::optional<Refusal> authenticate(Call& call);
/// The caller must have mode `all`. (documented contract, section 3)
std::optional<Refusal> require_mode_all(Call& call);
/// The caller must not be a subkey. (documented contract, section 3)
std::optional<Refusal> require_unlimited_caller(Call& call);

// What a new key is to be. (documented contract, sections 5 and 12 "Create", in the order of 13)

/// The body must be a JSON object, whatever its Content-Type says.
std::optional<Refusal> read_body(Call& call);
std::optional<Refusal> require_limited_to_apps_array(Call& call);
std::optional<Refusal> require_limited_to_orgs_array(Call& call);
/// The items must be strings, any strings; an empty list is no limit.
std::optional<Refusal> read_limited_to_apps(Call& call);
std::optional<Refusal> read_limited_to_orgs(Call& call);
/// A name must be there: not null, not "".
std::optional<Refusal> require_name(Call& call);
std::optional<Refusal> read_name(Call& call);
/// A mode must be given, and be one of the four.
std::optional<Refusal> read_mode(Call& call);
/// Makes the key, with a new secret, for the caller's user, and keeps it.
std::optional<Refusal> create_key(Call& call);

// Which key is to go. (documented contract, section 12, "DELETE id")

/// The id must be digits or have the shape of a UUID.
std::optional<Refusal> require_id_form(Call& call);
/// The key must exist and belong to the caller's user.
std::optional<Refusal> find_own_key(Call& call);
/// Removes the key; it stops working at once.
std::optional<Refusal> delete_key(Call& call);

}  // namespace contract
