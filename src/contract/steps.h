#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "contract/contract.h"
#include "json/value.h"

/// Steps that contracts share, the facts that these find, and parts of steps.
namespace contract {

/// The members of the body.
struct Fields {
  const json::Value& object;

  /// Returns the field with this name; null if it is absent.
  const json::Value* find(std::string_view name) const {
    auto found = object.find(name);
    return found == object.end() ? nullptr : &*found;
  }
};

/// The limits of a new key; an empty list is no limit.
struct AppLimits {
  std::vector<std::string> ids;
};
struct OrgLimits {
  std::vector<std::string> ids;
};

/// The id in the path: digits or a UUID.
struct PathId {
  std::string value;
};

/// A key of the caller's user.
struct OwnKey {
  capgo::ApiKey key;
};

/// Returns the secret in `authorization` if that is not empty, else in `capgkey` if present, else
/// in `x-api-key`. Other headers are ignored even if this secret is invalid. (documented contract,
/// section 12, "which headers"; deployed contract, section 3)
std::optional<Credential> find_credential(const http::Headers& headers);

std::optional<ApiError> require_limited_to_apps_array(const Fields& fields);
std::optional<ApiError> require_limited_to_orgs_array(const Fields& fields);
/// The items must be strings.
Found<AppLimits> read_limited_to_apps(const Fields& fields);
Found<OrgLimits> read_limited_to_orgs(const Fields& fields);

/// The id in the path must be digits or have the form of a UUID.
Found<PathId> require_id_form(const Call& call);
std::optional<ApiError> delete_key(Call& call, const OwnKey& own);

/// Returns the mode with this name; nothing if there is none.
std::optional<capgo::KeyMode> parse_mode(const json::Value& value);

}  // namespace contract
