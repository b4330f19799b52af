#include "capgo/role.h"

#include <algorithm>
#include <array>

namespace capgo {
namespace {

constexpr auto kRoles = std::to_array<Role>({
    {"org_super_admin", Scope::org, 95, true, KeyMode::all,
     "org.read org.create_app org.update_settings org.delete org.read_members org.invite_user "
     "org.update_user_roles org.manage_apikeys org.read_billing org.update_billing "
     "org.read_invoices org.read_audit org.read_billing_audit app.read app.update_settings "
     "app.delete app.read_bundles app.upload_bundle app.create_channel app.read_channels "
     "app.read_logs app.manage_devices app.read_devices app.manage_notifications "
     "app.build_native app.read_audit app.update_user_roles app.transfer bundle.delete "
     "channel.read channel.update_settings channel.delete channel.read_history "
     "channel.promote_bundle channel.rollback_bundle channel.manage_forced_devices "
     "channel.read_forced_devices channel.read_audit"},
    {"org_admin", Scope::org, 90, true, KeyMode::all,
     "org.read org.create_app org.update_settings org.read_members org.invite_user "
     "org.update_user_roles org.manage_apikeys org.read_billing org.read_invoices "
     "org.read_audit org.read_billing_audit app.read app.update_settings app.read_bundles "
     "app.upload_bundle app.create_channel app.read_channels app.read_logs app.manage_devices "
     "app.read_devices app.manage_notifications app.build_native app.read_audit "
     "app.update_user_roles channel.read channel.update_settings channel.read_history "
     "channel.promote_bundle channel.rollback_bundle channel.manage_forced_devices "
     "channel.read_forced_devices channel.read_audit"},
    {"org_billing_admin", Scope::org, 80, true, KeyMode::read,
     "org.read org.create_app org.read_billing org.update_billing org.read_invoices "
     "org.read_billing_audit"},
    {"apikey_manager", Scope::org, 78, true, KeyMode::all, "org.manage_apikeys org.read"},
    {"org_member", Scope::org, 75, true, KeyMode::read, "org.read org.create_app org.read_members"},
    {"app_admin", Scope::app, 70, true, KeyMode::all,
     "app.read app.update_settings app.read_bundles app.upload_bundle app.create_channel "
     "app.read_channels app.read_logs app.manage_devices app.manage_notifications "
     "app.read_devices app.build_native app.read_audit app.update_user_roles bundle.delete "
     "channel.read channel.update_settings channel.delete channel.read_history "
     "channel.promote_bundle channel.rollback_bundle channel.manage_forced_devices "
     "channel.read_forced_devices channel.read_audit"},
    {"app_preview", Scope::app, 69, true, KeyMode::upload,
     "app.read app.read_bundles app.upload_bundle app.create_channel"},
    {"app_developer", Scope::app, 68, true, KeyMode::write,
     "app.read app.read_bundles app.upload_bundle app.create_channel app.read_channels "
     "app.read_logs app.manage_notifications app.manage_devices app.read_devices "
     "app.build_native app.read_audit channel.read channel.read_history "
     "channel.promote_bundle channel.rollback_bundle channel.manage_forced_devices "
     "channel.read_forced_devices channel.read_audit"},
    {"app_uploader", Scope::app, 66, true, KeyMode::upload,
     "app.read app.read_bundles app.upload_bundle app.read_channels app.read_logs "
     "app.read_devices app.read_audit channel.read channel.promote_bundle"},
    {"app_reader", Scope::app, 65, true, KeyMode::read,
     "app.read app.read_bundles app.read_channels app.read_logs app.read_devices "
     "app.read_audit channel.read channel.read_history channel.read_forced_devices "
     "channel.read_audit"},
    {"app_notifications", Scope::app, 64, true, KeyMode::read, "app.manage_notifications"},
    {"channel_admin", Scope::channel, 60, true, KeyMode::write,
     "channel.read channel.update_settings channel.delete channel.read_history "
     "channel.promote_bundle channel.rollback_bundle channel.manage_forced_devices "
     "channel.read_forced_devices channel.read_audit"},
    {"channel_developer", Scope::channel, 58, true, KeyMode::write,
     "channel.read channel.read_history channel.promote_bundle channel.rollback_bundle "
     "channel.manage_forced_devices channel.read_forced_devices channel.read_audit"},
    {"channel_uploader", Scope::channel, 57, true, KeyMode::upload,
     "channel.read channel.promote_bundle"},
    {"channel_reader", Scope::channel, 55, true, KeyMode::read,
     "channel.read channel.read_history channel.read_forced_devices channel.read_audit"},
    {"channel_preview", Scope::channel, 68, false, KeyMode::write,
     "channel.read channel.promote_bundle channel.delete"},
    {"apikey_org_reader", Scope::org, 10, false, KeyMode::read, "org.read"},
    {"bundle_admin", Scope::bundle, 62, true, KeyMode::read, ""},
    {"bundle_reader", Scope::bundle, 61, true, KeyMode::read, ""},
});

/// Takes the first word off a list of words that are separated by spaces.
std::string_view take_word(std::string_view& words) {
  std::string_view word = words.substr(0, words.find(' '));
  words.remove_prefix(std::min(word.size() + 1, words.size()));
  return word;
}

}  // namespace

std::span<const Role> all_roles() { return kRoles; }

const Role* find_role(std::string_view name) {
  const auto* found = std::find_if(kRoles.begin(), kRoles.end(),
                                   [&](const Role& role) { return role.name == name; });
  return found == kRoles.end() ? nullptr : found;
}

bool has_permission(const Role& role, std::string_view permission) {
  for (std::string_view words = role.permissions; !words.empty();) {
    if (take_word(words) == permission) return true;
  }
  return false;
}

std::vector<std::string_view> all_permissions() {
  std::vector<std::string_view> permissions;
  for (const Role& role : kRoles) {
    for (std::string_view words = role.permissions; !words.empty();) {
      permissions.push_back(take_word(words));
    }
  }
  std::sort(permissions.begin(), permissions.end());
  permissions.erase(std::unique(permissions.begin(), permissions.end()), permissions.end());
  return permissions;
}

}  // namespace capgo
