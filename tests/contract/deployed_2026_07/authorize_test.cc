#include <doctest/doctest.h>

#include "contract/deployed_2026_07/rules_engine.h"
#include "json/body.h"

/// `POST /__admin/authorize` under contracts with roles and with modes.
namespace {

using rules_tests::binding_of;
using rules_tests::engine_with;
using rules_tests::snapshot_of;

std::string authorize_roles(engine::Engine& engine, const std::string& fields) {
  return engine_tests::ask(engine, "POST", "/__admin/authorize", "{" + fields + "}");
}

std::string role_decision(bool allowed, const std::string& reason) {
  json::Ordered body = {{"allowed", allowed}, {"reason", reason}};
  return "200 " + body.dump();
}

std::string problem_with(engine::Engine& engine, const std::string& fields) {
  auto response = engine_tests::send(engine, "POST", "/__admin/authorize", "{" + fields + "}");
  CHECK(response.status == 400);
  std::string details;
  json::Value body = json::parse(response.body);
  for (const auto& detail : body["details"]) {
    auto line = detail.get<std::string>();
    details += (details.empty() ? "" : "\n") + line.substr(line.find(": ") + 2);
  }
  return details;
}

engine::Engine engine_with_three_keys() {
  return engine_with(snapshot_of({{"uploader", {{binding_of("app_uploader")}}},
                                  {"member", {{binding_of("org_member")}, {"org.create"}}},
                                  {"channel", {{binding_of("channel_admin")}}}}));
}

}  // namespace

TEST_CASE("authorize names the role that gives a permission, or the roles of the key") {
  engine::Engine engine = engine_with_three_keys();
  const std::string upload = R"("key":"uploader","permission":"app.upload_bundle")";
  const std::string role =
      R"(key 1 has the role app_uploader (app com.demo.app), which gives "app.upload_bundle")";
  const std::string allowed = role_decision(true, role);
  CHECK(authorize_roles(engine, upload) ==
        role_decision(true, role + "; without app_id or org_id, any role counts"));
  CHECK(authorize_roles(engine, upload + R"(,"app_id":"com.demo.app")") == allowed);
  CHECK(authorize_roles(engine, upload + R"(,"app_id":"uuid-demo")") == allowed);
  CHECK(authorize_roles(engine, upload + R"(,"app_id":"com.demo.app","org_id":"org_acme")") ==
        allowed);
  const std::string denied =
      R"(key 1 has the role app_uploader (app com.demo.app), and it does not give )";
  CHECK(authorize_roles(engine, upload + R"(,"app_id":"com.other.app")") ==
        role_decision(false, denied + R"("app.upload_bundle" for the app "com.other.app")"));
  CHECK(authorize_roles(engine, upload + R"(,"app_id":"com.x")") ==
        role_decision(false, R"(key 1 has no role for the app "com.x": the fixtures have no such )"
                             "app"));
  CHECK(authorize_roles(engine, R"("key_id":1,"permission":"bundle.delete")") ==
        role_decision(false, denied + R"("bundle.delete")"));
  CHECK(authorize_roles(engine, R"("key_id":1,"permission":"org.read","org_id":"org_acme")") ==
        role_decision(false, denied + R"("org.read" for the org "org_acme")"));
  CHECK(authorize_roles(engine, R"("key":"nobody","permission":"org.read")") ==
        role_decision(false, R"(no key has the secret "nobody")"));
}

TEST_CASE("authorize evaluates channels and the permission to create orgs") {
  engine::Engine engine = engine_with_three_keys();
  const std::string in_app = R"("key_id":3,"permission":"channel.delete","app_id":"com.demo.app")";
  const std::string role =
      "key 3 has the role channel_admin (channel production of com.demo.app), ";
  for (const std::string channel : {"41", "\"41\"", "\"rbac-41\"", "\"production\""}) {
    CAPTURE(channel);
    CHECK(authorize_roles(engine, in_app + ",\"channel_id\":" + channel) ==
          role_decision(true, role + R"(which gives "channel.delete")"));
  }
  CHECK(authorize_roles(engine, in_app) ==
        role_decision(false, role + R"(and it does not give "channel.delete" for the app )"
                                    R"("com.demo.app")"));
  CHECK(authorize_roles(engine, in_app + R"(,"channel_id":42)") ==
        role_decision(false, role + R"(and it does not give "channel.delete" for the channel "42" )"
                                    R"(of the app "com.demo.app", which has no such channel)"));
  CHECK(authorize_roles(engine, R"("key_id":2,"permission":"org.create")") ==
        role_decision(true, R"(key 2 has the global permission "org.create")"));
  CHECK(authorize_roles(engine, R"("key_id":3,"permission":"org.create")") ==
        role_decision(false, R"(key 3 does not have the global permission "org.create")"));
}

TEST_CASE("authorize evaluates a call of public-api by its permission") {
  engine::Engine engine = engine_with_three_keys();
  CHECK(
      authorize_roles(engine, R"("key_id":1,"call":"POST /bundle/","app_id":"com.demo.app")") ==
      role_decision(
          true,
          R"(key 1 has the role app_uploader (app com.demo.app), which gives "app.upload_bundle")"));
  // Without an app, a role for any app is enough.
  CHECK(authorize_roles(engine, R"("key_id":1,"call":"POST /bundle/")")
            .starts_with(R"(200 {"allowed":true)"));
  CHECK(authorize_roles(engine, R"("key_id":1,"call":"PUT /app/com.demo.app")") ==
        role_decision(false,
                      "key 1 has the role app_uploader (app com.demo.app), and it does not give "
                      R"("app.update_settings" for the app "com.demo.app")"));
  const std::string put = R"("key_id":3,"call":"PUT /bundle/","app_id":"com.demo.app")";
  CHECK(authorize_roles(engine, put).starts_with(R"(200 {"allowed":false)"));
  CHECK(authorize_roles(engine, put + R"(,"channel_id":41)").starts_with(R"(200 {"allowed":true)"));
}

TEST_CASE("under a contract with roles, authorize says which permission to send") {
  engine::Engine engine = engine_with_three_keys();
  const std::string roles = "/action: contract deployed-2026-07 has roles instead of modes; send ";
  CHECK(problem_with(engine, R"("key_id":1,"action":"upload")") ==
        roles + R"("permission": "app.upload_bundle")");
  CHECK(problem_with(engine, R"("key_id":1,"action":"all")") ==
        roles + R"("permission": "app.update_settings")");
  CHECK(problem_with(engine, R"("key_id":1)") ==
        R"("permission" or "call" is missing; give one of them a value)");
  CHECK(problem_with(engine, R"("key_id":1,"permission":"app.read","call":"GET /app/")") ==
        R"("permission" and "call" exclude each other; remove one)");
  CHECK(problem_with(engine, R"("key_id":1,"permission":"app.raed")") ==
        R"(/permission: "app.raed" is not a permission; did you mean "app.read"?)");
  CHECK(problem_with(engine, R"("key_id":1,"permission":5)") == "/permission: 5 must be a string");
  CHECK(problem_with(engine, R"("key_id":1,"permission":"app.read","channel_id":41)") ==
        R"(/channel_id: needs "app_id" beside it; add that)");
  CHECK(problem_with(engine, R"("key_id":1,"permission":"app.read","app_id":"uuid-demo",)"
                             R"("org_id":"org_b")") ==
        R"(/org_id: app "com.demo.app" belongs to org "org_acme"; remove org_id)");
}

TEST_CASE("under contracts with modes, authorize says which action to send") {
  for (const char* name : {"documented", "deployed-2026-02"}) {
    CAPTURE(name);
    test_engine::Options options;
    options.contract = contract::find_contract(name);
    engine::Engine engine = test_engine::make_engine(options);
    const std::string modes =
        "/permission: contract " + std::string(name) + " has modes instead of roles; send ";
    CHECK(problem_with(engine, R"("key_id":1,"permission":"app.upload_bundle")") ==
          modes + R"("action": "upload")");
    CHECK(problem_with(engine, R"("key_id":1,"permission":"nothing")") ==
          modes + R"("action": "all")");
    CHECK(problem_with(engine, R"("key_id":1,"action":"read","channel_id":41)") ==
          "/channel_id: in contract " + std::string(name) + ", no key is for a channel; remove it");
    CHECK(problem_with(engine, R"("key_id":1)") ==
          R"("action" or "call" is missing; give one of them a value)");
  }
}
