#include "contract/deployed_2026_07/database.h"

#include <algorithm>
#include <array>

#include "base/ascii.h"
#include "base/suggest.h"
#include "capgo/permissions.h"
#include "contract/deployed_2026_07/errors.h"
#include "contract/explain.h"
#include "json/document.h"

namespace contract::deployed_2026_07 {
namespace {

using capgo::Binding;
using capgo::Role;
using capgo::Scope;

constexpr ErrorTemplate binding_failed(int status, std::string_view message) {
  return {status, "binding_failed", message, kNothing};
}

// In the order of the checks.
constexpr ErrorTemplate kRoleNotFound = binding_failed(404, "Role not found");
constexpr ErrorTemplate kNotAssignable = binding_failed(403, "Role is not assignable");
constexpr ErrorTemplate kOtherScope =
    binding_failed(400, "Role scope_type does not match binding scope");
constexpr ErrorTemplate kHigherRank =
    binding_failed(403, "Cannot assign a role with higher privileges than your own");
constexpr ErrorTemplate kAppIdRequired = binding_failed(400, "app_id required for app scope");
constexpr ErrorTemplate kChannelIdRequired =
    binding_failed(400, "app_id and channel_id required for channel scope");
constexpr ErrorTemplate kAppNotFound = binding_failed(404, "App not found in this org");
constexpr ErrorTemplate kChannelNotFound = binding_failed(404, "Channel not found in this app/org");

/// The ids of a binding as they are stored, or why it cannot be.
using Resolved = std::variant<Binding, BindingFailure>;

/// Returns the ids of the rows, without duplicates, in order.
template <typename Row>
std::vector<std::string> collect_orgs(std::span<const Row> rows) {
  std::vector<std::string> ids;
  for (const Row& row : rows) {
    bool is_new = std::none_of(ids.begin(), ids.end(), [&](const std::string& id) {
      return base::equal_ignoring_case(id, row.org_id);
    });
    if (is_new) ids.push_back(row.org_id);
  }
  return ids;
}

/// `a, b, c`
std::string list(std::span<const std::string_view> names) {
  std::string text;
  for (std::string_view name : names) text.append(text.empty() ? "" : ", ").append(name);
  return text;
}

/// Finds the role, which the caller must be allowed to assign with this scope.
std::variant<const Role*, BindingFailure> find_role(const capgo::Org& org, const Caller& caller,
                                                    const SentBinding& sent) {
  const Role* role = capgo::find_role(sent.role_name);
  std::string which = "role " + json::quote(sent.role_name);
  if (role == nullptr) {
    std::vector<std::string_view> names;
    for (const Role& each : capgo::all_roles()) {
      if (each.is_assignable && each.scope != Scope::bundle) names.push_back(each.name);
    }
    std::string meant = base::did_you_mean(sent.role_name, names);
    return BindingFailure{
        &kRoleNotFound,
        which + " does not exist" + (meant.empty() ? "; the roles are " + list(names) : meant)};
  }
  if (!role->is_assignable) {
    return BindingFailure{&kNotAssignable, which + " cannot be assigned"};
  }
  if (role->scope != sent.scope) {
    return BindingFailure{&kOtherScope,
                          which + " is for scope_type " + json::quote(base::name_of(role->scope)) +
                              ", and the binding has " + json::quote(base::name_of(sent.scope))};
  }
  const Role* own = capgo::role_in(org, caller.user_id);
  if (own == nullptr || own->rank < role->rank) {
    std::string_view own_name = own == nullptr ? "no role" : own->name;
    return BindingFailure{&kHigherRank, which + " ranks above the user's own role in org " +
                                            json::quote(org.id) + ", " + std::string(own_name)};
  }
  return role;
}

/// Reads an id that must be a UUID for the database.
std::optional<BindingFailure> require_uuid(std::string_view field, const std::string& id) {
  auto uuid = read_uuid(id);
  const auto* error = std::get_if<DatabaseError>(&uuid);
  if (error == nullptr) return std::nullopt;
  return BindingFailure{nullptr,
                        std::string(field) + " is " + quote_id(id) + "; " + explain(*error)};
}

/// Finds the app by its internal id.
std::variant<const capgo::App*, BindingFailure> find_app(const Call& call, const capgo::Org& org,
                                                         const SentBinding& sent) {
  for (const capgo::App& app : call.keys.apps()) {
    if (!base::equal_ignoring_case(app.id, sent.app_id)) continue;
    if (app.owner_org == org.id) return &app;
    return BindingFailure{&kAppNotFound, "app_id is " + json::quote(app.id) +
                                             ", an app of another org, " +
                                             json::quote(app.owner_org)};
  }
  const capgo::App* meant = capgo::find_app(call.keys.apps(), sent.app_id);
  if (meant != nullptr) {
    return BindingFailure{nullptr, "app_id is " + json::quote(meant->app_id) +
                                       ", the public id of an app; send its internal id, " +
                                       json::quote(meant->id)};
  }
  if (auto failure = require_uuid("app_id", sent.app_id)) {
    failure->reason += "; send the internal id of an app";
    return *std::move(failure);
  }
  return BindingFailure{&kAppNotFound,
                        "the fixtures have no app with the id " + json::quote(sent.app_id)};
}

/// Finds the channel by its number or UUID.
std::variant<const capgo::Channel*, BindingFailure> find_channel(const Call& call,
                                                                 const capgo::App& app,
                                                                 const SentBinding& sent) {
  bool is_number = base::is_digits(sent.channel_id);
  auto number = base::parse_number<int64_t>(sent.channel_id, 1, INT64_MAX);
  if (is_number && !number) {
    return BindingFailure{nullptr, "channel_id is " + json::quote(sent.channel_id) +
                                       ", which is not a number that the database accepts"};
  }
  for (const capgo::Channel& channel : call.keys.channels()) {
    bool is_same = is_number ? channel.id == *number
                             : base::equal_ignoring_case(channel.rbac_id, sent.channel_id);
    if (!is_same) continue;
    if (channel.app_id == app.app_id) return &channel;
    return BindingFailure{&kChannelNotFound, "channel " + std::to_string(channel.id) +
                                                 " belongs to another app, " +
                                                 json::quote(channel.app_id)};
  }
  if (!is_number) {
    const auto& channels = call.keys.channels();
    auto named = std::find_if(channels.begin(), channels.end(), [&](const capgo::Channel& each) {
      return each.app_id == app.app_id && each.name == sent.channel_id;
    });
    if (named != channels.end()) {
      return BindingFailure{nullptr, "channel_id is " + json::quote(named->name) +
                                         ", the name of a channel; send its number, " +
                                         std::to_string(named->id)};
    }
    if (auto failure = require_uuid("channel_id", sent.channel_id)) return *std::move(failure);
  }
  return BindingFailure{&kChannelNotFound,
                        "the fixtures have no channel " + json::quote(sent.channel_id)};
}

Resolved resolve(const Call& call, const Caller& caller, const SentBinding& sent) {
  const capgo::Org& org = *find_org(call, sent.org_id);
  auto role = find_role(org, caller, sent);
  if (auto* failure = std::get_if<BindingFailure>(&role)) return std::move(*failure);
  Binding binding{sent.role_name, sent.scope, org.id};
  if (sent.scope == Scope::org) {
    if (sent.app_id.empty()) return binding;
    return BindingFailure{nullptr, "a binding with scope_type \"org\" has an app_id; remove it"};
  }
  bool is_for_app = sent.scope == Scope::app;
  if (sent.app_id.empty() || (!is_for_app && sent.channel_id.empty())) {
    return BindingFailure{is_for_app ? &kAppIdRequired : &kChannelIdRequired,
                          "the binding with role " + json::quote(sent.role_name) + " has no " +
                              (sent.app_id.empty() ? "app_id" : "valid channel_id")};
  }
  auto app = find_app(call, org, sent);
  if (auto* failure = std::get_if<BindingFailure>(&app)) return std::move(*failure);
  binding.app_id = std::get<const capgo::App*>(app)->id;
  if (is_for_app) return binding;
  auto channel = find_channel(call, *std::get<const capgo::App*>(app), sent);
  if (auto* failure = std::get_if<BindingFailure>(&channel)) return std::move(*failure);
  binding.channel_id = std::get<const capgo::Channel*>(channel)->rbac_id;
  return binding;
}

bool is_in(std::span<const std::string> ids, const capgo::Org& org) {
  return std::any_of(ids.begin(), ids.end(),
                     [&](const std::string& id) { return base::equal_ignoring_case(id, org.id); });
}

bool have_same_target(const Binding& a, const Binding& b) {
  return a.scope == b.scope && a.org_id == b.org_id && a.app_id == b.app_id &&
         a.channel_id == b.channel_id;
}

}  // namespace

const capgo::Org* find_org(const Call& call, std::string_view id) {
  const auto& orgs = call.keys.orgs();
  auto found = std::find_if(orgs.begin(), orgs.end(), [&](const capgo::Org& org) {
    return base::equal_ignoring_case(org.id, id);
  });
  return found == orgs.end() ? nullptr : &*found;
}

capgo::Rights rights_of(const Call& call, const capgo::ApiKey& key) {
  return capgo::rights_of(key, call.keys.orgs(), call.keys.apps());
}

const capgo::Org* find_hashed_only_org(const Call& call, const capgo::ApiKey& key) {
  return capgo::find_hashed_only_org(key, call.keys.orgs(), call.keys.apps());
}

std::string explain_hashed_only(const capgo::ApiKey& key, const capgo::Org& org) {
  return describe(key) + " is not hashed, and it has a role in org " + json::quote(org.id) +
         ", which requires hashed keys";
}

bool has_permission(Call& call, const Caller& caller, std::string_view org_id,
                    std::string_view permission) {
  call.has_queried_rights = true;
  const capgo::Org* org = find_org(call, org_id);
  const Role* role = org == nullptr ? nullptr : capgo::role_in(*org, caller.user_id);
  return role != nullptr && capgo::has_permission(*role, permission);
}

bool can_manage(const Call& call, const ManagedOrgs& managed, const capgo::ApiKey& key) {
  if (!managed.ids) return true;
  const auto& ids = *managed.ids;
  capgo::Rights rights = rights_of(call, key);
  return !rights.bindings.empty() &&
         std::all_of(rights.bindings.begin(), rights.bindings.end(), [&](const Binding& binding) {
           return std::find(ids.begin(), ids.end(), binding.org_id) != ids.end();
         });
}

std::string explain_roles(const Call& call, const capgo::ApiKey& key) {
  capgo::Rights rights = rights_of(call, key);
  std::string reason = describe(key) + " has " +
                       capgo::describe_roles(rights, call.keys.apps(), call.keys.channels());
  if (!rights.bindings.empty() || key.rights) return reason;
  return reason + ", as its user " + json::quote(key.user_id) +
         " is a member of no org within its limits";
}

std::string explain_missing_permission(const Call& call, const Caller& caller,
                                       std::string_view org_id, std::string_view permission) {
  const capgo::Org* org = find_org(call, org_id);
  if (org == nullptr) {
    const auto& orgs = call.keys.orgs();
    auto meant = std::find_if(orgs.begin(), orgs.end(), [&](const capgo::Org& each) {
      return base::is_one_edit_away(each.id, org_id);
    });
    return "the fixtures have no org " + json::quote(org_id) +
           (meant == orgs.end() ? "" : "; did you mean " + json::quote(meant->id) + "?");
  }
  const Role* role = capgo::role_in(*org, caller.user_id);
  std::vector<std::string_view> names;
  for (const Role& each : capgo::all_roles()) {
    if (each.scope == Scope::org && capgo::has_permission(each, permission)) {
      names.push_back(each.name);
    }
  }
  return "user " + json::quote(caller.user_id) + " has " +
         (role == nullptr ? "no role" : "the role " + std::string(role->name)) + " in org " +
         json::quote(org->id) + ", and this needs one of " + list(names);
}

ApiError reject_org_create() {
  return {&kInvalidGlobalPermissions,
          "global_permissions has org.create, and no binding is org_admin or org_super_admin of an "
          "org",
          "org.create requires an org-scoped admin API key binding"};
}

std::vector<std::string> orgs_of(std::span<const Binding> bindings) {
  return collect_orgs(bindings);
}

std::vector<std::string> orgs_of(std::span<const SentBinding> bindings) {
  return collect_orgs(bindings);
}

std::optional<ApiError> find_policy_error(const Call& call, const Caller& caller,
                                          std::span<const std::string> org_ids,
                                          const std::optional<base::Time>& expires_at) {
  for (const std::string& id : org_ids) {
    bool is_uuid = std::holds_alternative<std::string>(read_uuid(id));
    if (!is_uuid && find_org(call, id) == nullptr) return std::nullopt;
  }
  for (const capgo::Org& org : call.keys.orgs()) {
    bool is_checked = caller.key != nullptr || capgo::can_read(org, caller.user_id);
    if (!is_checked || !is_in(org_ids, org)) continue;
    if (auto error = check_policy(call, org, expires_at)) return error;
  }
  return std::nullopt;
}

std::optional<DatabaseError> find_trigger_error(const Call& call,
                                                std::span<const std::string> org_ids,
                                                const std::optional<base::Time>& expires_at) {
  for (const capgo::Org& org : call.keys.orgs()) {
    auto error = is_in(org_ids, org) ? check_policy(call, org, expires_at) : std::nullopt;
    if (!error) continue;
    bool is_missing =
        std::get<capgo::ErrorName>(error->what) == capgo::ErrorName::expiration_required;
    return DatabaseError{"P0001", is_missing ? "expiration_required" : "expiration_exceeds_max",
                         is_missing ? std::string(kExpirationRequired.message) : error->message};
  }
  return std::nullopt;
}

std::variant<std::vector<Binding>, BindingFailure> resolve_bindings(
    const Call& call, const Caller& caller, std::span<const SentBinding> sent) {
  std::vector<Binding> bindings;
  for (const SentBinding& each : sent) {
    Resolved resolved = resolve(call, caller, each);
    if (auto* failure = std::get_if<BindingFailure>(&resolved)) return std::move(*failure);
    Binding& binding = std::get<Binding>(resolved);
    bool is_taken = std::any_of(bindings.begin(), bindings.end(), [&](const Binding& other) {
      return have_same_target(other, binding);
    });
    if (is_taken) {
      return BindingFailure{nullptr, "two bindings are for the same " +
                                         std::string(base::name_of(binding.scope)) +
                                         "; a key has one role for each"};
    }
    bindings.push_back(std::move(binding));
  }
  return bindings;
}

void set_rights(capgo::ApiKey& key, capgo::Rights rights) {
  key.mode = capgo::nearest_mode(rights);
  key.limited_to_apps.emplace();
  key.limited_to_orgs.emplace();
  key.rights = std::move(rights);
}

}  // namespace contract::deployed_2026_07
