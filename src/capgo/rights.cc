#include "capgo/rights.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "base/suggest.h"
#include "json/document.h"

namespace capgo {
namespace {

/// The ids that limits allow.
class AllowedIds {
 public:
  explicit AllowedIds(const Limits& limits) {
    if (limits) ids_.insert(limits->begin(), limits->end());
  }
  bool has(std::string_view id) const { return ids_.empty() || ids_.contains(id); }

 private:
  std::unordered_set<std::string_view> ids_;
};

/// The roles that the migration gave to keys of a mode: on apps, and in orgs if the key is not
/// limited to apps.
struct MigratedRoles {
  std::string_view of_app;
  std::string_view of_org = "org_member";
};

MigratedRoles migrated_roles(KeyMode mode) {
  switch (mode) {
    case KeyMode::all:
      return {"app_admin", "org_super_admin"};
    case KeyMode::write:
      return {"app_developer"};
    case KeyMode::upload:
      return {"app_uploader"};
    default:
      return {"app_reader"};
  }
}

}  // namespace

const Role* role_in(const Org& org, std::string_view user_id) {
  if (!org.members) return find_role("org_super_admin");
  const Role* highest = nullptr;
  for (const Member& member : *org.members) {
    if (member.user_id != user_id) continue;
    const Role* role = find_role(member.role_name);
    if (role != nullptr && (highest == nullptr || role->rank > highest->rank)) highest = role;
  }
  return highest;
}

Rights rights_of_user(std::string_view user_id, std::span<const Org> orgs) {
  Rights rights;
  for (const Org& org : orgs) {
    const Role* role = role_in(org, user_id);
    if (role != nullptr) rights.bindings.push_back({std::string(role->name), role->scope, org.id});
  }
  return rights;
}

Rights rights_of(const ApiKey& key, std::span<const Org> orgs, std::span<const App> apps) {
  if (key.rights) return *key.rights;
  bool is_for_apps = key.is_limited_to_apps();
  MigratedRoles roles = migrated_roles(key.mode);
  std::string of_org(is_for_apps ? "apikey_org_reader" : roles.of_org);
  // In all apps of the org, its super admin can do more than their admins.
  if (of_org == "org_super_admin") apps = {};
  AllowedIds allowed_orgs(key.limited_to_orgs);
  AllowedIds allowed_apps(key.limited_to_apps);
  std::unordered_map<std::string_view, std::vector<const App*>> apps_of_orgs;
  for (const App& app : apps) {
    if (allowed_apps.has(app.app_id)) apps_of_orgs[app.owner_org].push_back(&app);
  }
  Rights rights;
  for (const Org& org : orgs) {
    if (role_in(org, key.user_id) == nullptr || !allowed_orgs.has(org.id)) continue;
    auto of_apps = apps_of_orgs.find(org.id);
    if (is_for_apps && of_apps == apps_of_orgs.end()) continue;
    rights.bindings.push_back({of_org, Scope::org, org.id});
    if (of_apps == apps_of_orgs.end()) continue;
    for (const App* app : of_apps->second) {
      rights.bindings.push_back({std::string(roles.of_app), Scope::app, org.id, app->id});
    }
  }
  bool is_admin = std::any_of(rights.bindings.begin(), rights.bindings.end(), is_org_admin);
  if (is_admin) rights.global_permissions = {std::string(kCreateOrg)};
  return rights;
}

const Org* find_hashed_only_org(const ApiKey& key, std::span<const Org> orgs,
                                std::span<const App> apps) {
  if (key.key_hash) return nullptr;
  std::unordered_map<std::string_view, const Org*> hashed_only;
  for (const Org& org : orgs) {
    if (org.enforce_hashed_api_keys) hashed_only.emplace(org.id, &org);
  }
  if (hashed_only.empty()) return nullptr;
  for (const Binding& binding : rights_of(key, orgs, apps).bindings) {
    if (auto org = hashed_only.find(binding.org_id); org != hashed_only.end()) return org->second;
  }
  return nullptr;
}

KeyMode nearest_mode(const Rights& rights) {
  KeyMode mode = KeyMode::read;
  for (const Binding& binding : rights.bindings) {
    const Role* role = find_role(binding.role_name);
    if (role != nullptr) mode = std::max(mode, role->nearest_mode);
  }
  return mode;
}

KeyMode nearest_mode(std::string_view permission) {
  if (permission.starts_with("org.read")) return KeyMode::read;
  for (KeyMode mode : {KeyMode::read, KeyMode::upload, KeyMode::write}) {
    if (has_permission(*find_role(migrated_roles(mode).of_app), permission)) return mode;
  }
  return KeyMode::all;
}

std::string_view nearest_role(KeyMode mode) {
  MigratedRoles roles = migrated_roles(mode);
  return mode == KeyMode::all ? roles.of_org : roles.of_app;
}

std::string_view nearest_permission(KeyMode mode) {
  switch (mode) {
    case KeyMode::all:
      return "app.update_settings";
    case KeyMode::write:
      return "app.create_channel";
    case KeyMode::upload:
      return "app.upload_bundle";
    default:
      return "app.read";
  }
}

bool is_permission(std::string_view name) {
  std::span<const Role> roles = all_roles();
  return name == kCreateOrg || std::any_of(roles.begin(), roles.end(), [&](const Role& role) {
           return has_permission(role, name);
         });
}

std::string explain_unknown_permission(std::string_view name) {
  std::vector<std::string_view> known = all_permissions();
  known.push_back(kCreateOrg);
  return json::quote(name) + " is not a permission" + base::did_you_mean(name, known);
}

bool is_org_admin(const Binding& binding) {
  return binding.scope == Scope::org &&
         (binding.role_name == "org_admin" || binding.role_name == "org_super_admin");
}

bool gives(const Binding& binding, std::string_view permission) {
  const Role* role = find_role(binding.role_name);
  return role != nullptr && has_permission(*role, permission);
}

bool covers(const Binding& binding, const Affected& affected) {
  if (!affected.org_id) return true;
  if (binding.scope == Scope::org) return binding.org_id == affected.org_id;
  if (binding.scope == Scope::app) return affected.app_id && binding.app_id == affected.app_id;
  return affected.channel_id && binding.channel_id == affected.channel_id;
}

bool allows(const Binding& binding, std::string_view permission, const Affected& affected) {
  return covers(binding, affected) && gives(binding, permission);
}

bool allows(const Rights& rights, std::string_view permission, const Affected& affected) {
  return std::any_of(rights.bindings.begin(), rights.bindings.end(),
                     [&](const Binding& binding) { return allows(binding, permission, affected); });
}

std::string describe(const Binding& binding, std::span<const App> apps,
                     std::span<const Channel> channels) {
  std::string place = binding.org_id;
  if (binding.scope == Scope::app) {
    const App* app = find_app_by_internal_id(apps, *binding.app_id);
    place = app == nullptr ? *binding.app_id : app->app_id;
  } else if (binding.scope == Scope::channel) {
    auto channel = std::find_if(channels.begin(), channels.end(), [&](const Channel& each) {
      return each.rbac_id == binding.channel_id;
    });
    place =
        channel == channels.end() ? *binding.channel_id : channel->name + " of " + channel->app_id;
  }
  return binding.role_name + " (" + std::string(base::name_of(binding.scope)) + " " + place + ")";
}

std::string describe_roles(const Rights& rights, std::span<const App> apps,
                           std::span<const Channel> channels) {
  // A response header has all of them.
  constexpr size_t kMaxRoles = 5;
  const auto& bindings = rights.bindings;
  if (bindings.empty()) return "no roles";
  std::string text = bindings.size() == 1 ? "the role " : "the roles ";
  for (size_t i = 0; i < std::min(kMaxRoles, bindings.size()); ++i) {
    text += (i == 0 ? "" : ", ") + describe(bindings[i], apps, channels);
  }
  size_t rest = bindings.size() - std::min(kMaxRoles, bindings.size());
  return rest == 0 ? text : text + " and " + std::to_string(rest) + " more";
}

}  // namespace capgo
