#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "contract/model.h"

/// A model of deployed-2026-07: roles, bindings and policies. Sections are those of
/// contract/deployed-2026-07.md.
namespace july_model {

using namespace model;

using capgo::App;
using capgo::Binding;
using capgo::Channel;
using capgo::Org;
using capgo::Rights;
using capgo::Scope;

/// A row of the table in section 9.
struct RoleRow {
  std::string_view name;
  std::string_view scope;
  int rank;
  bool is_assignable = true;
  /// Has `org.manage_apikeys`.
  bool manages = false;
  /// Has `org.update_user_roles`.
  bool assigns = false;
};

inline const std::vector<RoleRow> kRoles = {{"org_super_admin", "org", 95, true, true, true},
                                            {"org_admin", "org", 90, true, true, true},
                                            {"org_billing_admin", "org", 80},
                                            {"apikey_manager", "org", 78, true, true, false},
                                            {"org_member", "org", 75},
                                            {"app_admin", "app", 70},
                                            {"app_preview", "app", 69},
                                            {"app_developer", "app", 68},
                                            {"app_uploader", "app", 66},
                                            {"app_reader", "app", 65},
                                            {"app_notifications", "app", 64},
                                            {"channel_admin", "channel", 60},
                                            {"channel_developer", "channel", 58},
                                            {"channel_uploader", "channel", 57},
                                            {"channel_reader", "channel", 55},
                                            {"channel_preview", "channel", 68, false},
                                            {"apikey_org_reader", "org", 10, false},
                                            {"bundle_admin", "bundle", 62},
                                            {"bundle_reader", "bundle", 61}};

/// A role without rights stands for none.
inline const RoleRow& role_row(std::string_view name) {
  static const RoleRow kNone = {"", "", 0, false};
  auto row = std::ranges::find(kRoles, name, &RoleRow::name);
  return row == kRoles.end() ? kNone : *row;
}

inline bool is_admin_role(std::string_view name) {
  return name == "org_admin" || name == "org_super_admin";
}

inline bool is_sensitive_role(std::string_view name) {
  return is_admin_role(name) || name == "app_admin" || name == "app_preview" ||
         name == "channel_admin";
}

inline std::string lower(std::string str) {
  for (char& c : str) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return str;
}

inline std::vector<std::string> org_ids_of(const Rights& rights) {
  std::vector<std::string> ids;
  for (const Binding& each : rights.bindings) {
    if (!has(ids, each.org_id)) ids.push_back(each.org_id);
  }
  return ids;
}

inline bool has_admin_binding(const Rights& rights) {
  return std::ranges::any_of(rights.bindings, [](const Binding& each) {
    return each.scope == Scope::org && is_admin_role(each.role_name);
  });
}

/// The orgs in the bindings of a request, as sent.
inline std::vector<std::string> org_ids_in(const Ordered& bindings) {
  std::vector<std::string> ids;
  for (const Ordered& each : bindings) ids.push_back(each["org_id"]);
  return ids;
}

/// The valid `global_permissions` of a request, without duplicates.
inline std::vector<std::string> to_permissions(const Ordered& list) {
  return list.empty() ? std::vector<std::string>{} : std::vector<std::string>{"org.create"};
}

/// Why a binding of a request cannot be inserted.
struct BindingError {
  /// 0 for an error of the database.
  int status = 0;
  std::string message = {};
};

/// An org's policy that a key breaks.
struct BrokenPolicy {
  std::string code;
  std::string sentence;
};

/// The state with roles.
class RoleState : public State {
 public:
  const Org* find_org(const std::string& id) const {
    auto org = std::ranges::find(rest.orgs, lower(id), &Org::id);
    return org == rest.orgs.end() ? nullptr : &*org;
  }

  /// The user's role in an org.
  const RoleRow& role_in(const Org* org, const std::string& user) const {
    if (org == nullptr) return role_row("");
    if (!org->members) return role_row("org_super_admin");
    auto member = std::ranges::find(*org->members, user, &capgo::Member::user_id);
    return role_row(member == org->members->end() ? "" : member->role_name);
  }

  /// Returns what the migration gave to a key with this mode and these limits. (section 9)
  Rights migrate(const ApiKey& key) const {
    auto org_limit = key.limited_to_orgs.value_or(std::vector<std::string>{});
    auto app_limit = key.limited_to_apps.value_or(std::vector<std::string>{});
    std::string app_role = "app_admin";
    if (key.mode == KeyMode::write) app_role = "app_developer";
    if (key.mode == KeyMode::upload) app_role = "app_uploader";
    if (key.mode == KeyMode::read) app_role = "app_reader";
    std::string org_role = key.mode == KeyMode::all ? "org_super_admin" : "org_member";
    Rights rights;
    for (const Org& org : rest.orgs) {
      if (role_in(&org, key.user_id).name.empty()) continue;
      if (!org_limit.empty() && !has(org_limit, org.id)) continue;
      std::vector<Binding> of_apps;
      for (const App& app : rest.apps) {
        if (app.owner_org != org.id || (!app_limit.empty() && !has(app_limit, app.app_id)))
          continue;
        of_apps.push_back({app_role, Scope::app, org.id, app.id});
      }
      if (app_limit.empty()) rights.bindings.push_back({org_role, Scope::org, org.id});
      if (!app_limit.empty() && !of_apps.empty()) {
        rights.bindings.push_back({"apikey_org_reader", Scope::org, org.id});
      }
      if (app_limit.empty() && key.mode == KeyMode::all) continue;
      rights.bindings.insert(rights.bindings.end(), of_apps.begin(), of_apps.end());
    }
    if (has_admin_binding(rights)) rights.global_permissions = {"org.create"};
    return rights;
  }

  /// Returns whether it is a plain key in an org that enforces hashed keys. (section 3)
  bool is_dead(const ApiKey& key) const {
    return key.key && std::ranges::any_of(org_ids_of(*key.rights), [&](const std::string& id) {
             const Org* org = find_org(id);
             return org != nullptr && org->enforce_hashed_api_keys;
           });
  }

  /// Returns whether a subkey is limited by its bindings. (section 4)
  bool is_limited(const ApiKey& key) const {
    const std::vector<Binding>& bindings = key.rights->bindings;
    auto is_admin = [](const Binding& each) {
      return each.scope == Scope::org && is_admin_role(each.role_name);
    };
    if (bindings.empty()) return false;
    if (!std::ranges::all_of(bindings, is_admin)) return true;
    return !std::ranges::all_of(rest.orgs, [&](const Org& org) {
      return role_in(&org, key.user_id).name.empty() || has(org_ids_of(*key.rights), org.id);
    });
  }

  /// Returns the orgs in which the key has `org.manage_apikeys`.
  std::vector<std::string> managed_orgs(const ApiKey& key) const {
    std::vector<std::string> ids;
    if (is_dead(key)) return ids;
    for (const Binding& each : key.rights->bindings) {
      if (each.scope == Scope::org && role_row(each.role_name).manages) ids.push_back(each.org_id);
    }
    return ids;
  }

  /// Returns whether a key of the same user can manage this one. (section 17)
  bool can_manage(const ApiKey& caller, const ApiKey& key) const {
    auto managed = managed_orgs(caller);
    auto ids = org_ids_of(*key.rights);
    return !ids.empty() &&
           std::ranges::all_of(ids, [&](const std::string& id) { return has(managed, id); });
  }

  /// Returns whether the user can give the key other rights.
  bool can_assign(const std::string& user, const ApiKey& key) const {
    return std::ranges::all_of(org_ids_of(*key.rights), [&](const std::string& id) {
      return role_in(find_org(id), user).assigns;
    });
  }

  /// Section 10. The page does not determine which org is reported.
  std::vector<BrokenPolicy> broken_policies(const std::vector<std::string>& org_ids,
                                            std::optional<milliseconds> expires) const {
    std::vector<BrokenPolicy> broken;
    for (const std::string& id : org_ids) {
      const Org* org = find_org(id);
      if (org == nullptr) continue;
      if (!expires && org->require_apikey_expiration) {
        broken.push_back({"expiration_required",
                          "This organization requires API keys to have an expiration date"});
      }
      if (!expires || !org->max_apikey_expiration_days) continue;
      int64_t days = *org->max_apikey_expiration_days;
      if (*expires > std::chrono::floor<milliseconds>(now.time_since_epoch()) + days * kDay) {
        broken.push_back({"expiration_exceeds_max", "API key expiration cannot exceed " +
                                                        std::to_string(days) +
                                                        " days for this organization"});
      }
    }
    return broken;
  }

  /// Inserts a binding of a request into the rights, or returns why it cannot be. (section 9)
  std::optional<BindingError> insert(const Ordered& sent, const std::string& user,
                                     Rights& rights) const {
    const RoleRow& role = role_row(sent["role_name"].get<std::string>());
    std::string scope = sent["scope_type"];
    const Org* org = find_org(sent["org_id"]);
    if (role.name.empty()) return BindingError{404, "Role not found"};
    if (!role.is_assignable) return BindingError{403, "Role is not assignable"};
    if (role.scope != scope)
      return BindingError{400, "Role scope_type does not match binding scope"};
    if (role.rank > role_in(org, user).rank) {
      return BindingError{403, "Cannot assign a role with higher privileges than your own"};
    }
    Binding binding{std::string(role.name), *base::parse_name<Scope>(scope), org->id};
    if (auto error = set_target(sent, binding)) return error;
    for (const Binding& each : rights.bindings) {
      if (each.scope == binding.scope && each.org_id == binding.org_id &&
          each.app_id == binding.app_id && each.channel_id == binding.channel_id) {
        return BindingError{};
      }
    }
    rights.bindings.push_back(binding);
    return std::nullopt;
  }

 private:
  /// Sets the app and the channel, after the role and the org.
  std::optional<BindingError> set_target(const Ordered& sent, Binding& binding) const {
    Ordered app_id = sent.value("app_id", Ordered());
    bool has_app = app_id.is_string() && app_id != "";
    if (binding.scope == Scope::org) return has_app ? std::optional(BindingError{}) : std::nullopt;
    Ordered channel_id = sent.value("channel_id", Ordered());
    if (binding.scope == Scope::app && !has_app) {
      return BindingError{400, "app_id required for app scope"};
    }
    if (binding.scope == Scope::channel && (!has_app || !is_channel_given(channel_id))) {
      return BindingError{400, "app_id and channel_id required for channel scope"};
    }
    if (!is_uuid(app_id)) return BindingError{};
    auto app = std::ranges::find(rest.apps, lower(app_id), &App::id);
    if (app == rest.apps.end() || app->owner_org != binding.org_id) {
      return BindingError{404, "App not found in this org"};
    }
    binding.app_id = app->id;
    return binding.scope == Scope::app ? std::nullopt : set_channel(channel_id, *app, binding);
  }

  static bool is_channel_given(const Ordered& id) {
    if (!id.is_number()) return id.is_string() && id != "";
    auto number = id.get<double>();
    return number > 0 && number <= 9007199254740991.0 && number == std::floor(number);
  }

  std::optional<BindingError> set_channel(const Ordered& id, const App& app,
                                          Binding& binding) const {
    std::string str = id.is_string() ? id.get<std::string>()
                                     : std::to_string(static_cast<int64_t>(id.get<double>()));
    str.erase(0, str.find_first_not_of(" \t"));
    str.erase(str.find_last_not_of(" \t") + 1);
    bool is_number = is_digits(str) && str.find_first_not_of('0') != std::string::npos;
    if (!is_number && !is_uuid(str)) return BindingError{};
    for (const Channel& each : rest.channels) {
      bool is_it = is_number ? each.id == std::stoll(str) : each.rbac_id == lower(str);
      if (!is_it || each.app_id != app.app_id) continue;
      binding.channel_id = each.rbac_id;
      return std::nullopt;
    }
    return BindingError{404, "Channel not found in this app/org"};
  }
};

}  // namespace july_model
