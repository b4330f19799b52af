#include <doctest/doctest.h>

#include <array>
#include <string>
#include <vector>

#include "capgo/rights.h"

/// How rights are described, and which permissions and modes are about the same.
namespace {

using capgo::KeyMode;
using capgo::Scope;

const std::vector<capgo::App> kDescribedApps = {{"uuid-a", "com.a", "org_a"}};
const std::vector<capgo::Channel> kDescribedChannels = {{41, "rbac-41", "production", "com.a"}};

std::string describe_bindings(const std::vector<capgo::Binding>& bindings) {
  return capgo::describe_roles({bindings}, kDescribedApps, kDescribedChannels);
}

}  // namespace

TEST_CASE("roles are described with the org, the app or the channel that they are for") {
  CHECK(describe_bindings({}) == "no roles");
  CHECK(describe_bindings({{"org_member", Scope::org, "org_a"}}) ==
        "the role org_member (org org_a)");
  CHECK(describe_bindings({{"app_reader", Scope::app, "org_a", "uuid-a"},
                           {"channel_admin", Scope::channel, "org_a", "uuid-a", "rbac-41"}}) ==
        "the roles app_reader (app com.a), channel_admin (channel production of com.a)");
  // Their app and channel can be gone from the fixtures.
  CHECK(describe_bindings({{"app_reader", Scope::app, "org_a", "uuid-b"},
                           {"channel_admin", Scope::channel, "org_a", "uuid-b", "rbac-42"}}) ==
        "the roles app_reader (app uuid-b), channel_admin (channel rbac-42)");
}

TEST_CASE("the description of many roles names the first five") {
  std::vector<capgo::Binding> bindings;
  for (int i = 1; i <= 1000; ++i) {
    bindings.push_back({"org_member", Scope::org, std::to_string(i)});
  }
  CHECK(describe_bindings(bindings) ==
        "the roles org_member (org 1), org_member (org 2), org_member (org 3), org_member (org 4), "
        "org_member (org 5) and 995 more");
}

TEST_CASE("the nearest permission of a mode is given to keys of that mode and of higher ones") {
  const std::array modes = {KeyMode::read, KeyMode::upload, KeyMode::write, KeyMode::all};
  std::vector<capgo::Org> orgs(1);
  orgs[0].id = "org_a";
  for (KeyMode has : modes) {
    for (bool is_limited : {false, true}) {
      capgo::ApiKey key;
      key.mode = has;
      if (is_limited) key.limited_to_apps = {"com.a"};
      capgo::Rights rights = capgo::rights_of(key, orgs, kDescribedApps);
      for (KeyMode needs : modes) {
        CHECK(capgo::allows(rights, capgo::nearest_permission(needs), {"org_a", "uuid-a"}) ==
              (has >= needs));
      }
    }
  }
}

TEST_CASE("a permission has a nearest mode") {
  for (KeyMode mode : {KeyMode::read, KeyMode::upload, KeyMode::write, KeyMode::all}) {
    CHECK((capgo::nearest_mode(capgo::nearest_permission(mode)) == mode));
  }
  CHECK((capgo::nearest_mode("org.read_members") == KeyMode::read));
  CHECK((capgo::nearest_mode("channel.read") == KeyMode::read));
  CHECK((capgo::nearest_mode("channel.promote_bundle") == KeyMode::upload));
  CHECK((capgo::nearest_mode("app.manage_devices") == KeyMode::write));
  CHECK((capgo::nearest_mode("bundle.delete") == KeyMode::all));
  CHECK((capgo::nearest_mode("org.create_app") == KeyMode::all));
}

TEST_CASE("a permission is one of a role, or org.create") {
  for (const char* name : {"app.read", "org.create", "channel.read_audit", "app.transfer"}) {
    CHECK(capgo::is_permission(name));
  }
  for (const char* name : {"", "app", "app.rea", "app.read app.update_settings", "read"}) {
    CHECK_FALSE(capgo::is_permission(name));
  }
  CHECK(capgo::explain_unknown_permission("app.uplod_bundle") ==
        R"("app.uplod_bundle" is not a permission; did you mean "app.upload_bundle"?)");
  CHECK(capgo::explain_unknown_permission("org.creat") ==
        R"("org.creat" is not a permission; did you mean "org.create"?)");
  CHECK(capgo::explain_unknown_permission("x") == R"("x" is not a permission)");
}

TEST_CASE("a user has the role of a member in each org") {
  std::vector<capgo::Org> orgs(3);
  orgs[0].id = "org_a";
  orgs[0].members = std::vector<capgo::Member>{{"user_1", "org_member"}, {"user_2"}};
  orgs[1].id = "org_b";
  orgs[1].members = std::vector<capgo::Member>{{"user_2"}};
  orgs[2].id = "org_c";
  capgo::Rights rights = capgo::rights_of_user("user_1", orgs);
  CHECK((rights.bindings == std::vector<capgo::Binding>{{"org_member", Scope::org, "org_a"},
                                                        {"org_super_admin", Scope::org, "org_c"}}));
  CHECK(rights.global_permissions.empty());
}
