#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "contract/contract.h"

/// Steps that contracts share, because both behave alike. Each is named in its endpoint's table by
/// the function's own name.
namespace contract {

#define STEP(function) \
  contract::Step { #function, function }

/// The headers that a key may come in, the one that counts most first.
inline constexpr std::array<std::string_view, 3> kCredentialHeaders = {"authorization", "capgkey",
                                                                       "x-api-key"};

/// The secret from the header that counts: `authorization` if it is not empty, else `capgkey` if
/// it is there at all, else `x-api-key`. No other header is looked at when the one fails.
/// (documented contract, section 12, "which headers"; deployed contract, section 3)
std::optional<Credential> find_credential(const http::Headers& headers);

// What a key is to be.

/// The fields must be arrays where they are there.
std::optional<Refusal> require_limited_to_apps_array(Call& call);
std::optional<Refusal> require_limited_to_orgs_array(Call& call);
/// The items must be strings; an empty list is no limit.
std::optional<Refusal> read_limited_to_apps(Call& call);
std::optional<Refusal> read_limited_to_orgs(Call& call);

// Which key it is.

/// The id in the path must be digits or have the shape of a UUID.
std::optional<Refusal> require_id_form(Call& call);
/// Removes the key that was found; it stops working at once.
std::optional<Refusal> delete_key(Call& call);

/// The mode of this name, if the value is one.
std::optional<capgo::KeyMode> mode_of(const json::Value& value);

bool is_digits(std::string_view text);

}  // namespace contract
