#include <doctest/doctest.h>

#include "capgo/user_token.h"
#include "contract/deployed_2026_07/rules_engine.h"
#include "json/body.h"

/// Guarded rules and `authorize` under the contract of July 2026.
namespace {

using engine_tests::header;
using engine_tests::shown;
using rules_tests::binding_of;
using rules_tests::engine_with;
using rules_tests::kMember;
using rules_tests::snapshot_of;

/// An engine with the keys of a snapshot, and one rule for POST /do.
engine::Engine with_requirement(const std::string& requirement, const capgo::Snapshot& snapshot,
                                const std::string& more = "") {
  return engine_with(snapshot, R"({"name":"stub","rules":[{"on":"POST /do","requires":{)" +
                                   requirement + R"(},"respond":{})" + more + "}]}");
}

std::string reason_of(engine::Engine& engine, const std::string& key, const std::string& body) {
  http::Response response = engine.handle({"POST", "/do", {{"capgkey", key}}, body});
  return std::to_string(response.status) + " " + header(response, "X-Mock-Reason");
}

constexpr const char* kFired = "200 scenario stub, rule 1: respond";

}  // namespace

TEST_CASE("July: the reason names the key's roles, and the permission that none of them gives") {
  auto snapshot =
      snapshot_of({{"none", {}},
                   {"uploader", {{binding_of("app_uploader")}}},
                   {"both", {{binding_of("org_member"), binding_of("channel_reader")}}}});
  engine::Engine engine = with_requirement(
      R"("permission":"channel.delete","app":"body.app","channel":"body.channel?")", snapshot);
  const std::string denied = R"(, and none of them gives "channel.delete" for )";
  CHECK(reason_of(engine, "none", R"({"app":"com.demo.app"})") ==
        R"(401 requires: key 1 has no roles, and this needs "channel.delete" for the app )"
        R"("com.demo.app")");
  CHECK(reason_of(engine, "uploader", R"({"app":"com.demo.app"})") ==
        R"(401 requires: key 2 has the role app_uploader (app com.demo.app), and it does not give )"
        R"("channel.delete" for the app "com.demo.app")");
  CHECK(reason_of(engine, "both", R"({"app":"com.demo.app","channel":"production"})") ==
        "401 requires: key 3 has the roles org_member (org org_acme), channel_reader (channel "
        "production of com.demo.app)" +
            denied + R"(the channel "production" of the app "com.demo.app")");
  CHECK(
      reason_of(engine, "both", R"({"app":"com.unknown"})") ==
      R"(401 requires: key 3 has no role for the app "com.unknown": the fixtures have no such app)");
  CHECK(reason_of(engine, "both", R"({"app":"uuid-demo"})") ==
        R"(401 requires: key 3 has no role for the app "uuid-demo": that is the internal id of an )"
        R"(app; send its public id, "com.demo.app")");
  http::Response response =
      engine.handle({"POST", "/do", {{"capgkey", "none"}}, R"({"app":"com.demo.app"})"});
  CHECK(shown(response) ==
        R"(401 {"error":"cannot_access_app","message":"You can't access this app","moreInfo":{}})");
}

TEST_CASE("July: a channel is named by its number, its UUID or its name") {
  auto snapshot = snapshot_of({{"admin", {{binding_of("channel_admin")}}}});
  const std::string requirement = R"("permission":"channel.delete","app":"body.app","channel":)";
  engine::Engine engine = with_requirement(requirement + R"("body.channel")", snapshot);
  for (const std::string channel : {"41", "\"41\"", "\"rbac-41\"", "\"production\""}) {
    CAPTURE(channel);
    CHECK(reason_of(engine, "admin", R"({"app":"com.demo.app","channel":)" + channel + "}") ==
          kFired);
    CHECK(reason_of(engine, "admin", R"({"app":"com.other.app","channel":)" + channel + "}")
              .starts_with("401 "));
  }
  for (const std::string channel : {"42", "\"rbac-42\"", "\"staging\""}) {
    CAPTURE(channel);
    CHECK(reason_of(engine, "admin", R"({"app":"com.demo.app","channel":)" + channel + "}")
              .starts_with("401 "));
  }
  CHECK(reason_of(engine, "admin", R"({"app":"com.demo.app"})") ==
        "400 requires: the body has no channel");
  CHECK(reason_of(engine, "admin", R"({"app":"com.demo.app","channel":1.5})") ==
        "400 requires: channel is 1.5; send an id");
  http::Response missing =
      engine.handle({"POST", "/do", {{"capgkey", "admin"}}, R"({"app":"com.demo.app"})"});
  CHECK(missing.body ==
        R"({"error":"missing_channel_id","message":"Missing channel","moreInfo":{}})");
  // An app still has no number.
  CHECK(reason_of(engine, "admin", R"({"app":5,"channel":41})") ==
        "400 requires: app is 5; send an id");
  engine::Engine literal = with_requirement(requirement + R"("41")", snapshot);
  CHECK(reason_of(literal, "admin", R"({"app":"com.demo.app"})") == kFired);
}

TEST_CASE("July: of several permissions, the one that fits what the request names is needed") {
  // Each key has a role with one of the permissions only.
  auto snapshot = snapshot_of({{"org", {{binding_of("org_member")}}},
                               {"app", {{binding_of("app_preview")}}},
                               {"channel", {{binding_of("channel_preview")}}}});
  engine::Engine engine = with_requirement(
      R"("permission":["org.read","app.upload_bundle","channel.delete"],"org":"body.org?",)"
      R"("app":"body.app?","channel":"body.channel?")",
      snapshot);
  auto allowed = [&](const std::string& body) {
    std::string keys;
    for (const std::string key : {"org", "app", "channel"}) {
      if (reason_of(engine, key, body) == kFired) keys += key + " ";
    }
    return keys;
  };
  CHECK(allowed("{}") == "org ");
  CHECK(allowed(R"({"org":"org_acme"})") == "org ");
  CHECK(allowed(R"({"app":"com.demo.app"})") == "app ");
  CHECK(allowed(R"({"app":"com.demo.app","org":"org_acme"})") == "app ");
  CHECK(allowed(R"({"app":"com.demo.app","channel":"production"})") == "channel ");
  CHECK(allowed(R"({"app":"com.demo.app","channel":"new"})") == "app ");
  // A channel without its app names nothing.
  CHECK(allowed(R"({"channel":"production"})") == "org ");
  engine::Engine first = with_requirement(
      R"("permission":["channel.delete","app.upload_bundle"],"org":"body.org")", snapshot);
  CHECK(reason_of(first, "app", R"({"org":"org_acme"})").find("does not give \"channel.delete\"") !=
        std::string::npos);
}

TEST_CASE("July: without a permission, a role for what the request names is enough") {
  auto snapshot = snapshot_of({{"none", {}}, {"app", {{binding_of("app_notifications")}}}});
  engine::Engine any = with_requirement("", snapshot);
  CHECK(reason_of(any, "none", "") == kFired);
  CHECK(reason_of(any, "nobody", "").starts_with("401 requires: no key has the secret"));
  engine::Engine of_app = with_requirement(R"("app":"body.app")", snapshot);
  CHECK(reason_of(of_app, "app", R"({"app":"com.demo.app"})") == kFired);
  CHECK(reason_of(of_app, "none", R"({"app":"com.demo.app"})") ==
        R"(401 requires: key 1 has no roles, and this needs one for the app "com.demo.app")");
  CHECK(reason_of(of_app, "app", R"({"app":"com.other.app"})") ==
        "401 requires: key 2 has the role app_notifications (app com.demo.app), and none for the "
        "app \"com.other.app\"");
}

TEST_CASE("July: an app must be in the org that is named with it, and an org must exist") {
  auto snapshot = snapshot_of({{"admin", {{binding_of("org_super_admin")}}}});
  engine::Engine engine =
      with_requirement(R"("permission":"app.read","app":"body.app?","org":"body.org?")", snapshot);
  CHECK(reason_of(engine, "admin", R"({"app":"com.demo.app","org":"org_acme"})") == kFired);
  const std::string no_role = "401 requires: key 1 has no role for ";
  CHECK(reason_of(engine, "admin", R"({"app":"com.demo.app","org":"org_b"})") ==
        no_role +
            R"(the app "com.demo.app": the app belongs to the org "org_acme", not to "org_b")");
  http::Response unknown =
      engine.handle({"POST", "/do", {{"capgkey", "admin"}}, R"({"org":"org_c"})"});
  CHECK(unknown.status == 403);
  CHECK(header(unknown, "X-Mock-Reason") ==
        no_role.substr(4) + R"(the org "org_c": the fixtures have no such org)");
}

TEST_CASE("July: a plain key of an org that enforces hashed keys is unknown to guarded rules") {
  auto snapshot = snapshot_of({{"plain", {{binding_of("app_reader")}}}});
  snapshot.orgs[0].enforce_hashed_api_keys = true;
  engine::Engine engine = with_requirement(R"("permission":"app.read")", snapshot);
  http::Response response = engine.handle({"POST", "/do", {{"capgkey", "plain"}}, ""});
  CHECK(shown(response) ==
        R"(401 {"error":"invalid_apikey","message":"Invalid apikey","moreInfo":{}})");
  const std::string reason =
      R"(key 1 is not hashed, and it has a role in org "org_acme", which requires hashed keys)";
  CHECK(header(response, "X-Mock-Reason") == "requires: " + reason);
  CHECK(engine_tests::ask(engine, "POST", "/__admin/authorize",
                          R"({"key_id":1,"permission":"app.read"})") ==
        "200 " + json::Ordered{{"allowed", false}, {"reason", reason}}.dump());
}

TEST_CASE("July: statistics accept user tokens, by the user's role; other calls read keys only") {
  engine::Engine engine = engine_with(snapshot_of({}));
  const base::Time now = test_engine::frozen_clock().now();
  auto status = [&](const std::string& user, const std::string& target,
                    std::string_view secret = capgo::kLocalSupabaseSecret) {
    std::string token =
        "Bearer " + capgo::make_user_token(user, secret, now, now + std::chrono::hours{1});
    return engine.handle({"GET", target, {{"authorization", token}}, ""});
  };
  CHECK(status(kMember, "/statistics/org/org_acme/").status == 200);
  CHECK(status(kMember, "/statistics/user/").status == 200);
  // An org_member has org.read, but not app.read.
  http::Response denied = status(kMember, "/statistics/app/com.demo.app/");
  CHECK(shown(denied) ==
        R"(401 {"error":"no_access_to_app","message":"You can't access this app","moreInfo":{}})");
  CHECK(header(denied, "X-Mock-Reason") ==
        "requires: user " + std::string(kMember) +
            R"( has the role org_member (org org_acme), and it does not give "app.read" for the )"
            R"(app "com.demo.app")");
  CHECK(status("00000000-0000-4000-8000-00000000000b", "/statistics/org/org_acme/").status == 401);
  http::Response forged = status(kMember, "/statistics/org/org_acme/", "another secret");
  CHECK(shown(forged) == R"(401 {"error":"invalid_jwt","message":"Invalid JWT","moreInfo":{}})");
  CHECK(shown(status(kMember, "/organization/?orgId=org_acme")) ==
        R"(401 {"error":"invalid_apikey","message":"Invalid apikey","moreInfo":{}})");
}

TEST_CASE("July: the caller is checked in order: key, expiration, rate limit, place, permission") {
  auto snapshot = snapshot_of({{"old", {}}, {"none", {}}});
  capgo::KeyList keys;
  capgo::ApiKey old = snapshot.keys[0];
  old.expires_at = test_engine::frozen_clock().now() - std::chrono::hours{1};
  keys.push_back(old);
  keys.push_back(snapshot.keys[1]);
  snapshot.keys = keys;
  engine::Engine engine =
      engine_with(snapshot,
                  R"({"name":"stub","rules":[{"on":"POST /do","requires":{"permission":"app.read",)"
                  R"("app":"body.app"},"respond":{},"denied":{"status":418}}]})",
                  3);
  CHECK(reason_of(engine, "nobody", "{}").starts_with("418 requires: no key has the secret"));
  CHECK(reason_of(engine, "old", "{}").starts_with("418 requires: key 1 expired at"));
  // "denied" does not replace the 400.
  CHECK(reason_of(engine, "none", "{}") == "400 requires: the body has no app");
  CHECK(reason_of(engine, "none", R"({"app":"com.demo.app"})")
            .starts_with("418 requires: key 2 has no roles"));
  CHECK(reason_of(engine, "none", "{}").starts_with("418 requires: key 2 has made 3 requests"));
}

TEST_CASE("July: keys with modes get the roles of the migration") {
  test_engine::Options options;
  options.contract = contract::find_contract("deployed-2026-07");
  options.fixture = R"({"orgs":[{"id":"org_acme"}],
    "apps":[{"id":"uuid-demo","app_id":"com.demo.app","owner_org":"org_acme"}],
    "keys":[{"key":"read","mode":"read","name":"k"},{"key":"upload","mode":"upload","name":"k"},
            {"key":"write","mode":"write","name":"k"},{"key":"all","mode":"all","name":"k"}]})";
  options.scenarios = {std::string(base::embedded_file(options.contract->public_api_file()))};
  engine::Engine engine = test_engine::make_engine(options);
  auto statuses = [&](const char* method, const std::string& target) {
    std::string all;
    for (const char* key : {"read", "upload", "write", "all"}) {
      http::Response response =
          engine.handle({method, target, {{"capgkey", key}}, R"({"app_id":"com.demo.app"})"});
      all += std::to_string(response.status) + " ";
    }
    return all;
  };
  CHECK(statuses("GET", "/app/com.demo.app") == "200 200 200 200 ");
  CHECK(statuses("POST", "/bundle/") == "400 200 200 200 ");
  CHECK(statuses("POST", "/device/") == "400 400 200 200 ");
  CHECK(statuses("DELETE", "/bundle/") == "400 400 400 200 ");
  CHECK(statuses("POST", "/organization/") == "400 400 400 200 ");
}

TEST_CASE("July: examples are what the key's roles can read, with the roles of members") {
  auto snapshot = snapshot_of({{"org", {{binding_of("org_member")}}},
                               {"app", {{binding_of("app_reader")}}},
                               {"admin", {{binding_of("org_admin")}}}});
  snapshot.orgs[0].members->push_back({"user_2"});
  snapshot.orgs[0].members->push_back({"user_3", "org_billing_admin"});
  snapshot.channels.push_back({43, "rbac-43", "beta", "com.demo.app"});
  engine::Engine engine = engine_with(snapshot);
  auto get = [&](const std::string& target, const std::string& key) {
    return shown(engine.handle({"GET", target, {{"capgkey", key}}, ""}));
  };
  const std::string demo = R"({"app_id":"com.demo.app","owner_org":"org_acme"})";
  CHECK(get("/app/", "app") == R"(200 {"data":[)" + demo + "]}");
  CHECK(get("/app/", "admin") == R"(200 {"data":[)" + demo + "]}");
  // It may ask for the apps of its org, and can read none of them.
  CHECK(get("/app/?org_id=org_acme", "org") == R"(200 {"data":[]})");
  const std::string acme = R"(200 {"data":[{"id":"org_acme","name":"Acme"}]})";
  CHECK(get("/organization/", "org") == acme);
  CHECK(get("/channel/?app_id=com.demo.app", "app") ==
        R"(200 {"data":[{"id":41,"name":"production","app_id":"com.demo.app"},)"
        R"({"id":43,"name":"beta","app_id":"com.demo.app"}]})");
  CHECK(get("/organization/members/?orgId=org_acme", "org") ==
        R"(200 {"data":[{"uid":")" + std::string(kMember) + R"(","email":")" + kMember +
            R"(@example.com","role":"org_member"},)"
            R"({"uid":"user_2","email":"user_2@example.com","role":"super_admin"},)"
            R"({"uid":"user_3","email":"user_3@example.com","role":"org_billing_admin"}]})");
}
