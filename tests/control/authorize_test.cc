#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "base/embedded_files.h"
#include "capgo/api_key.h"
#include "engine/requests.h"

using engine_tests::kBadBody;
using engine_tests::rejection_bytes;

namespace {

constexpr const char* kAuthorize = "/__admin/authorize";

/// Keys 1 to 4 have one mode each; 5 is limited to apps, 6 to orgs, 7 to both.
constexpr const char* kAuthorizeFixture = R"({
  "orgs": [{"id":"org_acme"}, {"id":"org_b"}],
  "apps": [{"id":"1","app_id":"com.demo.app","owner_org":"org_acme"},
           {"id":"2","app_id":"com.other.app","owner_org":"org_b"}],
  "keys": [{"key":"ak_read","mode":"read","name":"k"},
           {"key":"ak_upload","mode":"upload","name":"k"},
           {"key":"ak_write","mode":"write","name":"k"}, {"key":"ak_all","mode":"all","name":"k"},
           {"key":"ak_app","mode":"write","name":"k","limited_to_apps":["com.demo.app","com.b"]},
           {"key":"ak_org","mode":"write","name":"k","limited_to_orgs":["org_acme","org_c"]},
           {"key":"ak_both","mode":"write","name":"k","limited_to_apps":["com.demo.app"],
            "limited_to_orgs":["org_b"]},
           {"key":"ak_1","mode":"all","name":"k","expires_at":"2024-02-11T23:59:59.999999Z"},
           {"key":"ak_2","mode":"all","name":"k","expires_at":"2024-02-12T00:00:00Z"}]})";

engine::Engine authorize_engine() {
  test_engine::Options options;
  options.fixture = kAuthorizeFixture;
  return test_engine::make_engine(options);
}

std::string decision(bool allowed, const std::string& reason) {
  json::Ordered body = {{"allowed", allowed}, {"reason", reason}};
  return "200 " + body.dump();
}

/// What a key wants to do, with an app and an org if they are not empty.
struct ActionRequest {
  std::string key;
  std::string action;
  std::string app = {};
  std::string org = {};
};

std::string authorize(engine::Engine& engine, const ActionRequest& request) {
  json::Ordered body = {{"key", request.key}, {"action", request.action}};
  if (!request.app.empty()) body["app_id"] = request.app;
  if (!request.org.empty()) body["org_id"] = request.org;
  return engine_tests::ask(engine, "POST", kAuthorize, body.dump());
}

}  // namespace

TEST_CASE("a key may do what its mode and the lower modes allow, and no more") {
  engine::Engine engine = authorize_engine();
  for (size_t has = 0; has < base::kNames<capgo::KeyMode>.size(); ++has) {
    for (size_t needs = 0; needs < base::kNames<capgo::KeyMode>.size(); ++needs) {
      const std::string mode(base::kNames<capgo::KeyMode>[has]);
      const std::string action(base::kNames<capgo::KeyMode>[needs]);
      CAPTURE(mode + " " + action);
      const std::string begin = "key " + std::to_string(has + 1) + " has mode \"" + mode + "\", ";
      CHECK(authorize(engine, {"ak_" + mode, action}) ==
            (has >= needs ? decision(true, begin + "which allows \"" + action + "\"")
                          : decision(false, begin + "and this needs \"" + action + "\"")));
    }
  }
}

TEST_CASE("a key without limits may act on any app and org, even unknown ones") {
  engine::Engine engine = authorize_engine();
  const std::string allowed = decision(true, R"(key 4 has mode "all", which allows "write")");
  CHECK(authorize(engine, {"ak_all", "write", "com.demo.app"}) == allowed);
  CHECK(authorize(engine, {"ak_all", "write", "com.demo.app", "org_acme"}) == allowed);
  CHECK(authorize(engine, {"ak_all", "write", "com.unknown", "org_unknown"}) == allowed);
  CHECK(authorize(engine, {"ak_all", "write", "", "org_b"}) == allowed);
}

TEST_CASE("a key limited to apps may act on those apps only") {
  engine::Engine engine = authorize_engine();
  const std::string allowed =
      decision(true, R"(key 5 has mode "write", which allows "read", and is within its limits)");
  const std::string rejected = decision(false, "key 5 is limited to the apps com.demo.app, com.b");
  CHECK(authorize(engine, {"ak_app", "read", "com.demo.app"}) == allowed);
  CHECK(authorize(engine, {"ak_app", "read", "com.b"}) == allowed);
  CHECK(authorize(engine, {"ak_app", "read", "com.demo.app", "org_acme"}) == allowed);
  CHECK(authorize(engine, {"ak_app", "read", "com.b", "org_unknown"}) == allowed);
  CHECK(authorize(engine, {"ak_app", "read", "com.other.app"}) == rejected);
  CHECK(authorize(engine, {"ak_app", "read", "COM.DEMO.APP"}) ==
        decision(false,
                 "key 5 is limited to the apps com.demo.app, com.b; the fixtures have no app "
                 "\"COM.DEMO.APP\""));
  CHECK(authorize(engine, {"ak_app", "read", "", "org_acme"}) == rejected);
  CHECK(authorize(engine, {"ak_app", "read"}) == rejected);
  // The mode is checked first.
  CHECK(authorize(engine, {"ak_app", "all", "com.other.app"}) ==
        decision(false, R"(key 5 has mode "write", and this needs "all")"));
}

TEST_CASE("a key limited to orgs may act in those orgs and on their apps only") {
  engine::Engine engine = authorize_engine();
  const std::string allowed =
      decision(true, R"(key 6 has mode "write", which allows "upload", and is within its limits)");
  const std::string rejected = decision(false, "key 6 is limited to the orgs org_acme, org_c");
  CHECK(authorize(engine, {"ak_org", "upload", "", "org_acme"}) == allowed);
  CHECK(authorize(engine, {"ak_org", "upload", "", "org_c"}) == allowed);
  CHECK(authorize(engine, {"ak_org", "upload", "com.demo.app"}) == allowed);
  CHECK(authorize(engine, {"ak_org", "upload", "com.demo.app", "org_acme"}) == allowed);
  CHECK(authorize(engine, {"ak_org", "upload", "com.unknown", "org_c"}) == allowed);
  CHECK(authorize(engine, {"ak_org", "upload", "com.other.app"}) == rejected);
  CHECK(authorize(engine, {"ak_org", "upload", "com.other.app", "org_b"}) == rejected);
  CHECK(authorize(engine, {"ak_org", "upload", "com.unknown", "org_b"}) == rejected);
  CHECK(authorize(engine, {"ak_org", "upload", "com.unknown"}) ==
        decision(false,
                 "key 6 is limited to the orgs org_acme, org_c; the fixtures have no app "
                 "\"com.unknown\""));
  CHECK(authorize(engine, {"ak_org", "upload", "", "org_b"}) == rejected);
  CHECK(authorize(engine, {"ak_org", "upload"}) == rejected);
}

TEST_CASE(
    "an unknown app is reported even if the mode is too low, unless the request names an org") {
  engine::Engine engine = authorize_engine();
  const std::string reason = R"(key 1 has mode "read", and this needs "write")";
  CHECK(authorize(engine, {"ak_read", "write", "com.demo.app"}) == decision(false, reason));
  CHECK(authorize(engine, {"ak_read", "write", "com.unknown"}) ==
        decision(false, reason + R"(; the fixtures have no app "com.unknown")"));
  CHECK(authorize(engine, {"ak_read", "write", "com.unknown", "org_b"}) == decision(false, reason));
}

TEST_CASE("a key limited to apps and orgs needs both to match, and the apps are checked first") {
  engine::Engine engine = authorize_engine();
  CHECK(authorize(engine, {"ak_both", "read", "com.other.app"}) ==
        decision(false, "key 7 is limited to the apps com.demo.app"));
  CHECK(authorize(engine, {"ak_both", "read", "", "org_b"}) ==
        decision(false, "key 7 is limited to the apps com.demo.app"));
  CHECK(authorize(engine, {"ak_both", "read", "com.demo.app"}) ==
        decision(false, "key 7 is limited to the orgs org_b"));
  // In the other org, the app is within both limits.
  std::string moved = kAuthorizeFixture;
  const std::string owner = R"("app_id":"com.demo.app","owner_org":")";
  moved.replace(moved.find(owner) + owner.size(), 8, "org_b");
  CHECK(engine_tests::ask(engine, "PUT", "/__admin/state", moved) ==
        R"(200 {"orgs":2,"apps":2,"keys":9})");
  CHECK(authorize(engine, {"ak_both", "read", "com.demo.app"}) ==
        decision(true, R"(key 7 has mode "write", which allows "read", and is within its limits)"));
}

TEST_CASE("unknown secrets and expired keys may do nothing") {
  engine::Engine engine = authorize_engine();
  CHECK(authorize(engine, {"ak_0123456789abcdef0123456789abcdef", "read"}) ==
        decision(false, "no key has the secret \"ak_012...\""));
  CHECK(authorize(engine, {"", "read"}) == decision(false, "no key has the secret \"\""));
  CHECK(authorize(engine, {"AK_ALL", "read"}) ==
        decision(false, "no key has the secret \"AK_ALL\""));
  CHECK(authorize(engine, {"ak_1", "read"}) ==
        decision(false, "key 8 expired at 2024-02-11T23:59:59.999999Z"));
  const std::string alive = decision(true, R"(key 9 has mode "all", which allows "all")");
  CHECK(authorize(engine, {"ak_2", "all"}) == alive);
  engine_tests::send(engine, "POST", "/__admin/clock/advance", R"({"by":"PT0.000001S"})");
  CHECK(authorize(engine, {"ak_2", "all"}) ==
        decision(false, "key 9 expired at 2024-02-12T00:00:00Z"));
}

TEST_CASE("created keys are checked, plain or hashed, and deleted keys are unknown") {
  engine::Engine engine = authorize_engine();
  for (const std::string hashed : {"false", "true"}) {
    const std::string body = R"({"name":"k","mode":"upload","hashed":)" + hashed + "}";
    auto made = json::parse(
        engine.handle(engine_tests::request_of("POST", "/apikey/", body)).body)["apikey"];
    const std::string secret = made["key"];
    const std::string id = std::to_string(made["id"].get<int>());
    CHECK(authorize(engine, {secret, "read"}) ==
          decision(true, "key " + id + R"( has mode "upload", which allows "read")"));
    CHECK(authorize(engine, {secret, "write"}) ==
          decision(false, "key " + id + R"( has mode "upload", and this needs "write")"));
    engine.handle(engine_tests::request_of("DELETE", "/apikey/" + id));
    CHECK(authorize(engine, {secret, "read"}) ==
          decision(false, "no key has the secret \"" + secret.substr(0, 6) + "...\""));
  }
}

TEST_CASE("each sandbox checks its own keys, and a check is not recorded as a request") {
  test_engine::Options options;
  options.fixture = R"([{"id":4,"key":"ak_all","mode":"all","name":"k"}])";
  options.rate_limit = 1;
  engine::Engine engine = test_engine::make_engine(options);
  const std::string body = R"({"key":"ak_all","action":"read"})";
  const std::string allowed = decision(true, R"(key 4 has mode "all", which allows "read")");
  engine_tests::ask(engine, "PUT", "/sandbox/b/__admin/state", "[]");
  for (int i = 0; i < 3; ++i) {
    CHECK(engine_tests::ask(engine, "POST", kAuthorize, body) == allowed);
    CHECK(engine_tests::ask(engine, "POST", "/sandbox/a/__admin/authorize", body) == allowed);
    CHECK(engine_tests::ask(engine, "POST", "/sandbox/b/__admin/authorize", body) ==
          decision(false, "no key has the secret \"ak_all\""));
  }
  CHECK(engine.handle(engine_tests::get("/apikey/")).status == 200);
  CHECK(engine.handle(engine_tests::get("/apikey/")).status == 429);
}

TEST_CASE("an invalid authorize request is rejected with every problem") {
  engine::Engine engine = authorize_engine();
  struct Row {
    std::string body;
    std::vector<std::string> details;
  };
  const std::string no_object =
      R"( must be an object with the fields "key", "key_id", "action", "call", "permission", )"
      R"("app_id", "org_id", "channel_id")";
  const std::string no_key = R"(body:1:1: "key" or "key_id" is missing; give one of them a value)";
  const std::string no_action =
      R"(body:1:1: "action" or "call" is missing; give one of them a value)";
  const std::string choices = " is not one of read, upload, write, all";
  const std::string belongs = R"(app "com.demo.app" belongs to org "org_acme"; remove org_id)";
  for (const Row& row : {
           Row{"{}", {no_key, no_action}},
           Row{R"({"key":null,"action":null})", {no_key, no_action}},
           Row{R"({"key":"ak_all"})", {no_action}},
           Row{R"({"action":"read"})", {no_key}},
           Row{R"({"key":"ak_all","key_id":4,"action":"read"})",
               {R"(body:1:1: "key" and "key_id" exclude each other; remove one)"}},
           Row{R"({"key":"ak_all","action":"read","call":"GET /x"})",
               {R"(body:1:1: "action" and "call" exclude each other; remove one)",
                R"(body:1:40: /call: "GET /x" is not a call of a guarded rule or of the scenario )"
                "public-api"}},
           Row{R"({"key_id":0,"action":"read"})",
               {"body:1:11: /key_id: 0 must be a whole number from 1 to 9007199254740991"}},
           Row{"[]", {"body:1:1: []" + no_object}},
           Row{R"("x")", {R"(body:1:1: "x")" + no_object}},
           Row{R"({"key":"ak_all","action":"reed"})",
               {R"(body:1:26: /action: "reed")" + choices + R"(; did you mean "read"?)"}},
           Row{R"({"key":"ak_all","action":"READ"})",
               {R"(body:1:26: /action: "READ")" + choices + R"(; did you mean "read"?)"}},
           Row{R"({"key":"ak_all","action":""})", {"body:1:26: /action: \"\"" + choices}},
           Row{R"({"key":123456789012,"action":3})",
               {"body:1:8: /key: 123456789012 must be a string",
                "body:1:30: /action: 3" + choices}},
           Row{R"({"key":"k","action":"all","app_id":1,"org_id":["x"]})",
               {"body:1:36: /app_id: 1 must be a string",
                R"(body:1:47: /org_id: ["x"] must be a string)"}},
           Row{R"({"key":"k","action":"all","place":"x"})",
               {R"(body:1:27: /place: unknown field; the fields are "key", "key_id", "action", )"
                R"("call", "permission", "app_id", "org_id", "channel_id")"}},
           Row{R"({"key":"k","action":"all","ap_id":"x"})",
               {R"(body:1:27: /ap_id: unknown field; did you mean "app_id"?)"}},
           Row{R"({"key":"k","action":"all","action":"read"})",
               {"body:1:27: /action: duplicate field; keep one of them"}},
           Row{R"({"key":"ak_all","action":"all","app_id":"com.demo.app","org_id":"org_b"})",
               {"body:1:65: /org_id: " + belongs}},
           Row{R"({"key":"ak_none","action":"al","app_id":"com.demo.app","org_id":"org_b"})",
               {R"(body:1:27: /action: "al")" + choices + R"(; did you mean "all"?)",
                "body:1:65: /org_id: " + belongs}},
       }) {
    CAPTURE(row.body);
    CHECK(engine_tests::bytes(engine_tests::send(engine, "POST", kAuthorize, row.body)) ==
          rejection_bytes(400, kBadBody, row.details));
  }
}

TEST_CASE("a key can be named by its id, hashed or not") {
  engine::Engine engine = authorize_engine();
  auto by_id = [&](const std::string& id) {
    return engine_tests::ask(engine, "POST", kAuthorize,
                             R"({"key_id":)" + id + R"(,"action":"all"})");
  };
  CHECK(by_id("4") == decision(true, R"(key 4 has mode "all", which allows "all")"));
  CHECK(by_id("8") == decision(false, "key 8 expired at 2024-02-11T23:59:59.999999Z"));
  CHECK(by_id("99") == decision(false, "no key has the id 99"));
}

namespace {

/// Asks whether key N may make a call, with these other fields.
std::string may_call(engine::Engine& engine, int key, const std::string& call,
                     const std::string& fields = "") {
  return engine_tests::ask(
      engine, "POST", kAuthorize,
      R"({"key_id":)" + std::to_string(key) + R"(,"call":")" + call + "\"" + fields + "}");
}

/// An engine with a guarded rule, which has a literal app, beside the built-in public-api.
engine::Engine engine_with_calls() {
  test_engine::Options options;
  options.fixture = kAuthorizeFixture;
  options.scenarios = {
      R"({"rules":[{"on":"POST /bundle/","error":"server_error"},)"
      R"({"on":"PUT /channel/:app","requires":{"mode":"all","app":"path.app"},"respond":{}},)"
      R"({"on":"* /any","requires":{"app":"com.other.app"},"respond":{}}]})"};
  engine::EngineConfig config = test_engine::make_config(options);
  config.sandbox.built_in.push_back(
      {"public-api", base::embedded_file(options.contract->public_api_file())});
  return engine::Engine(std::move(config));
}

}  // namespace

TEST_CASE("a call of the public API is checked like a request, also while public-api is inactive") {
  engine::Engine engine = engine_with_calls();
  CHECK(may_call(engine, 2, "POST /bundle/") ==
        decision(true, R"(key 2 has mode "upload", which allows "POST /bundle/")"));
  CHECK(may_call(engine, 1, "POST /bundle") ==
        decision(false, R"(key 1 has mode "read", and this needs "upload")"));
  CHECK(may_call(engine, 5, "POST /bundle/", R"(,"app_id":"com.demo.app")") ==
        decision(true, R"(key 5 has mode "write", which allows "POST /bundle/", and is within its )"
                       "limits"));
  const std::string other =
      R"(key 5 is limited to the apps com.demo.app, com.b, and the request is for the app )"
      R"("com.other.app")";
  CHECK(may_call(engine, 5, "POST /bundle/", R"(,"app_id":"com.other.app")") ==
        decision(false, other));
  // Without an app, the answer names the limits.
  CHECK(may_call(engine, 5, "POST /bundle/") ==
        decision(true, R"(key 5 has mode "write", which allows "POST /bundle/", and is limited to )"
                       "the apps com.demo.app, com.b"));
  CHECK(may_call(engine, 5, "PUT /app/com.other.app") == decision(false, other));
  CHECK(may_call(engine, 5, "PUT /app/com.b").starts_with(R"(200 {"allowed":true)"));
  // The pattern of the rule, as GET /__admin/scenarios lists it.
  CHECK(may_call(engine, 5, "PUT /app/:appId").starts_with(R"(200 {"allowed":true)"));
  CHECK(may_call(engine, 5, "PUT /app/:appId", R"(,"app_id":"com.other.app")") ==
        decision(false, other));
  CHECK(may_call(engine, 8, "POST /bundle/") ==
        decision(false, "key 8 expired at 2024-02-11T23:59:59.999999Z"));
}

TEST_CASE("a call is checked for the app and the org that the request names, like a request") {
  engine::Engine engine = engine_with_calls();
  // The app does not stand for its org.
  CHECK(may_call(engine, 6, "GET /app/", R"(,"app_id":"com.other.app")")
            .starts_with(R"(200 {"allowed":true)"));
  CHECK(may_call(engine, 6, "GET /app/", R"(,"org_id":"org_b")") ==
        decision(false,
                 R"(key 6 is limited to the orgs org_acme, org_c, and the request is for the org )"
                 R"("org_b")"));
  CHECK(may_call(engine, 4, "GET /app/com.demo.app", R"(,"app_id":"com.x","org_id":"org_b")")
            .starts_with(R"(200 {"allowed":true)"));
}

TEST_CASE("a call of an active guarded rule comes before that of public-api") {
  engine::Engine engine = engine_with_calls();
  CHECK(may_call(engine, 5, "PUT /channel/com.demo.app") ==
        decision(false, R"(key 5 has mode "write", and this needs "all")"));
  CHECK(may_call(engine, 5, "DELETE /any").starts_with(R"(200 {"allowed":false)"));
  CHECK(may_call(engine, 4, "GET /any") ==
        decision(true, R"(key 4 has mode "all", which allows "GET /any")"));
}

TEST_CASE("a call that no guarded rule has is a problem") {
  engine::Engine engine = engine_with_calls();
  const std::string unknown = " is not a call of a guarded rule or of the scenario public-api";
  CHECK(may_call(engine, 4, "POST /bundel/") ==
        engine_tests::rejection(400, kBadBody,
                                {R"(body:1:20: /call: "POST /bundel/")" + unknown +
                                 R"(; did you mean "POST /bundle/"?)"}));
  CHECK(may_call(engine, 4, "GET /app/?org_id=org_b") ==
        engine_tests::rejection(
            400, kBadBody,
            {"body:1:20: /call: has a query; leave it out, and send app_id or org_id instead"}));
  CHECK(may_call(engine, 4, "GET /bundle/", R"(,"app_id":"")") ==
        engine_tests::rejection(400, kBadBody, {"body:1:44: /app_id: must not be empty"}));
  for (const std::string call : {"GET", "", "GET /apikey/"}) {
    CAPTURE(call);
    CHECK(may_call(engine, 4, call).starts_with("400 "));
  }
}
