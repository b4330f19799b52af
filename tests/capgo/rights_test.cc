#include "capgo/rights.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

namespace {

using capgo::Affected;
using capgo::ApiKey;
using capgo::App;
using capgo::Binding;
using capgo::KeyMode;
using capgo::Member;
using capgo::Org;
using capgo::Rights;
using capgo::Scope;

std::vector<Org> make_orgs() {
  std::vector<Org> orgs(4);
  orgs[0].id = "org_a";
  orgs[0].members = {{{"user_1"}, {"user_2", "org_member"}}};
  orgs[1].id = "org_b";
  orgs[2].id = "org_foreign";
  orgs[2].members = {{{"user_2"}}};
  orgs[3].id = "org_empty";
  orgs[3].members = {{{"user_1", "org_billing_admin"}}};
  return orgs;
}

const std::vector<Org> kOrgs = make_orgs();
const std::vector<App> kApps = {{"id_b", "com.b", "org_b"},
                                {"id_1", "com.one", "org_a"},
                                {"id_2", "com.two", "org_a"},
                                {"id_f", "com.foreign", "org_foreign"},
                                {"id_x", "com.orphan", "org_unknown"}};

/// The bindings, as `role@target` with App::id for an app; then the global permissions.
std::string format(const Rights& rights) {
  std::string result;
  for (const Binding& binding : rights.bindings) {
    if (!result.empty()) result += ' ';
    result += binding.role_name + "@" + binding.org_id;
    CHECK(binding.app_id.has_value() == (binding.scope == Scope::app));
    if (binding.app_id) result += "/" + *binding.app_id;
    CHECK_FALSE(binding.channel_id);
  }
  for (const std::string& permission : rights.global_permissions) result += " +" + permission;
  return result;
}

/// The rights that the migration gives to a key of user_1.
std::string migrated(KeyMode mode, std::vector<std::string> apps = {},
                     std::vector<std::string> orgs = {}) {
  ApiKey key;
  key.user_id = "user_1";
  key.mode = mode;
  key.limited_to_apps = std::move(apps);
  key.limited_to_orgs = std::move(orgs);
  return format(rights_of(key, kOrgs, kApps));
}

Rights with_roles(std::vector<std::string> names) {
  Rights rights;
  for (std::string& name : names) {
    Scope scope = capgo::find_role(name) == nullptr ? Scope::org : capgo::find_role(name)->scope;
    rights.bindings.push_back({std::move(name), scope, "org_a"});
  }
  return rights;
}

}  // namespace

// section 9, "From modes to bindings"
TEST_CASE("a key with a mode and without limits to apps has a role in each org of its owner") {
  CHECK(migrated(KeyMode::all) ==
        "org_super_admin@org_a org_super_admin@org_b org_super_admin@org_empty +org.create");
  CHECK(migrated(KeyMode::write) ==
        "org_member@org_a app_developer@org_a/id_1 app_developer@org_a/id_2 "
        "org_member@org_b app_developer@org_b/id_b org_member@org_empty");
  CHECK(migrated(KeyMode::upload) ==
        "org_member@org_a app_uploader@org_a/id_1 app_uploader@org_a/id_2 "
        "org_member@org_b app_uploader@org_b/id_b org_member@org_empty");
  CHECK(migrated(KeyMode::read) ==
        "org_member@org_a app_reader@org_a/id_1 app_reader@org_a/id_2 "
        "org_member@org_b app_reader@org_b/id_b org_member@org_empty");
}

TEST_CASE("a key with a mode that is limited to apps can only read the orgs that own them") {
  const std::vector<std::string> apps = {"com.two", "com.b"};
  CHECK(
      migrated(KeyMode::all, apps) ==
      "apikey_org_reader@org_a app_admin@org_a/id_2 apikey_org_reader@org_b app_admin@org_b/id_b");
  CHECK(migrated(KeyMode::write, apps) ==
        "apikey_org_reader@org_a app_developer@org_a/id_2 "
        "apikey_org_reader@org_b app_developer@org_b/id_b");
  CHECK(migrated(KeyMode::upload, apps) ==
        "apikey_org_reader@org_a app_uploader@org_a/id_2 "
        "apikey_org_reader@org_b app_uploader@org_b/id_b");
  CHECK(migrated(KeyMode::read, apps) ==
        "apikey_org_reader@org_a app_reader@org_a/id_2 "
        "apikey_org_reader@org_b app_reader@org_b/id_b");
}

TEST_CASE("limits to orgs cut down the orgs and the apps of a key with a mode") {
  CHECK(migrated(KeyMode::all, {}, {"org_b"}) == "org_super_admin@org_b +org.create");
  CHECK(migrated(KeyMode::read, {}, {"org_empty", "org_b"}) ==
        "org_member@org_b app_reader@org_b/id_b org_member@org_empty");
  CHECK(migrated(KeyMode::write, {"com.one", "com.b"}, {"org_a"}) ==
        "apikey_org_reader@org_a app_developer@org_a/id_1");
}

TEST_CASE("a key with a mode has no rights if nothing matches its limits") {
  for (KeyMode mode : {KeyMode::read, KeyMode::upload, KeyMode::write, KeyMode::all}) {
    CHECK(migrated(mode, {}, {"org_foreign"}) == "");
    CHECK(migrated(mode, {}, {"org_unknown"}) == "");
    CHECK(migrated(mode, {"com.unknown"}) == "");
    CHECK(migrated(mode, {"com.orphan"}) == "");
    CHECK(migrated(mode, {"com.foreign"}) == "");
    CHECK(migrated(mode, {"id_1"}) == "");
    CHECK(migrated(mode, {"com.b"}, {"org_a"}) == "");
  }
}

TEST_CASE("missing limits are none") {
  ApiKey key;
  key.user_id = "user_1";
  key.mode = KeyMode::all;
  key.limited_to_apps = key.limited_to_orgs = std::nullopt;
  CHECK(format(rights_of(key, kOrgs, kApps)) == migrated(KeyMode::all));
  CHECK((rights_of(key, {}, {}) == Rights{}));
}

TEST_CASE(
    "the role of the owner does not matter to a key with a mode, nor do the key's own rights") {
  ApiKey key;
  key.user_id = "user_2";
  key.mode = KeyMode::all;
  CHECK(format(rights_of(key, kOrgs, kApps)) ==
        "org_super_admin@org_a org_super_admin@org_b org_super_admin@org_foreign +org.create");
  key.rights = Rights{};
  CHECK((rights_of(key, kOrgs, kApps) == Rights{}));
  key.rights = Rights{{{"org_member", Scope::org, "org_elsewhere"}}, {"org.create"}};
  CHECK((rights_of(key, kOrgs, kApps) == *key.rights));
}

TEST_CASE("a user has the highest of their roles in an org") {
  Org org;
  CHECK(role_in(org, "anyone")->name == "org_super_admin");
  org.members = {{{"a"},
                  {"b", "org_member"},
                  {"c", "org_member"},
                  {"c", "org_admin"},
                  {"c", "apikey_org_reader"},
                  {"d", "unknown"}}};
  CHECK(role_in(org, "a")->name == "org_super_admin");
  CHECK(role_in(org, "b")->name == "org_member");
  CHECK(role_in(org, "c")->name == "org_admin");
  CHECK(role_in(org, "A") == nullptr);
  CHECK(role_in(org, "") == nullptr);
  org.members->clear();
  CHECK(role_in(org, "a") == nullptr);
}

TEST_CASE("the nearest mode of a key is the highest of those that are nearest to its roles") {
  CHECK(capgo::nearest_mode(capgo::Rights{}) == KeyMode::read);
  CHECK(capgo::nearest_mode(with_roles({"unknown"})) == KeyMode::read);
  for (std::string name : {"org_billing_admin", "org_member", "apikey_org_reader", "app_reader",
                           "app_notifications", "channel_reader"}) {
    CHECK(capgo::nearest_mode(with_roles({name})) == KeyMode::read);
  }
  for (std::string name : {"app_uploader", "app_preview", "channel_uploader"}) {
    CHECK(capgo::nearest_mode(with_roles({name})) == KeyMode::upload);
  }
  for (std::string name :
       {"app_developer", "channel_admin", "channel_developer", "channel_preview"}) {
    CHECK(capgo::nearest_mode(with_roles({name})) == KeyMode::write);
  }
  for (std::string name : {"org_super_admin", "org_admin", "apikey_manager", "app_admin"}) {
    CHECK(capgo::nearest_mode(with_roles({name})) == KeyMode::all);
  }
  CHECK(capgo::nearest_mode(with_roles({"org_member", "app_uploader", "app_reader"})) ==
        KeyMode::upload);
  CHECK(capgo::nearest_mode(with_roles({"app_developer", "org_billing_admin"})) == KeyMode::write);
}

TEST_CASE("the nearest mode of the rights that follow from a mode is that mode") {
  for (KeyMode mode : {KeyMode::read, KeyMode::upload, KeyMode::write, KeyMode::all}) {
    ApiKey key;
    key.user_id = "user_1";
    key.mode = mode;
    CHECK(capgo::nearest_mode(rights_of(key, kOrgs, kApps)) == mode);
    key.limited_to_apps = {"com.one"};
    CHECK(capgo::nearest_mode(rights_of(key, kOrgs, kApps)) == mode);
  }
}

TEST_CASE("org admins are those with one of two roles in an org") {
  CHECK(capgo::is_org_admin({"org_admin", Scope::org, "o"}));
  CHECK(capgo::is_org_admin({"org_super_admin", Scope::org, "o"}));
  CHECK_FALSE(capgo::is_org_admin({"apikey_manager", Scope::org, "o"}));
  CHECK_FALSE(capgo::is_org_admin({"app_admin", Scope::app, "o", "a"}));
  CHECK_FALSE(capgo::is_org_admin({"org_admin", Scope::app, "o", "a"}));
}

// section 21
TEST_CASE("a role holds in its org, app or channel and in what belongs to it") {
  const Affected org{"o"};
  const Affected app{"o", "a"};
  const Affected channel{"o", "a", "c"};
  const Binding of_org{"org_admin", Scope::org, "o"};
  const Binding of_app{"app_developer", Scope::app, "o", "a"};
  const Binding of_channel{"channel_reader", Scope::channel, "o", "a", "c"};
  struct Row {
    const Binding& binding;
    std::string_view permission;
    std::string_view allowed;
  };
  const Row rows[] = {
      {of_org, "org.read", "org app channel"},
      {of_org, "app.read", "org app channel"},
      {of_org, "channel.read", "org app channel"},
      {of_org, "org.delete", ""},
      {of_app, "org.read", ""},
      {of_app, "app.read", "app channel"},
      {of_app, "channel.read", "app channel"},
      {of_app, "app.delete", ""},
      {of_channel, "app.read", ""},
      {of_channel, "channel.read", "channel"},
      {of_channel, "channel.delete", ""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.binding.role_name);
    CAPTURE(row.permission);
    std::string allowed;
    if (allows(row.binding, row.permission, org)) allowed += "org ";
    if (allows(row.binding, row.permission, app)) allowed += "app ";
    if (allows(row.binding, row.permission, channel)) allowed += "channel ";
    if (!allowed.empty()) allowed.pop_back();
    CHECK(allowed == row.allowed);
    CHECK(allows(row.binding, row.permission, {}) == !row.allowed.empty());
  }
}

TEST_CASE("a role does not hold elsewhere") {
  CHECK_FALSE(allows(Binding{"org_admin", Scope::org, "o"}, "app.read", {"p", "a"}));
  CHECK_FALSE(allows(Binding{"org_admin", Scope::org, "o"}, "app.read", {"O", "a"}));
  CHECK_FALSE(allows(Binding{"app_admin", Scope::app, "o", "a"}, "app.read", {"o", "b"}));
  CHECK_FALSE(allows(Binding{"channel_admin", Scope::channel, "o", "a", "c"}, "channel.read",
                     {"o", "a", "d"}));
  CHECK_FALSE(allows(Binding{"nobody", Scope::org, "o"}, "org.read", {"o"}));
}

TEST_CASE("a key may do what one of its bindings allows") {
  Rights rights{{{"org_member", Scope::org, "o"}, {"app_uploader", Scope::app, "o", "a"}}};
  CHECK(allows(rights, "org.read", {"o"}));
  CHECK(allows(rights, "app.upload_bundle", {"o", "a"}));
  CHECK_FALSE(allows(rights, "app.upload_bundle", {"o", "b"}));
  CHECK_FALSE(allows(rights, "app.upload_bundle", {"o"}));
  CHECK_FALSE(allows(Rights{}, "org.read", {}));
}
