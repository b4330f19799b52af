#include "journal/exchange.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "engine/requests.h"

using engine_tests::create;
using engine_tests::get;
using engine_tests::request_of;
using engine_tests::with_header;

namespace {

/// Writes the exchanges that an observer gets, one line each:
/// `GET 200 sandbox a path /apikey/ rejected_by - scenario -`.
struct Log {
  std::vector<std::string> lines;
  std::string reason;

  engine::Observer observer() {
    return [this](const http::Request& request, const http::Response& response,
                  const journal::Exchange& exchange) {
      auto or_dash = [](const std::string& name) { return name.empty() ? "-" : name; };
      lines.push_back(request.method + " " + std::to_string(response.status) + " sandbox " +
                      or_dash(exchange.sandbox) + " path " + exchange.path + " rejected_by " +
                      or_dash(exchange.rejected_by) + " scenario " + or_dash(exchange.scenario));
      reason = exchange.reason;
      CHECK(reason.empty() == !response.headers.find("X-Mock-Reason"));
      CHECK(exchange.microseconds >= 0);
      CHECK(exchange.microseconds < 60'000'000);
    };
  }
};

struct Row {
  http::Request request;
  std::string line;
};

void check_lines(const test_engine::Options& base, const std::vector<Row>& rows) {
  Log log;
  test_engine::Options options = base;
  options.observer = log.observer();
  engine::Engine engine = test_engine::make_engine(options);
  for (const Row& row : rows) {
    CAPTURE(row.request.target);
    log.lines.clear();
    engine.handle(row.request);
    REQUIRE(log.lines.size() == 1);
    CHECK(log.lines.front() == row.line);
  }
}

}  // namespace

TEST_CASE("an exchange says whether the request is a control call, allowed or not") {
  std::vector<bool> calls;
  test_engine::Options options;
  options.observer = [&](const auto&, const auto&, const journal::Exchange& exchange) {
    calls.push_back(exchange.is_control_call);
  };
  engine::Engine engine = test_engine::make_engine(options);
  engine.handle(get("/__admin/health"));
  engine.handle(with_header(get("/sandbox/a/__admin/nothing"), "Origin", "http://evil.example"));
  engine.handle(get("/apikey/"));
  engine.handle(get("/__adminx"));
  CHECK(calls == std::vector<bool>{true, true, false, false});
}

TEST_CASE("an exchange has the sandbox, the path in it, and the step that rejected the request") {
  test_engine::Options options;
  options.base_path = "/functions/v1";
  check_lines(
      options,
      {
          {get("/apikey/?x=1"), "GET 200 sandbox - path /apikey/ rejected_by - scenario -"},
          {get("/functions/v1/sandbox/a/functions/v1/apikey"),
           "GET 200 sandbox a path /apikey rejected_by - scenario -"},
          {get("/sandbox/a"), "GET 200 sandbox a path / rejected_by - scenario -"},
          {get("/apikey/", "ak_read"),
           "GET 403 sandbox - path /apikey/ rejected_by require_mode_all scenario -"},
          {get("/apikey/", "ak_none"),
           "GET 401 sandbox - path /apikey/ rejected_by authenticate scenario -"},
          {request_of("POST", "/sandbox/b/apikey/", "{}"),
           "POST 400 sandbox b path /apikey/ rejected_by require_name scenario -"},
          {request_of("DELETE", "/apikey/99"),
           "DELETE 404 sandbox - path /apikey/99 rejected_by find_own_key scenario -"},
          {request_of("OPTIONS", "/apikey/x"),
           "OPTIONS 204 sandbox - path /apikey/x rejected_by - scenario -"},
          {get("/nothing"), "GET 404 sandbox - path /nothing rejected_by find_endpoint scenario -"},
          {request_of("HEAD", "/apikey/"),
           "HEAD 200 sandbox - path /apikey/ rejected_by - scenario -"},
      });
}

TEST_CASE("an exchange has the rule that fired, and no step if the rule made the response") {
  test_engine::Options options;
  options.scenarios = {R"({"name":"s","rules":[
      {"on":"PUT *","error":"server_error"}, {"on":"PATCH *","respond":{"status":503}},
      {"on":"GET *","times":1,"delay":{"milliseconds":5}}]})"};
  check_lines(
      options,
      {
          {request_of("PUT", "/apikey/"),
           "PUT 500 sandbox - path /apikey/ rejected_by - scenario s, rule 1"},
          {request_of("PATCH", "/sandbox/a/x"),
           "PATCH 503 sandbox a path /x rejected_by - scenario s, rule 2"},
          {get("/apikey/", "ak_read"),
           "GET 403 sandbox - path /apikey/ rejected_by require_mode_all scenario s, rule 3"},
          {get("/apikey/"), "GET 200 sandbox - path /apikey/ rejected_by - scenario -"},
          {with_header(create(), "X-Mock-Scenario", "expired_key"),
           "POST 401 sandbox - path /apikey/ rejected_by - scenario X-Mock-Scenario"},
          {with_header(create(), "X-Mock-Scenario", "expired"),
           "POST 400 sandbox - path /apikey/ rejected_by - scenario X-Mock-Scenario"},
      });
}

TEST_CASE("control calls are observed, rejected ones too") {
  check_lines({}, {
                      {{"GET", "/__admin/health", {}, ""},
                       "GET 200 sandbox - path /__admin/health rejected_by - scenario -"},
                      {{"GET", "/__admin/health?x", {}, ""},
                       "GET 400 sandbox - path /__admin/health rejected_by control scenario -"},
                      {{"POST", "/sandbox/a/__admin/verify", {}, "{}"},
                       "POST 409 sandbox a path /__admin/verify rejected_by control scenario -"},
                      {{"PUT", "/sandbox/a/__admin/state", {}, "{"},
                       "PUT 400 sandbox a path /__admin/state rejected_by control scenario -"},
                      {{"DELETE", "/sandbox/a/__admin/sandboxes/a", {}, ""},
                       "DELETE 200 sandbox a path /__admin/sandboxes/a rejected_by - scenario -"},
                      {{"GET", "/__admin/none", {}, ""},
                       "GET 404 sandbox - path /__admin/none rejected_by control scenario -"},
                      {{"GET", "/sandbox/b/__admin/none", {}, ""},
                       "GET 404 sandbox b path /__admin/none rejected_by control scenario -"},
                  });
}

TEST_CASE("requests that reach no sandbox are observed") {
  test_engine::Options options;
  options.max_sandboxes = 0;
  check_lines(
      options,
      {
          {get("/sandbox/a%20b/apikey/"),
           "GET 400 sandbox - path /apikey/ rejected_by sandbox scenario -"},
          {get("/sandbox/a/apikey/"),
           "GET 507 sandbox a path /apikey/ rejected_by sandbox scenario -"},
          {{"GET", "/sandbox/a/__admin/clock", {}, ""},
           "GET 507 sandbox a path /__admin/clock rejected_by sandbox scenario -"},
          {{"GET", "/sandbox/a%20b/apikey/", {{"Host", "evil.example"}}, ""},
           "GET 421 sandbox - path /apikey/ rejected_by host scenario -"},
          {{"GET", "/sandbox/a/apikey/", {{"Host", "evil.example"}}, ""},
           "GET 421 sandbox a path /apikey/ rejected_by host scenario -"},
          {{"GET", "/sandbox/a/__admin/state", {{"Host", "localhost"}, {"Origin", "null"}}, ""},
           "GET 403 sandbox a path /__admin/state rejected_by origin scenario -"},
      });
  options.guards.admin_token = "T";
  check_lines(options,
              {{{"GET", "/__admin/state", {}, ""},
                "GET 403 sandbox - path /__admin/state rejected_by admin_token scenario -"}});
}

TEST_CASE("the reason of an exchange is X-Mock-Reason without the rule, redacted") {
  test_engine::Options options;
  options.scenarios = {R"({"name":"s","rules":[
      {"on":"PUT *","error":"server_error"}, {"on":"PATCH *","respond":{"status":503}}]})"};
  Log log;
  options.observer = log.observer();
  engine::Engine engine = test_engine::make_engine(options);
  const std::string secret = "ak_0123456789abcdef";
  struct Reason {
    http::Request request;
    /// What precedes the reason in X-Mock-Reason.
    std::string rule;
    std::string reason;
  };
  for (const Reason& row : {
           Reason{get("/apikey/", "ak_read"),
                  "require_mode_all: ", R"(key 2 has mode "read", and this needs "all")"},
           Reason{get("/apikey/", secret), "authenticate: ",
                  "no key has the secret \"ak_012...\" sent in authorization; it never existed, "
                  "was deleted, or expired more than 30 days ago (secrets are case-sensitive)"},
           Reason{request_of("PUT", "/apikey/"), "scenario s, rule 1: ", "error server_error"},
           Reason{request_of("PATCH", "/x"), "scenario s, rule 2: ", "respond"},
           Reason{with_header(create(), "X-Mock-Scenario", "expired_key"),
                  "X-Mock-Scenario: ", "error expired_key"},
           Reason{{"DELETE", "/__admin/sandboxes/" + secret, {}, ""},
                  "",
                  "no sandbox has the name \"ak_012...\"; GET /__admin/sandboxes lists them"},
           Reason{get("/sandbox/" + secret + "/"), "",
                  "\"ak_012...\" is not a valid sandbox name; a name has 1 to 64 of the characters "
                  "A-Z, a-z, 0-9, \".\", \"_\" and \"-\"; it must not be \".\", \"..\", a key or a "
                  "token"},
           Reason{{"GET", "/", {{"Host", secret}}, ""},
                  "",
                  "Host \"ak_012...\" does not name this server; start with --allow-host ak_012... "
                  "to allow it"},
       }) {
    CAPTURE(row.request.target);
    http::Response response = engine.handle(row.request);
    CHECK(log.reason == row.reason);
    CHECK(engine_tests::header(response, "X-Mock-Reason") == row.rule + row.reason);
  }
  engine.handle(get("/apikey/"));
  CHECK(log.reason.empty());
  engine.handle(get("/x/" + secret));
  CHECK(log.lines.back() ==
        "GET 404 sandbox - path /x/" + secret + " rejected_by find_endpoint scenario -");
  CHECK(log.reason.find(secret) == std::string::npos);
}
