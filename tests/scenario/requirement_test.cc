#include <doctest/doctest.h>

#include "scenario/loading.h"

/// How "requires", "denied" and "example" are loaded.
namespace {

using scenario::RightsCheck;
using scenario::Target;

/// The problems of a rule for POST /a/:app with these fields. Without the file and positions.
std::string problems_of_post(const std::string& fields,
                             RightsCheck rights_check = RightsCheck::lowest_mode) {
  auto loaded = scenario::load_scenario(
      "s.json", R"({"rules": [{"on": "POST /a/:app", )" + fields + "}]}", rights_check);
  std::string lines;
  for (const std::string& problem : loaded.problems) {
    lines += (lines.empty() ? "" : "\n") + problem.substr(problem.find(": ") + 2);
  }
  return lines;
}

std::string problems_of_requires(const std::string& fields,
                                 RightsCheck rights_check = RightsCheck::lowest_mode) {
  return problems_of_post(R"("respond": {}, "requires": {)" + fields + "}", rights_check);
}

scenario::Requirement requirement_with(const std::string& fields,
                                       RightsCheck rights_check = RightsCheck::modes) {
  auto loaded = scenario::load_scenario(
      "s.json",
      R"({"rules": [{"on": "POST /a/:app", "respond": {}, "requires": {)" + fields + "}}]}",
      rights_check);
  REQUIRE(loaded.problems.empty());
  return *loaded.scenario.rules.at(0).effect.requirement;
}

}  // namespace

TEST_CASE("a requirement has modes, an app and an org") {
  auto requirement =
      requirement_with(R"("mode": ["read", "all"], "app": "path.app", "org": "query.org_id?")");
  using capgo::KeyMode;
  CHECK((requirement.modes == std::vector{KeyMode::read, KeyMode::all}));
  CHECK((requirement.app->place == Target::Place::path));
  CHECK(requirement.app->name == "app");
  CHECK_FALSE(requirement.app->is_optional);
  CHECK((requirement.org->place == Target::Place::query));
  CHECK(requirement.org->name == "org_id");
  CHECK(requirement.org->is_optional);
  CHECK((requirement_with(R"("mode": "write")").modes == std::vector{KeyMode::write}));
  CHECK(requirement_with("").modes.empty());
}

TEST_CASE("an id that begins with no known place is a literal") {
  for (const std::string id : {"com.demo.app", "org_acme", "io.path.app", "de300000-0000"}) {
    auto requirement = requirement_with("\"app\": \"" + id + "\"");
    CHECK((requirement.app->place == Target::Place::literal));
    CHECK(requirement.app->name == id);
  }
}

TEST_CASE("invalid requirements are reported") {
  CHECK(problems_of_requires(R"("mode": "uplod")") ==
        R"(/rules/0/requires/mode: "uplod" is not one of read, upload, write, all; did you mean )"
        R"("upload"?)");
  CHECK(problems_of_requires(R"("mode": ["upload", "all"])") ==
        "/rules/0/requires/mode: in this contract, a mode includes the lower ones, so \"mode\" is "
        "the lowest one that is allowed; write one, such as \"upload\"");
  CHECK(problems_of_requires(R"("mode": [])", RightsCheck::modes) ==
        "/rules/0/requires/mode: is empty; name the allowed modes, or remove it");
  const std::string modes = " is not one of read, upload, write, all";
  CHECK(problems_of_requires(R"("mode": ["uplod", 5])", RightsCheck::modes) ==
        "/rules/0/requires/mode/0: \"uplod\"" + modes +
            "; did you mean \"upload\"?\n/rules/0/requires/mode/1: 5" + modes);
  CHECK(problems_of_requires(R"("org": "header.x-org")") ==
        R"(/rules/0/requires/org: "header" is not a place; the places are query, body and path)");
  CHECK(problems_of_requires(R"("app": "com.demo.app?")") ==
        R"(/rules/0/requires/app: "com.demo.app?" is an id, which cannot be optional; remove the )"
        R"("?")");
  CHECK(problems_of_requires(R"("app": "")").starts_with("/rules/0/requires/app: "));
  CHECK(problems_of_requires(R"("app": "body.")") ==
        R"(/rules/0/requires/app: needs a name after "body.", such as "body.app_id")");
  CHECK(problems_of_requires(R"("org": "query")") ==
        R"(/rules/0/requires/org: needs a name after "query.", such as "query.org_id")");
  CHECK(problems_of_requires(R"("app": "path.id")") ==
        R"(/rules/0/requires/app: the path in "on" has no ":id")");
  CHECK(problems_of_requires(R"("app": "qurey.app_id")") ==
        R"(/rules/0/requires/app: "qurey" is not a place; did you mean "query"?)");
  CHECK(problems_of_requires(R"("modes": "read")") ==
        R"(/rules/0/requires/modes: unknown field; did you mean "mode"?)");
}

TEST_CASE("under a contract with roles, a requirement has permissions and a channel") {
  constexpr auto kRoles = RightsCheck::permissions;
  auto requirement = requirement_with(
      R"("permission": "app.read", "app": "path.app", "channel": "body.channel_id?")", kRoles);
  CHECK((requirement.permissions == std::vector<std::string>{"app.read"}));
  CHECK((requirement.channel->place == Target::Place::body));
  CHECK(requirement.channel->name == "channel_id");
  CHECK(requirement.channel->is_optional);
  CHECK((requirement_with(R"("permission": ["app.read", "org.create"])", kRoles).permissions ==
         std::vector<std::string>{"app.read", "org.create"}));
  CHECK(requirement_with("", kRoles).permissions.empty());
}

TEST_CASE("invalid permissions and channels are reported") {
  auto problems = [](const std::string& fields) {
    return problems_of_requires(fields, RightsCheck::permissions);
  };
  const std::string at = "/rules/0/requires/permission";
  CHECK(problems(R"("permission": "app.uplod_bundle")") ==
        at + R"(: "app.uplod_bundle" is not a permission; did you mean "app.upload_bundle"?)");
  CHECK(problems(R"("permission": [5, "org.raed", "app.read"])") ==
        at + "/0: 5 must be a string\n" + at +
            R"(/1: "org.raed" is not a permission; did you mean "org.read"?)");
  CHECK(problems(R"("permission": [])") == at + ": is empty; name a permission, or remove it");
  CHECK(problems(R"("permission": "")") == at + ": must not be empty");
  CHECK(problems(R"("permission": {})") == at + ": {} must be a string");
  CHECK(problems(R"("channel": "body.channel")") ==
        R"(/rules/0/requires/channel: needs "app" beside it, which has the channel; add that)");
  CHECK(problems(R"("app": "com.a", "channel": "body.")") ==
        R"(/rules/0/requires/channel: needs a name after "body.", such as "body.channel_id")");
}

TEST_CASE("a contract with roles says which permission to write instead of a mode") {
  auto problem = [](const std::string& mode) {
    return problems_of_requires("\"mode\": " + mode, RightsCheck::permissions);
  };
  const std::string instead =
      R"(/rules/0/requires/mode: this contract has roles instead of modes; write "permission": )";
  CHECK(problem(R"("read")") == instead + "\"app.read\"");
  CHECK(problem(R"("upload")") == instead + "\"app.upload_bundle\"");
  CHECK(problem(R"("write")") == instead + "\"app.create_channel\"");
  CHECK(problem(R"("all")") == instead + "\"app.update_settings\"");
  CHECK(problem(R"(["all", "write"])") == instead + "\"app.create_channel\"");
  CHECK(problem("5") == instead + "\"app.upload_bundle\"");
}

TEST_CASE("a contract with modes says which mode to write instead of a permission") {
  auto problem = [](const std::string& permission, RightsCheck rights_check) {
    return problems_of_requires("\"permission\": " + permission, rights_check);
  };
  const std::string instead =
      R"(/rules/0/requires/permission: this contract has modes instead of roles; write "mode": )";
  constexpr auto kLowest = RightsCheck::lowest_mode;
  CHECK(problem(R"("app.upload_bundle")", kLowest) == instead + "\"upload\"");
  CHECK(problem(R"(["app.read_bundles", "org.delete"])", kLowest) == instead + "\"read\"");
  CHECK(problem("[]", kLowest) == instead + "\"all\"");
  CHECK(problem(R"("app.create_channel")", RightsCheck::modes) == instead + R"(["write", "all"])");
  CHECK(problems_of_requires(R"("app": "com.a", "channel": "body.channel")") ==
        "/rules/0/requires/channel: in this contract, no key is for a channel; remove it");
}

TEST_CASE("requires needs respond, and denied needs requires") {
  CHECK(problems_of_post(R"("requires": {}, "error": "not_found")") ==
        R"(/rules/0/requires: is for a rule with "respond"; replace "error" by it)");
  CHECK(problems_of_post(R"("requires": {}, "fault": "HANG")") ==
        R"(/rules/0/requires: is for a rule with "respond"; add that)");
  CHECK(problems_of_post(R"("denied": {}, "respond": {})") ==
        R"(/rules/0/denied: is for a rule with "requires"; add that, or remove this)");
  CHECK(problems_of_post(R"("requires": {}, "respond": {}, "denied": {"status": 99})") ==
        "/rules/0/denied/status: 99 must be a whole number from 200 to 599");
}

TEST_CASE("a response has a body or an example") {
  CHECK(problems_of_post(R"("respond": {"example": "apps", "body": 1})") ==
        R"(/rules/0/respond/example: a response has "body" or "example", not both; remove one)");
  CHECK(problems_of_post(R"("respond": {"example": "ap"})")
            .starts_with("/rules/0/respond/example: "));
}

TEST_CASE("a description of an effect names what it requires") {
  auto described = [](const std::string& fields, RightsCheck rights_check = RightsCheck::modes) {
    auto loaded = scenario::load_scenario(
        "s.json", R"({"rules": [{"on": "GET /", "respond": {}, "requires": {)" + fields + "}}]}",
        rights_check);
    return scenario::describe(loaded.scenario.rules.at(0).effect);
  };
  CHECK(described("") == "requires a key, respond 200");
  CHECK(described(R"("mode": ["read", "all"], "app": "body.app_id")") ==
        "requires a key of mode read or all, app body.app_id, respond 200");
  CHECK(described(R"("app": "com.a", "org": "query.org?")") ==
        "requires a key, app com.a, org query.org?, respond 200");
  CHECK(described(R"("permission": ["app.read", "org.read"], "app": "com.a", "channel": "body.c?")",
                  RightsCheck::permissions) ==
        "requires a key with app.read or org.read, app com.a, channel body.c?, respond 200");
}
