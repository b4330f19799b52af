#include <doctest/doctest.h>

#include <algorithm>
#include <sstream>

#include "contract/deployed_2026_07/rules_engine.h"
#include "json/body.h"

/// The built-in scenario public-api as of July 2026: every call with every role. (section 21)
namespace {

using engine_tests::shown;
using rules_tests::scope_of;

/// The permissions of each role, as the page has them.
struct RolePermissions {
  const char* role;
  const char* permissions;
};

// clang-format off
constexpr RolePermissions kRolePermissions[] = {
    {"org_super_admin",
     "org.read org.create_app org.update_settings org.delete org.read_members "
     "org.invite_user org.update_user_roles org.manage_apikeys org.read_billing "
     "org.update_billing org.read_invoices org.read_audit org.read_billing_audit app.read "
     "app.update_settings app.delete app.read_bundles app.upload_bundle app.create_channel "
     "app.read_channels app.read_logs app.manage_devices app.read_devices "
     "app.manage_notifications app.build_native app.read_audit app.update_user_roles "
     "app.transfer bundle.delete channel.read channel.update_settings channel.delete "
     "channel.read_history channel.promote_bundle channel.rollback_bundle "
     "channel.manage_forced_devices channel.read_forced_devices channel.read_audit"},
    {"org_admin",
     "org.read org.create_app org.update_settings org.read_members org.invite_user "
     "org.update_user_roles org.manage_apikeys org.read_billing org.read_invoices "
     "org.read_audit org.read_billing_audit app.read app.update_settings app.read_bundles "
     "app.upload_bundle app.create_channel app.read_channels app.read_logs "
     "app.manage_devices app.read_devices app.manage_notifications app.build_native "
     "app.read_audit app.update_user_roles channel.read channel.update_settings "
     "channel.read_history channel.promote_bundle channel.rollback_bundle "
     "channel.manage_forced_devices channel.read_forced_devices channel.read_audit"},
    {"org_billing_admin",
     "org.read org.create_app org.read_billing org.update_billing org.read_invoices "
     "org.read_billing_audit"},
    {"apikey_manager",
     "org.manage_apikeys org.read"},
    {"org_member",
     "org.read org.create_app org.read_members"},
    {"apikey_org_reader",
     "org.read"},
    {"app_admin",
     "app.read app.update_settings app.read_bundles app.upload_bundle app.create_channel "
     "app.read_channels app.read_logs app.manage_devices app.manage_notifications "
     "app.read_devices app.build_native app.read_audit app.update_user_roles bundle.delete "
     "channel.read channel.update_settings channel.delete channel.read_history "
     "channel.promote_bundle channel.rollback_bundle channel.manage_forced_devices "
     "channel.read_forced_devices channel.read_audit"},
    {"app_developer",
     "app.read app.read_bundles app.upload_bundle app.create_channel app.read_channels "
     "app.read_logs app.manage_notifications app.manage_devices app.read_devices "
     "app.build_native app.read_audit channel.read channel.read_history "
     "channel.promote_bundle channel.rollback_bundle channel.manage_forced_devices "
     "channel.read_forced_devices channel.read_audit"},
    {"app_uploader",
     "app.read app.read_bundles app.upload_bundle app.read_channels app.read_logs "
     "app.read_devices app.read_audit channel.read channel.promote_bundle"},
    {"app_reader",
     "app.read app.read_bundles app.read_channels app.read_logs app.read_devices "
     "app.read_audit channel.read channel.read_history channel.read_forced_devices "
     "channel.read_audit"},
    {"app_preview",
     "app.read app.read_bundles app.upload_bundle app.create_channel"},
    {"app_notifications",
     "app.manage_notifications"},
    {"channel_admin",
     "channel.read channel.update_settings channel.delete channel.read_history "
     "channel.promote_bundle channel.rollback_bundle channel.manage_forced_devices "
     "channel.read_forced_devices channel.read_audit"},
    {"channel_developer",
     "channel.read channel.read_history channel.promote_bundle channel.rollback_bundle "
     "channel.manage_forced_devices channel.read_forced_devices channel.read_audit"},
    {"channel_uploader",
     "channel.read channel.promote_bundle"},
    {"channel_reader",
     "channel.read channel.read_history channel.read_forced_devices channel.read_audit"},
    {"channel_preview",
     "channel.read channel.promote_bundle channel.delete"},
};

/// A call of the public API, its permission, and the rejection of February. APP stands for an app,
/// ORG for its org and CHANNEL for its channel.
struct PermissionsOfRole {
  const char* call;
  const char* target;
  const char* body;
  /// The first of the page's permissions is for a call that names no org, or no existing channel.
  const char* permission;
  const char* denied;
};

constexpr const char* kInApp = R"({"app_id":"APP"})";
constexpr const char* kInOrg = R"({"orgId":"ORG"})";

constexpr PermissionsOfRole kRoleRows[] = {
    {"GET /app/", "/app/", "", "app.read", "401 cannot_access_app"},
    {"GET /app/", "/app/?org_id=ORG", "", "org.read", "401 cannot_access_app"},
    {"GET /app/:appId", "/app/APP", "", "app.read", "401 cannot_access_app"},
    {"POST /app/", "/app/", R"({"app_id":"com.new","owner_org":"ORG"})", "org.create_app",
     "403 cannot_access_organization"},
    {"PUT /app/:appId", "/app/APP", "", "app.update_settings", "401 cannot_access_app"},
    {"DELETE /app/:appId", "/app/APP", "", "app.delete", "400 cannot_delete_app"},
    {"GET /bundle/", "/bundle/?app_id=APP", "", "app.read_bundles", "400 cannot_get_bundle"},
    {"POST /bundle/", "/bundle/", kInApp, "app.upload_bundle", "400 cannot_create_bundle"},
    {"PUT /bundle/", "/bundle/", kInApp, "channel.promote_bundle", "400 cannot_access_app"},
    {"PUT /bundle/", "/bundle/", R"({"app_id":"APP","channel_id":CHANNEL})",
     "channel.promote_bundle", "400 cannot_access_app"},
    {"POST /bundle/metadata", "/bundle/metadata", kInApp, "app.upload_bundle",
     "400 cannot_access_app"},
    {"DELETE /bundle/", "/bundle/", kInApp, "bundle.delete", "400 cannot_delete_bundle"},
    {"GET /channel/", "/channel/?app_id=APP", "", "app.read_channels", "400 cannot_access_app"},
    {"POST /channel/", "/channel/", R"({"app_id":"APP","channel":"new"})", "app.create_channel",
     "400 cannot_access_app"},
    {"POST /channel/", "/channel/", R"({"app_id":"APP","channel":"production"})",
     "channel.update_settings", "400 cannot_access_app"},
    {"DELETE /channel/", "/channel/", R"({"app_id":"APP","channel":"production"})",
     "channel.delete", "400 cannot_access_app"},
    {"GET /device/", "/device/?app_id=APP", "", "app.read_devices", "400 cannot_access_app"},
    {"POST /device/", "/device/", kInApp, "app.manage_devices", "400 cannot_access_app"},
    {"DELETE /device/", "/device/", kInApp, "app.manage_devices", "400 cannot_access_app"},
    {"GET /organization/", "/organization/", "", "org.read", "400 invalid_org_id"},
    {"GET /organization/", "/organization/?orgId=ORG", "", "org.read", "400 invalid_org_id"},
    {"POST /organization/", "/organization/", R"({"name":"New"})", "org.create",
     "400 invalid_org_id"},
    {"PUT /organization/", "/organization/", kInOrg, "org.update_settings", "400 invalid_org_id"},
    {"DELETE /organization/", "/organization/?orgId=ORG", "", "org.delete", "400 invalid_org_id"},
    {"GET /organization/members/", "/organization/members/?orgId=ORG", "", "org.read_members",
     "400 cannot_access_organization"},
    {"POST /organization/members/", "/organization/members/", kInOrg, "org.invite_user",
     "400 cannot_access_organization"},
    {"DELETE /organization/members/", "/organization/members/", kInOrg, "org.update_user_roles",
     "400 cannot_access_organization"},
    {"GET /statistics/app/:appId/", "/statistics/app/APP/", "", "app.read",
     "401 no_access_to_app"},
    {"GET /statistics/app/:appId/bundle_usage", "/statistics/app/APP/bundle_usage", "", "app.read",
     "401 no_access_to_app"},
    {"GET /statistics/org/:orgId/", "/statistics/org/ORG/", "", "org.read",
     "401 no_access_to_organization"},
    // The page names no permission for it.
    {"GET /statistics/user/", "/statistics/user/", "", "", ""},
};
// clang-format on

bool has_word(const char* words, std::string_view word) {
  std::istringstream stream(words);
  for (std::string each; stream >> each;) {
    if (each == word) return true;
  }
  return false;
}

/// A key for each role, with the role as its secret; `nothing` has none, and `creator` may create
/// orgs.
engine::Engine engine_with_roles() {
  std::vector<std::pair<std::string, capgo::Rights>> keys;
  for (const RolePermissions& each : kRolePermissions) {
    keys.push_back({each.role, {{rules_tests::binding_of(each.role)}}});
  }
  keys.push_back({"nothing", {}});
  keys.push_back({"creator", {{}, {"org.create"}}});
  return rules_tests::engine_with(rules_tests::snapshot_of(keys));
}

std::string filled(std::string text, bool is_other) {
  for (auto [word, value] : {std::pair("APP", is_other ? "com.other.app" : "com.demo.app"),
                             {"ORG", is_other ? "org_b" : "org_acme"},
                             {"CHANNEL", is_other ? "42" : "41"}}) {
    for (size_t at = text.find(word); at != std::string::npos; at = text.find(word)) {
      text.replace(at, std::string_view(word).size(), value);
    }
  }
  return text;
}

http::Request request_with_role(const PermissionsOfRole& row, const std::string& role,
                                bool is_other = false) {
  std::string call = row.call;
  return {call.substr(0, call.find(' ')),
          filled(row.target, is_other),
          {{"capgkey", role}},
          filled(row.body, is_other)};
}

/// The body of a rejection, for a status and a code.
std::string error_of(const std::string& status_and_code) {
  size_t space = status_and_code.find(' ');
  std::string code = status_and_code.substr(space + 1);
  std::string what = code.find("org") == std::string::npos ? "app" : "organization";
  return status_and_code.substr(0, space) + R"( {"error":")" + code +
         R"(","message":"You can't access this )" + what + R"(","moreInfo":{}})";
}

/// What a request is for: the narrowest of an org, an app or a channel; nothing if it names none.
std::optional<capgo::Scope> place_of(const PermissionsOfRole& row) {
  std::string all = std::string(row.target) + row.body;
  if (all.find("CHANNEL") != std::string::npos || all.find("production") != std::string::npos) {
    return capgo::Scope::channel;
  }
  if (all.find("APP") != std::string::npos) return capgo::Scope::app;
  return all.find("ORG") != std::string::npos ? std::optional(capgo::Scope::org) : std::nullopt;
}

}  // namespace

TEST_CASE("July: each call of public-api needs its permission, from a role for the place") {
  engine::Engine engine = engine_with_roles();
  for (const PermissionsOfRole& row : kRoleRows) {
    CAPTURE(row.call);
    CAPTURE(row.target);
    CAPTURE(row.body);
    auto place = place_of(row);
    for (const auto& item : kRolePermissions) {
      const auto& [role, permissions] = item;
      CAPTURE(item.role);
      // A role of an org holds in its apps and channels, a role of an app in its channels.
      bool covers = !place || scope_of(role) <= *place;
      bool is_allowed = *row.permission == 0 || (has_word(permissions, row.permission) && covers);
      http::Response response = engine.handle(request_with_role(row, role));
      if (is_allowed) {
        CHECK(response.status == 200);
      } else {
        CHECK(shown(response) == error_of(row.denied));
      }
      if (!place) continue;
      CHECK(shown(engine.handle(request_with_role(row, role, true))) == error_of(row.denied));
    }
    bool is_for_all = *row.permission == 0;
    bool is_for_creator = row.permission == std::string_view("org.create");
    CHECK(engine.handle(request_with_role(row, "nothing")).status ==
          (is_for_all ? 200 : std::stoi(row.denied)));
    CHECK(engine.handle(request_with_role(row, "creator")).status ==
          (is_for_all || is_for_creator ? 200 : std::stoi(row.denied)));
  }
}

TEST_CASE("July: public-api has the calls of the other contracts") {
  auto calls = [](const char* folder) {
    std::string file = std::string(folder) + "/public-api.json";
    auto scenario = json::parse(base::embedded_file(file));
    std::vector<std::string> names;
    for (const auto& rule : scenario["rules"]) names.push_back(rule["on"]);
    return names;
  };
  CHECK((calls("deployed_2026_07") == calls("documented")));
  for (const PermissionsOfRole& row : kRoleRows) {
    auto names = calls("deployed_2026_07");
    CHECK(std::count(names.begin(), names.end(), row.call) == 1);
  }
}
