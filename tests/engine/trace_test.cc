#include "engine/trace.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "engine/calling.h"

using engine_tests::create;
using engine_tests::get;
using engine_tests::request_of;

namespace {

const char* const kSecret = "ak_0123456789abcdef0123456789abcdef";

/// What an observer was told of requests, one line each:
/// `GET 200 sandbox a path /apikey/ refused_by - scenario -`.
struct Log {
  std::vector<std::string> lines;

  engine::Observer observer() {
    return [this](const http::Request& request, const http::Response& response,
                  const engine::Trace& trace) {
      auto shown = [](const std::string& text) { return text.empty() ? "-" : text; };
      lines.push_back(request.method + " " + std::to_string(response.status) + " sandbox " +
                      shown(trace.sandbox) + " path " + trace.path + " refused_by " +
                      shown(trace.refused_by) + " scenario " + shown(trace.scenario));
      CHECK(trace.microseconds >= 0);
      CHECK(trace.microseconds < 60'000'000);
    };
  }
};

struct Row {
  http::Request request;
  std::string line;
};

void check_lines(const world::Wish& base, const std::vector<Row>& rows) {
  Log log;
  world::Wish wish = base;
  wish.observer = log.observer();
  engine::Engine engine = world::make_engine(wish);
  for (const Row& row : rows) {
    CAPTURE(row.request.target);
    log.lines.clear();
    engine.handle(row.request);
    REQUIRE(log.lines.size() == 1);
    CHECK(log.lines.front() == row.line);
  }
}

http::Request with_header(http::Request request, std::string name, std::string value) {
  request.headers.add(std::move(name), std::move(value));
  return request;
}

}  // namespace

TEST_CASE("the observer is told of the contract's answers: sandbox, path there, who refused") {
  world::Wish wish;
  wish.base_path = "/functions/v1";
  check_lines(
      wish,
      {
          {get("/apikey/?x=1"), "GET 200 sandbox - path /apikey/ refused_by - scenario -"},
          {get("/functions/v1/sandbox/a/functions/v1/apikey"),
           "GET 200 sandbox a path /apikey refused_by - scenario -"},
          {get("/sandbox/a"), "GET 404 sandbox a path / refused_by find_endpoint scenario -"},
          {get("/apikey/", "ak_read"),
           "GET 403 sandbox - path /apikey/ refused_by require_mode_all scenario -"},
          {get("/apikey/", "ak_none"),
           "GET 401 sandbox - path /apikey/ refused_by authenticate scenario -"},
          {request_of("POST", "/sandbox/b/apikey/", "{}"),
           "POST 400 sandbox b path /apikey/ refused_by require_name scenario -"},
          {request_of("DELETE", "/apikey/99"),
           "DELETE 404 sandbox - path /apikey/99 refused_by find_own_key scenario -"},
          {request_of("OPTIONS", "/apikey/x"),
           "OPTIONS 204 sandbox - path /apikey/... refused_by - scenario -"},
          {get("/nothing"), "GET 404 sandbox - path /nothing refused_by find_endpoint scenario -"},
          {request_of("HEAD", "/apikey/"),
           "HEAD 200 sandbox - path /apikey/ refused_by - scenario -"},
      });
}

TEST_CASE("the observer is told which rule of a scenario acted, and that no step refused") {
  world::Wish wish;
  wish.scenarios = {R"({"name":"s","rules":[
      {"on":"PUT *","error":"server_error"}, {"on":"PATCH *","respond":{"status":503}},
      {"on":"GET *","times":1,"delay":{"milliseconds":5}}]})"};
  check_lines(
      wish, {
                {request_of("PUT", "/apikey/"),
                 "PUT 500 sandbox - path /apikey/ refused_by - scenario s, rule 1"},
                {request_of("PATCH", "/sandbox/a/x"),
                 "PATCH 503 sandbox a path /x refused_by - scenario s, rule 2"},
                {get("/apikey/", "ak_read"),
                 "GET 403 sandbox - path /apikey/ refused_by require_mode_all scenario s, rule 3"},
                {get("/apikey/"), "GET 200 sandbox - path /apikey/ refused_by - scenario -"},
                {with_header(create(), "X-Mock-Scenario", "expired_key"),
                 "POST 401 sandbox - path /apikey/ refused_by - scenario X-Mock-Scenario"},
                {with_header(create(), "X-Mock-Scenario", "expired"),
                 "POST 400 sandbox - path /apikey/ refused_by - scenario X-Mock-Scenario"},
            });
}

TEST_CASE("the observer is told of control calls, refused ones too") {
  check_lines({}, {
                      {{"GET", "/__admin/health", {}, ""},
                       "GET 200 sandbox - path /__admin/health refused_by - scenario -"},
                      {{"GET", "/__admin/health?x", {}, ""},
                       "GET 400 sandbox - path /__admin/health refused_by control scenario -"},
                      {{"POST", "/sandbox/a/__admin/verify", {}, "{}"},
                       "POST 409 sandbox a path /__admin/verify refused_by control scenario -"},
                      {{"PUT", "/sandbox/a/__admin/state", {}, "{"},
                       "PUT 400 sandbox a path /__admin/state refused_by control scenario -"},
                      {{"DELETE", "/sandbox/a/__admin/sandboxes/a", {}, ""},
                       "DELETE 200 sandbox a path /__admin/sandboxes/a refused_by - scenario -"},
                      {{"GET", "/__admin/none", {}, ""},
                       "GET 404 sandbox - path /__admin/none refused_by control scenario -"},
                      {{"GET", "/sandbox/b/__admin/none", {}, ""},
                       "GET 404 sandbox b path /__admin/none refused_by control scenario -"},
                  });
}

TEST_CASE("the observer is told of what no sandbox answered") {
  world::Wish wish;
  wish.max_sandboxes = 0;
  check_lines(
      wish,
      {
          {get("/sandbox/a%20b/apikey/"),
           "GET 400 sandbox - path /apikey/ refused_by sandbox scenario -"},
          {get("/sandbox/a/apikey/"),
           "GET 429 sandbox a path /apikey/ refused_by sandbox scenario -"},
          {{"GET", "/sandbox/a/__admin/clock", {}, ""},
           "GET 429 sandbox a path /__admin/clock refused_by sandbox scenario -"},
          {{"GET", "/sandbox/a%20b/apikey/", {{"Host", "evil.example"}}, ""},
           "GET 421 sandbox - path /apikey/ refused_by host scenario -"},
          {{"GET", "/sandbox/a/apikey/", {{"Host", "evil.example"}}, ""},
           "GET 421 sandbox a path /apikey/ refused_by host scenario -"},
          {{"GET", "/sandbox/a/__admin/state", {{"Host", "localhost"}, {"Origin", "null"}}, ""},
           "GET 403 sandbox a path /__admin/state refused_by origin scenario -"},
      });
  wish.guards.admin_token = "T";
  check_lines(wish, {{{"GET", "/__admin/state", {}, ""},
                      "GET 403 sandbox - path /__admin/state refused_by admin_token scenario -"}});
}

TEST_CASE("secrets in paths are shortened for the observer, whoever answers") {
  world::Wish wish;
  wish.fixture = R"([{"key":"hunter2","mode":"all","name":"k"}])";
  const std::string secret = kSecret;
  check_lines(
      wish,
      {
          {get("/apikey/" + secret, "hunter2"),
           "GET 404 sandbox - path /apikey/ak_012... refused_by find_endpoint scenario -"},
          {request_of("DELETE", "/apikey/" + secret, "", "hunter2"),
           "DELETE 400 sandbox - path /apikey/ak_012... refused_by require_id_form scenario -"},
          {request_of("DELETE", "/apikey/hunter2", "", "hunter2"),
           "DELETE 400 sandbox - path /apikey/hun... refused_by require_id_form scenario -"},
          {get("/x/hunter2/" + secret),
           "GET 404 sandbox - path /x/hun.../ak_012... refused_by find_endpoint scenario -"},
          {{"GET", "/__admin/" + secret, {}, ""},
           "GET 404 sandbox - path /__admin/ak_012... refused_by control scenario -"},
          {{"DELETE", "/__admin/scenarios/" + secret, {}, ""},
           "DELETE 404 sandbox - path /__admin/scenarios/ak_012... refused_by control scenario -"},
          {get("/sandbox/" + secret + "/apikey/"),
           "GET 400 sandbox - path /apikey/ refused_by sandbox scenario -"},
          {{"GET", "/x/" + secret, {{"Host", "evil.example"}}, ""},
           "GET 421 sandbox - path /x/ak_012... refused_by host scenario -"},
      });
}
