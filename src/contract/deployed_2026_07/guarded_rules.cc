#include "contract/deployed/guarded_rules.h"

#include <algorithm>
#include <tuple>

#include "capgo/rights.h"
#include "contract/deployed_2026_07/database.h"
#include "contract/deployed_2026_07/steps.h"
#include "contract/explain.h"
#include "contract/requirement.h"
#include "json/document.h"

/// How the service of July 2026 checks the callers of its other endpoints. (section 21)
namespace contract::deployed_2026_07 {
namespace {

/// What a request names, as the fixtures have it.
struct Place {
  capgo::Affected affected;
  /// `the app "com.demo.app"`; empty if the request names nothing.
  std::string description;
  /// 3 for a channel, 2 for an app, 1 for an org, 0 for nothing.
  int precision = 0;
  /// Why no role can be for it; empty if one can.
  std::string problem = {};
};

/// Finds a channel by its number, its UUID or its name; null if the app has none such.
const capgo::Channel* find_channel(const store::KeyStore& keys, const capgo::App& app,
                                   std::string_view id) {
  const auto& channels = keys.channels();
  auto channel = std::find_if(channels.begin(), channels.end(), [&](const capgo::Channel& each) {
    return each.app_id == app.app_id &&
           (std::to_string(each.id) == id || each.rbac_id == id || each.name == id);
  });
  return channel == channels.end() ? nullptr : &*channel;
}

Place find_org_place(const store::KeyStore& keys, const std::string& org_id) {
  Place place{{org_id}, "the org " + json::quote(org_id), 1};
  bool is_known = capgo::find_org(keys.orgs(), org_id) != nullptr;
  if (!is_known) place.problem = "the fixtures have no such org";
  return place;
}

Place find_place(const Requirement& requirement, const store::KeyStore& keys) {
  const auto& [app_id, org_id] = std::tie(requirement.app_id, requirement.org_id);
  if (!app_id) return org_id ? find_org_place(keys, *org_id) : Place{};
  Place place{{}, "the app " + json::quote(*app_id), 2};
  const capgo::App* app = capgo::find_app(keys.apps(), *app_id);
  if (app == nullptr) {
    const capgo::App* meant = capgo::find_app_by_internal_id(keys.apps(), *app_id);
    place.problem = meant == nullptr ? "the fixtures have no such app"
                                     : "that is the internal id of an app; send its public id, " +
                                           json::quote(meant->app_id);
    return place;
  }
  place.affected = {app->owner_org, app->id};
  if (org_id && *org_id != app->owner_org) {
    place.problem = "the app belongs to the org " + json::quote(app->owner_org) + ", not to " +
                    json::quote(*org_id);
  }
  if (!requirement.channel_id) return place;
  const std::string& channel_id = *requirement.channel_id;
  place.description = "the channel " + json::quote(channel_id) + " of " + place.description;
  if (const capgo::Channel* channel = find_channel(keys, *app, channel_id)) {
    place.affected.channel_id = channel->rbac_id;
    place.precision = 3;
  } else {
    place.description += ", which has no such channel";
  }
  return place;
}

/// Returns the Place::precision that a permission is for.
int precision_of(std::string_view permission) {
  if (permission.starts_with("channel.")) return 3;
  return permission.starts_with("org.") ? 1 : 2;
}

/// Returns the permission that fits what the request names most precisely, else the first.
std::string_view pick_permission(const Requirement& requirement, const Place& place) {
  if (requirement.permissions.empty()) return "";
  std::string_view picked = requirement.permissions.front();
  int highest = 0;
  for (std::string_view permission : requirement.permissions) {
    int precision = precision_of(permission);
    if (precision > place.precision || precision <= highest) continue;
    highest = precision;
    picked = permission;
  }
  return picked;
}

/// `it does not give "app.read" for the app "com.demo.app"`, of so many roles.
std::string explain_denied(size_t roles, std::string_view permission, const Place& place) {
  std::string reason;
  if (permission.empty()) {
    reason = roles == 0 ? "this needs one" : "none";
  } else {
    reason = roles == 0 ? "this needs " : roles == 1 ? "it does not give " : "none of them gives ";
    reason += json::quote(permission);
  }
  if (!place.description.empty()) reason += " for " + place.description;
  return reason;
}

}  // namespace

Found<RuleCaller> authenticate_caller(Call& call, const Requirement& requirement) {
  return authenticate_rule_caller(call, requirement, {authenticate_key, authenticate_token});
}

capgo::Decision check_access(const Requirement& requirement, const RuleCaller& caller,
                             const store::KeyStore& keys) {
  const auto& orgs = keys.orgs();
  const auto& apps = keys.apps();
  if (caller.key != nullptr) {
    const capgo::Org* org = capgo::find_hashed_only_org(*caller.key, orgs, apps);
    if (org != nullptr) return {false, explain_hashed_only(*caller.key, *org)};
  }
  std::string who = caller.key != nullptr ? describe(*caller.key) : "user " + caller.user_id;
  capgo::Rights rights = caller.key != nullptr ? capgo::rights_of(*caller.key, orgs, apps)
                                               : capgo::rights_of_user(caller.user_id, orgs);
  Place place = find_place(requirement, keys);
  std::string_view permission = pick_permission(requirement, place);
  if (permission == capgo::kCreateOrg) {
    bool has = !rights.global_permissions.empty();
    return {has, who + (has ? " has the" : " does not have the") + " global permission " +
                     json::quote(permission)};
  }
  if (permission.empty() && place.description.empty()) {
    return {true, who + " needs no permission for this"};
  }
  const auto& bindings = rights.bindings;
  auto is_enough = [&](const capgo::Binding& binding) {
    return permission.empty() ? capgo::covers(binding, place.affected)
                              : capgo::allows(binding, permission, place.affected);
  };
  if (!place.problem.empty()) {
    return {false, who + " has no role for " + place.description + ": " + place.problem};
  }
  auto binding = std::find_if(bindings.begin(), bindings.end(), is_enough);
  if (binding == bindings.end()) {
    return {false, who + " has " + capgo::describe_roles(rights, apps, keys.channels()) + ", and " +
                       explain_denied(bindings.size(), permission, place)};
  }
  return {true, who + " has the role " + capgo::describe(*binding, apps, keys.channels()) +
                    (permission.empty() ? "" : ", which gives " + json::quote(permission)) +
                    (place.precision == 0 ? "; without app_id or org_id, any role counts" : "")};
}

}  // namespace contract::deployed_2026_07
