#include "capgo/role.h"

#include <doctest/doctest.h>

#include <iterator>
#include <string>
#include <string_view>
#include <vector>

namespace {

using capgo::find_role;
using capgo::Role;
using capgo::Scope;

/// Section 9, "Roles, bindings, global permissions".
struct RoleRow {
  std::string_view name;
  std::string_view scope;
  int rank;
  bool is_assignable;
};

constexpr RoleRow kRoleRows[] = {
    {"org_super_admin", "org", 95, true},
    {"org_admin", "org", 90, true},
    {"org_billing_admin", "org", 80, true},
    {"apikey_manager", "org", 78, true},
    {"org_member", "org", 75, true},
    {"app_admin", "app", 70, true},
    {"app_preview", "app", 69, true},
    {"app_developer", "app", 68, true},
    {"app_uploader", "app", 66, true},
    {"app_reader", "app", 65, true},
    {"app_notifications", "app", 64, true},
    {"channel_admin", "channel", 60, true},
    {"channel_developer", "channel", 58, true},
    {"channel_uploader", "channel", 57, true},
    {"channel_reader", "channel", 55, true},
    {"channel_preview", "channel", 68, false},
    {"apikey_org_reader", "org", 10, false},
    {"bundle_admin", "bundle", 62, true},
    {"bundle_reader", "bundle", 61, true},
};

/// Section 21, by permission.
struct PermissionRow {
  std::string_view permission;
  std::string_view roles;
};

constexpr PermissionRow kPermissionRows[] = {
    {"app.build_native", "org_super_admin org_admin app_admin app_developer"},
    {"app.create_channel", "org_super_admin org_admin app_admin app_preview app_developer"},
    {"app.delete", "org_super_admin"},
    {"app.manage_devices", "org_super_admin org_admin app_admin app_developer"},
    {"app.manage_notifications",
     "org_super_admin org_admin app_admin app_developer app_notifications"},
    {"app.read",
     "org_super_admin org_admin app_admin app_preview app_developer app_uploader "
     "app_reader"},
    {"app.read_audit", "org_super_admin org_admin app_admin app_developer app_uploader app_reader"},
    {"app.read_bundles",
     "org_super_admin org_admin app_admin app_preview app_developer app_uploader "
     "app_reader"},
    {"app.read_channels",
     "org_super_admin org_admin app_admin app_developer app_uploader app_reader"},
    {"app.read_devices",
     "org_super_admin org_admin app_admin app_developer app_uploader app_reader"},
    {"app.read_logs", "org_super_admin org_admin app_admin app_developer app_uploader app_reader"},
    {"app.transfer", "org_super_admin"},
    {"app.update_settings", "org_super_admin org_admin app_admin"},
    {"app.update_user_roles", "org_super_admin org_admin app_admin"},
    {"app.upload_bundle",
     "org_super_admin org_admin app_admin app_preview app_developer app_uploader"},
    {"bundle.delete", "org_super_admin app_admin"},
    {"channel.delete", "org_super_admin app_admin channel_admin channel_preview"},
    {"channel.manage_forced_devices",
     "org_super_admin org_admin app_admin app_developer channel_admin channel_developer"},
    {"channel.promote_bundle",
     "org_super_admin org_admin app_admin app_developer app_uploader channel_admin "
     "channel_developer channel_uploader channel_preview"},
    {"channel.read",
     "org_super_admin org_admin app_admin app_developer app_uploader app_reader "
     "channel_admin channel_developer channel_uploader channel_reader channel_preview"},
    {"channel.read_audit",
     "org_super_admin org_admin app_admin app_developer app_reader channel_admin "
     "channel_developer channel_reader"},
    {"channel.read_forced_devices",
     "org_super_admin org_admin app_admin app_developer app_reader channel_admin "
     "channel_developer channel_reader"},
    {"channel.read_history",
     "org_super_admin org_admin app_admin app_developer app_reader channel_admin "
     "channel_developer channel_reader"},
    {"channel.rollback_bundle",
     "org_super_admin org_admin app_admin app_developer channel_admin channel_developer"},
    {"channel.update_settings", "org_super_admin org_admin app_admin channel_admin"},
    {"org.create_app", "org_super_admin org_admin org_billing_admin org_member"},
    {"org.delete", "org_super_admin"},
    {"org.invite_user", "org_super_admin org_admin"},
    {"org.manage_apikeys", "org_super_admin org_admin apikey_manager"},
    {"org.read",
     "org_super_admin org_admin org_billing_admin apikey_manager org_member "
     "apikey_org_reader"},
    {"org.read_audit", "org_super_admin org_admin"},
    {"org.read_billing", "org_super_admin org_admin org_billing_admin"},
    {"org.read_billing_audit", "org_super_admin org_admin org_billing_admin"},
    {"org.read_invoices", "org_super_admin org_admin org_billing_admin"},
    {"org.read_members", "org_super_admin org_admin org_member"},
    {"org.update_billing", "org_super_admin org_billing_admin"},
    {"org.update_settings", "org_super_admin org_admin"},
    {"org.update_user_roles", "org_super_admin org_admin"},
};

std::string roles_with(std::string_view permission) {
  std::string names;
  for (const Role& role : capgo::all_roles()) {
    if (!has_permission(role, permission)) continue;
    if (!names.empty()) names += ' ';
    names += role.name;
  }
  return names;
}

}  // namespace

TEST_CASE("the roles have the scopes and ranks of the vendor's reference data") {
  CHECK(capgo::all_roles().size() == std::size(kRoleRows));
  for (const RoleRow& row : kRoleRows) {
    CAPTURE(row.name);
    const Role* role = find_role(row.name);
    REQUIRE(role != nullptr);
    CHECK(base::name_of(role->scope) == row.scope);
    CHECK(role->rank == row.rank);
    CHECK(role->is_assignable == row.is_assignable);
  }
}

TEST_CASE("each permission belongs to the roles of the vendor's reference data") {
  std::vector<std::string_view> permissions;
  for (const PermissionRow& row : kPermissionRows) {
    CAPTURE(row.permission);
    CHECK(roles_with(row.permission) == row.roles);
    permissions.push_back(row.permission);
  }
  CHECK(capgo::all_permissions() == permissions);
}

TEST_CASE("names of roles and permissions are exact") {
  for (std::string_view name : {"", "Org_admin", "ORG_ADMIN", " org_admin", "org_admin ", "org"}) {
    CHECK(find_role(name) == nullptr);
  }
  for (std::string_view name :
       {"", "org", "org.", "org.read ", "org.read org.create_app", "ORG.READ", "read", "g.read"}) {
    CHECK_FALSE(has_permission(*find_role("org_super_admin"), name));
  }
}
