#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "contract/contract.h"
#include "json/value.h"

/// Steps that contracts share, because both behave alike, what they establish, and parts of steps.
namespace contract {

// What steps establish.

/// The body: an object.
struct Fields {
  const json::Value& object;

  /// The field of this name; null if it is absent.
  const json::Value* find(std::string_view name) const {
    auto found = object.find(name);
    return found == object.end() ? nullptr : &*found;
  }
};

/// The apps and orgs that a new key is to be limited to; empty lists are no limit.
struct AppLimits {
  std::vector<std::string> ids;
};
struct OrgLimits {
  std::vector<std::string> ids;
};

/// What stands in the path for the key's id: digits or a UUID.
struct PathId {
  std::string value;
};

/// A key of the caller's user.
struct OwnKey {
  capgo::ApiKey key;
};

/// The secret from the header that counts: `authorization` if it is not empty, else `capgkey` if
/// it is there at all, else `x-api-key`. No other header is looked at when the one fails.
/// (documented contract, section 12, "which headers"; deployed contract, section 3)
std::optional<Credential> find_credential(const http::Headers& headers);

// What a key is to be.

/// The fields must be arrays where they are there.
std::optional<ApiError> require_limited_to_apps_array(const Fields& fields);
std::optional<ApiError> require_limited_to_orgs_array(const Fields& fields);
/// The items must be strings; an empty list is no limit.
Found<AppLimits> read_limited_to_apps(const Fields& fields);
Found<OrgLimits> read_limited_to_orgs(const Fields& fields);

// Which key it is.

/// The id in the path must be digits or have the shape of a UUID.
Found<PathId> require_id_form(const Call& call);
/// Removes the key that was found; it stops working at once.
std::optional<ApiError> delete_key(Call& call, const OwnKey& own);

/// The mode of this name, if the value is one.
std::optional<capgo::KeyMode> mode_of(const json::Value& value);

}  // namespace contract
