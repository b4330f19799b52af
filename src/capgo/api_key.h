#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "base/clock.h"
#include "capgo/key_mode.h"
#include "capgo/role.h"

namespace capgo {

/// The highest id of a key: the highest integer that JavaScript can represent.
inline constexpr int64_t kMaxId = (int64_t{1} << 53) - 1;

/// The owner of keys that name no user.
inline constexpr std::string_view kDefaultUser = "user_123";

/// The apps (public ids) or orgs (ids) that a key is limited to. An empty or absent list means no
/// limit. Only rows written outside the API have no list. (deployed contract of February 2026,
/// section 7)
using Limits = std::optional<std::vector<std::string>>;

/// A role that a key has in an org, for an app of it, or for a channel of the app.
/// (deployed contract of July 2026, section 9)
struct Binding {
  std::string role_name;
  Scope scope = Scope::org;
  std::string org_id;
  /// App::id, unless the scope is an org.
  std::optional<std::string> app_id = std::nullopt;
  /// Channel::rbac_id, if the scope is a channel.
  std::optional<std::string> channel_id = std::nullopt;

  bool operator==(const Binding&) const = default;
};

/// The members of a binding.
inline constexpr std::tuple kBindingMembers{&Binding::role_name, &Binding::scope, &Binding::org_id,
                                            &Binding::app_id, &Binding::channel_id};

/// What a key may do in the contract that has no key modes.
struct Rights {
  std::vector<Binding> bindings;
  /// `org.create` or nothing.
  std::vector<std::string> global_permissions = {};

  bool operator==(const Rights&) const = default;
};

/// One API key. (documented contract, section 4)
struct ApiKey {
  /// From 1; 0 until a store assigns one.
  int64_t id = 0;
  /// The plain secret. Absent for a hashed key, except in the response that creates it.
  std::optional<std::string> key;
  /// SHA-256 of the secret, 64 lower-case hex digits, for hashed keys.
  std::optional<std::string> key_hash;
  KeyMode mode = KeyMode::read;
  std::string name;
  std::string user_id;
  base::Time created_at{};
  base::Time updated_at{};
  /// Absent if the key never expires.
  std::optional<base::Time> expires_at;
  Limits limited_to_apps = std::vector<std::string>{};
  Limits limited_to_orgs = std::vector<std::string>{};
  /// A UUID that keys of the deployed service have in addition to the id.
  std::optional<std::string> rbac_id;
  /// Absent if they follow from the mode and the limits: see rights_of.
  std::optional<Rights> rights = std::nullopt;

  bool is_limited_to_apps() const { return limited_to_apps && !limited_to_apps->empty(); }
  bool is_limited_to_orgs() const { return limited_to_orgs && !limited_to_orgs->empty(); }
  /// Returns whether this is a subkey: a key for certain apps or orgs only.
  bool is_limited() const { return is_limited_to_apps() || is_limited_to_orgs(); }

  bool operator==(const ApiKey&) const = default;
};

/// The members of a key, in the order of the columns of the database and of a KeyList's rows.
inline constexpr std::tuple kKeyMembers{&ApiKey::id,
                                        &ApiKey::key,
                                        &ApiKey::key_hash,
                                        &ApiKey::mode,
                                        &ApiKey::name,
                                        &ApiKey::user_id,
                                        &ApiKey::created_at,
                                        &ApiKey::updated_at,
                                        &ApiKey::expires_at,
                                        &ApiKey::limited_to_apps,
                                        &ApiKey::limited_to_orgs,
                                        &ApiKey::rbac_id,
                                        &ApiKey::rights};

/// A user who can read an org, and the user's role in it.
struct Member {
  std::string user_id;
  std::string role_name = "org_super_admin";

  bool operator==(const Member&) const = default;
};

/// An organization and its rules for keys.
struct Org {
  std::string id;
  std::string name;
  /// Absent means every user, as `org_super_admin`.
  std::optional<std::vector<Member>> members = std::nullopt;
  bool require_apikey_expiration = false;
  /// Absent means no maximum.
  std::optional<int64_t> max_apikey_expiration_days = std::nullopt;
  bool enforce_hashed_api_keys = false;

  bool operator==(const Org&) const = default;
};

/// An app: its internal UUID, its public id (`com.demo.app`) and its org.
struct App {
  std::string id;
  std::string app_id;
  std::string owner_org;

  bool operator==(const App&) const = default;
};

/// A channel of an app: its number, its UUID, its name and the public id of its app.
struct Channel {
  int64_t id = 0;
  std::string rbac_id;
  std::string name;
  std::string app_id;

  bool operator==(const Channel&) const = default;
};

/// Finds the org with this id, or the app with this public id or internal id (App::id); null if
/// there is none.
const Org* find_org(std::span<const Org> orgs, std::string_view id);
const App* find_app(std::span<const App> apps, std::string_view app_id);
const App* find_app_by_internal_id(std::span<const App> apps, std::string_view id);

/// Returns the SHA-256 of the key's secret, by which stores look it up; nothing if the secret is
/// unknown.
std::optional<std::string> secret_hash(const ApiKey& key);

/// Returns the key as it is stored: without the plain secret of a hashed key.
/// (documented contract, section 8)
ApiKey for_storage(ApiKey key);

}  // namespace capgo
