#include "control/control.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "engine/requests.h"

using engine_tests::ask;
using engine_tests::bytes;
using engine_tests::get;
using engine_tests::header;
using engine_tests::rejection;
using engine_tests::send;

namespace {

constexpr const char* kHealth = R"({"status":"ok","version":"1.2.3","contract":"documented"})";
/// The journal of a sandbox without requests.
constexpr const char* kNoRequests = R"(200 {"requests":[],"dropped":0})";

/// The detail of the error for an unknown path.
constexpr const char* kCalls =
    "the calls are GET /__admin/health, GET /__admin/openapi.json, POST /__admin/reset, "
    "GET /__admin/state, PUT /__admin/state, POST /__admin/keys, DELETE /__admin/keys/:id, "
    "POST /__admin/tokens, GET /__admin/requests, DELETE /__admin/requests, "
    "POST /__admin/verify, GET /__admin/scenarios, GET /__admin/scenarios/:name, "
    "PUT /__admin/scenarios/:name, DELETE /__admin/scenarios/:name, DELETE /__admin/scenarios, "
    "GET /__admin/clock, "
    "PUT /__admin/clock, POST /__admin/clock/advance, POST /__admin/authorize, "
    "GET /__admin/sandboxes, POST /__admin/sandboxes, DELETE /__admin/sandboxes/:name";

std::string no_call(const std::string& call, const std::string& detail) {
  return rejection(404, "there is no control call " + call, {detail});
}

/// A control call that succeeds.
struct ValidCall {
  std::string method;
  std::string path;
  std::string body = {};
  int status = 200;
};

/// One of each, in an order in which all succeed.
const std::vector<ValidCall> kValidCalls = {
    {"GET", "/__admin/health"},
    {"GET", "/__admin/openapi.json"},
    {"POST", "/__admin/reset", "{not JSON"},
    {"GET", "/__admin/state"},
    {"GET", "/__admin/requests"},
    {"POST", "/__admin/verify", R"({"count":{"exactly":0}})"},
    {"GET", "/__admin/scenarios"},
    {"GET", "/__admin/scenarios/rate-limited"},
    {"PUT", "/__admin/scenarios/rate-limited"},
    {"DELETE", "/__admin/scenarios/rate-limited"},
    {"GET", "/__admin/clock"},
    {"PUT", "/__admin/clock", R"({"frozen":true})"},
    {"POST", "/__admin/clock/advance", R"({"by":"1s"})"},
    {"POST", "/__admin/authorize", R"({"key":"ak_all","action":"all"})"},
    {"GET", "/__admin/sandboxes"},
    {"POST", "/__admin/sandboxes", R"({"name":"made"})", 201},
    {"DELETE", "/__admin/sandboxes/made"},
    {"PUT", "/__admin/state", R"([{"key":"ak_all","mode":"all","name":"k"}])"},
    {"POST", "/__admin/keys", R"({"id":7,"mode":"all","name":"k"})", 201},
    {"DELETE", "/__admin/keys/7"},
    {"DELETE", "/__admin/requests"},
};

}  // namespace

TEST_CASE(
    "health returns version and contract, and no web page may read it or run it as a script") {
  engine::Engine engine = test_engine::make_engine();
  CHECK(bytes(send(engine, "GET", "/__admin/health")) == engine_tests::control_bytes(200, kHealth));
  for (const std::string path :
       {"/__admin/health/", "/__admin/health?", "/__admin/health?&", "/__admin/health#a",
        "http://127.0.0.1/__admin/health", "/sandbox/a/__admin/health"}) {
    CAPTURE(path);
    CHECK(ask(engine, "GET", path) == std::string("200 ") + kHealth);
    CHECK(bytes(send(engine, "HEAD", path)) == bytes(send(engine, "GET", path)));
  }
}

TEST_CASE("unknown query parameters of a control call are rejected, and nothing is changed") {
  engine::Engine engine = test_engine::make_engine();
  const std::string state = ask(engine, "GET", "/__admin/state");
  for (const ValidCall& call : kValidCalls) {
    CAPTURE(call.method + " " + call.path);
    const bool has_some = call.method == "GET" && call.path == "/__admin/requests";
    const std::string known = std::string("; the query parameters are: ") +
                              (has_some ? "method path status since limit" : "none");
    CHECK(bytes(send(engine, call.method, call.path + "?x=1&y", call.body)) ==
          engine_tests::rejection_bytes(
              400, "the query is invalid",
              {"unknown query parameter \"x\"" + known, "unknown query parameter \"y\"" + known}));
  }
  CHECK(ask(engine, "GET", "/__admin/state") == state);
  CHECK(ask(engine, "GET", "/__admin/sandboxes") == R"(200 {"sandboxes":[],"limit":1000})");
}

TEST_CASE("of 150 unknown query parameters, 100 are listed") {
  engine::Engine engine = test_engine::make_engine();
  std::string target = "/__admin/health?x0";
  for (int i = 1; i < 150; ++i) target += "&x" + std::to_string(i);
  auto details = json::parse(send(engine, "GET", target).body)["details"];
  REQUIRE(details.size() == 100);
  CHECK(details[99] == "unknown query parameter \"x99\"; the query parameters are: none");
}

TEST_CASE(
    "health returns the active contract, and errors of the control API are not the contract's") {
  for (const contract::Contract* contract : contract::all()) {
    test_engine::Options options;
    options.contract = contract;
    engine::Engine engine = test_engine::make_engine(options);
    CHECK(ask(engine, "GET", "/__admin/health") ==
          R"(200 {"status":"ok","version":"1.2.3","contract":")" + std::string(contract->name) +
              "\"}");
    CHECK(ask(engine, "GET", "/__admin/none") == no_call("GET /__admin/none", kCalls));
    CHECK(header(send(engine, "GET", "/__admin/none"), "X-Mock-Contract") == "(absent)");
  }
}

TEST_CASE("a body that is not JSON, or nested too deeply, is rejected and changes nothing") {
  engine::Engine engine = test_engine::make_engine();
  auto all = [&engine] {
    std::string text;
    for (const std::string path : {"state", "clock", "scenarios", "sandboxes"}) {
      text += ask(engine, "GET", "/__admin/" + path);
    }
    return text;
  };
  const std::string before = all();
  const std::string deep = std::string(100'000, '[') + std::string(100'000, ']');
  for (const std::string call :
       {"PUT /__admin/state", "POST /__admin/keys", "POST /__admin/verify",
        "PUT /__admin/scenarios/a", "PUT /__admin/clock", "POST /__admin/clock/advance",
        "POST /__admin/authorize", "POST /__admin/sandboxes"}) {
    const size_t space = call.find(' ');
    for (const std::string& body :
         std::vector<std::string>{" ", "{", "name=a", "\xFF", R"({"now":"2025-01-01"} x)",
                                  std::string("{}\0", 3), deep}) {
      auto rejected =
          json::parse(send(engine, call.substr(0, space), call.substr(space + 1), body).body);
      CAPTURE(call);
      CAPTURE(rejected);
      CHECK(rejected["error"].get<std::string>().ends_with("; nothing was changed"));
      REQUIRE(rejected["details"].size() == 1);
      CHECK(rejected["details"][0].get<std::string>().starts_with("body:1:"));
      CHECK(rejected["details"][0].get<std::string>().find(": is not JSON: ") != std::string::npos);
    }
  }
  CHECK(all() == before);
}

TEST_CASE("an unknown control path is rejected with a list of all calls, in the reason too") {
  engine::Engine engine = test_engine::make_engine();
  for (const std::string path :
       {"/__admin//", "/__admin//health", "/__admin/console", "/__admin/console/none.js",
        "/__admin/health//", "/__admin/Health", "/__admin/reset/now", "/__admin/scenarios/a/b",
        "/__admin/sandbox/a", "/__admin/x%2Fy"}) {
    for (const std::string method : {"GET", "PUT", "POST", "DELETE", "OPTIONS", "PATCH", "get"}) {
      CAPTURE(path);
      CHECK(ask(engine, method, path) == no_call(method + " " + path, kCalls));
    }
  }
  const http::Response rejected = send(engine, "GET", "/__admin/x?y=z");
  CHECK(engine_tests::shown(rejected) == no_call("GET /__admin/x", kCalls));
  CHECK(header(rejected, "X-Mock-Reason") ==
        ("there is no control call GET /__admin/x; " + std::string(kCalls)).substr(0, 500));
}

TEST_CASE("a wrong method on a control path is rejected with a list of its methods") {
  engine::Engine engine = test_engine::make_engine();
  struct Row {
    std::string method;
    std::string path;
    std::string known;
  };
  const std::string scenarios = "/__admin/scenarios/:name";
  for (const Row& row : {
           Row{"POST", "/__admin/health", "GET /__admin/health"},
           Row{"GET", "/__admin/reset", "POST /__admin/reset"},
           Row{"HEAD", "/__admin/reset", "POST /__admin/reset"},
           Row{"OPTIONS", "/__admin/reset", "POST /__admin/reset"},
           Row{"POST", "/__admin/state/", "GET /__admin/state, PUT /__admin/state"},
           Row{"PUT", "/__admin/requests", "GET /__admin/requests, DELETE /__admin/requests"},
           Row{"GET", "/__admin/keys", "POST /__admin/keys"},
           Row{"PUT", "/__admin/keys/1", "DELETE /__admin/keys/:id"},
           Row{"GET", "/__admin/verify", "POST /__admin/verify"},
           Row{"PUT", "/__admin/scenarios", "GET /__admin/scenarios, DELETE /__admin/scenarios"},
           Row{"POST", "/__admin/scenarios/a",
               "GET " + scenarios + ", PUT " + scenarios + ", DELETE " + scenarios},
           Row{"POST", "/__admin/clock", "GET /__admin/clock, PUT /__admin/clock"},
           Row{"PUT", "/__admin/clock/advance", "POST /__admin/clock/advance"},
           Row{"GET", "/__admin/authorize", "POST /__admin/authorize"},
           Row{"DELETE", "/__admin/sandboxes", "GET /__admin/sandboxes, POST /__admin/sandboxes"},
           Row{"PUT", "/__admin/sandboxes/a", "DELETE /__admin/sandboxes/:name"},
       }) {
    CAPTURE(row.path);
    CHECK(ask(engine, row.method, row.path) ==
          no_call(row.method + " " + row.path, "the calls of this path are " + row.known));
  }
}

TEST_CASE("a path that only looks like a control path is the contract's") {
  engine::Engine engine = test_engine::make_engine();
  for (const std::string path :
       {"/__adminx", "/_admin/health", "/apikey/__admin/health", "/__Admin/health",
        "//__admin/health", "/__admin%2Fhealth", "/%255F_admin/health"}) {
    CAPTURE(path);
    CHECK(ask(engine, "GET", path) == R"(404 {"error":"Not found","status":"KO"})");
  }
}

TEST_CASE("control calls are not journalled, match no scenario and have no CORS headers") {
  test_engine::Options options;
  options.scenarios = {R"({"name":"all","rules":[{"on":"* *","error":"server_error"}]})"};
  engine::Engine engine = test_engine::make_engine(options);
  for (const std::string below : {"", "/sandbox/a"}) {
    for (const ValidCall& call : kValidCalls) {
      CAPTURE(call.method + " " + below + call.path);
      http::Request request{call.method, below + call.path, {}, call.body};
      request.headers.add("X-Mock-Scenario", "server_error");
      request.headers.add("authorization", "ak_none");
      const http::Response answer = engine.handle(request);
      CHECK(answer.status == call.status);
      CHECK(header(answer, "Access-Control-Allow-Origin") == "(absent)");
      CHECK(header(answer, "X-Request-Id") == "(absent)");
      CHECK(header(answer, "X-Mock-Reason") == "(absent)");
      CHECK(header(answer, "X-Content-Type-Options") == "nosniff");
      CHECK(header(answer, "Cross-Origin-Resource-Policy") == "same-origin");
    }
    CHECK(ask(engine, "GET", below + "/__admin/requests") == kNoRequests);
    CHECK(ask(engine, "GET", below + "/__admin/scenarios") ==
          R"(200 {"scenarios":[{"name":"all","description":"","rules":[{"rule":1,"on":"* *",)"
          R"("effect":"error server_error","matched":0,"fired":0}]}],)"
          R"("unused_rules":["all, rule 1: * *, error server_error"],)"
          R"("built_in":["rate-limited","always-down"]})");
  }
  CHECK(engine.handle(get("/apikey/")).status == 500);
}

TEST_CASE("control calls that fail are not journalled either, and count for no scenario") {
  test_engine::Options options;
  options.scenarios = {R"({"name":"all","rules":[{"on":"* *","times":1,"error":"server_error"}]})"};
  engine::Engine engine = test_engine::make_engine(options);
  CHECK(send(engine, "GET", "/__admin/none").status == 404);
  CHECK(send(engine, "PUT", "/__admin/state", "{").status == 400);
  CHECK(send(engine, "DELETE", "/__admin/sandboxes/none").status == 404);
  CHECK(send(engine, "GET", "/sandbox/a b/__admin/health").status == 400);
  CHECK(send(engine, "GET", "/sandbox/a b/apikey/").status == 400);
  CHECK(ask(engine, "GET", "/__admin/requests") == kNoRequests);
  CHECK(engine.handle(get("/apikey/")).status == 500);
  CHECK(engine.handle(get("/apikey/")).status == 200);
}

TEST_CASE("a guard rejects a request before it has any effect, and nothing is recorded") {
  engine::Engine engine = test_engine::make_engine();
  const std::string before = ask(engine, "GET", "/__admin/state");
  http::Request foreign{
      "PUT", "/sandbox/a/__admin/state", {{"Host", "localhost"}, {"Origin", "http://x"}}, "[]"};
  http::Response rejected = engine.handle(foreign);
  CHECK(engine_tests::shown(rejected) ==
        rejection(403, "Origin \"http://x\" is not allowed to use the control API",
                  {"call it from a program that sends no Origin header, not from a web page",
                   "the only allowed page is http://localhost"}));
  CHECK(
      header(rejected, "X-Mock-Reason")
          .starts_with("Origin \"http://x\" is not allowed to use the control API; call it from"));
  foreign.target = "/__admin/nothing";
  CHECK(engine.handle(foreign).status == 403);

  http::Request rebound{
      "GET", "/sandbox/a/apikey/", {{"Host", "evil.example"}, {"authorization", "ak_all"}}, ""};
  CHECK(engine.handle(rebound).status == 421);
  rebound.target = "/__admin/state";
  CHECK(engine.handle(rebound).status == 421);

  CHECK(ask(engine, "GET", "/__admin/sandboxes") == R"(200 {"sandboxes":[],"limit":1000})");
  CHECK(ask(engine, "GET", "/__admin/requests") == kNoRequests);
  CHECK(ask(engine, "GET", "/__admin/state") == before);
  // Pages may use what the contract has: its CORS header says so.
  http::Request page = get("/apikey/");
  page.headers.add("Origin", "http://x");
  CHECK(engine.handle(page).status == 200);
}

TEST_CASE("the base path may come before the sandbox, after it, or be left out") {
  test_engine::Options options;
  options.base_path = "/functions/v1";
  engine::Engine engine = test_engine::make_engine(options);
  const std::string made = engine.handle(engine_tests::create("k", "/sandbox/a")).body;
  const std::string list = engine.handle(get("/sandbox/a/apikey/")).body;
  CHECK(list.size() > engine.handle(get("/apikey/")).body.size());
  for (const std::string below : {"/functions/v1/sandbox/a", "/sandbox/a/functions/v1",
                                  "/functions/v1/sandbox/a/functions/v1"}) {
    CAPTURE(below);
    CHECK(engine.handle(get(below + "/apikey/")).body == list);
    CHECK(ask(engine, "GET", below + "/__admin/health") == std::string("200 ") + kHealth);
    CHECK(ask(engine, "GET", below + "/__admin/requests?limit=1").find(R"("path":"/apikey/")") !=
          std::string::npos);
  }
  CHECK(engine.handle(get("/functions/v1/apikey/")).body == engine.handle(get("/apikey/")).body);
  for (const std::string path :
       {"/functions/v1/functions/v1/apikey/", "/functions/v1x/apikey/", "/functions/v1x",
        "/functions/v1/sandbox", "/sandbox/a/sandbox/b/apikey/", "/functions/sandbox/a/apikey/"}) {
    CAPTURE(path);
    CHECK(ask(engine, "GET", path) == R"(404 {"error":"Not found","status":"KO"})");
  }
  CHECK(ask(engine, "GET", "/__admin/sandboxes")
            .starts_with(R"(200 {"sandboxes":[{"name":"a","url":"/sandbox/a",)"));
  CHECK(made.starts_with(R"({"apikey":{"id":18,)"));
}
