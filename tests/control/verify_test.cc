#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "control/messages.h"
#include "engine/requests.h"

using control_tests::kUndecided;
using control_tests::kVerify;
using control_tests::verified;
using engine_tests::ask;
using engine_tests::bytes;
using engine_tests::create;
using engine_tests::get;
using engine_tests::request_of;
using engine_tests::send;

namespace {

std::string verify(engine::Engine& engine, std::string body) {
  return ask(engine, "POST", kVerify, std::move(body));
}

/// The response of a failed call, without `nearest`.
struct Failure {
  std::string error;
  std::vector<std::string> details;
  int count = 0;
  std::string expected;
};

/// Checks a 409, and returns the ids of its near misses: `3 2 `.
std::string check_failed(engine::Engine& engine, const std::string& body, const Failure& failure) {
  const http::Response answer = send(engine, "POST", kVerify, body);
  CHECK(answer.status == 409);
  CHECK(engine_tests::header(answer, "X-Mock-Reason") ==
        http::to_header_value(failure.details.empty()
                                  ? failure.error
                                  : failure.error + "; " + failure.details.front()));
  auto result = json::parse_ordered(answer.body);
  json::Ordered nearest = result["nearest"];
  result.erase("nearest");
  CHECK(result == json::Ordered{{"error", failure.error},
                                {"details", failure.details},
                                {"verified", false},
                                {"count", failure.count},
                                {"expected", json::parse_ordered(failure.expected)}});
  std::string ids;
  for (const auto& each : nearest) ids += std::to_string(each["request"]["id"].get<int>()) + " ";
  return ids;
}

/// Requests 1 and 2 list keys, 3 creates one with mode reed, 4 with mode read, 5 deletes key 4.
void make_five_requests(engine::Engine& engine) {
  engine.handle(get("/apikey/"));
  engine.handle(get("/apikey/?page=2", "ak_read"));
  engine.handle(request_of("POST", "/apikey/", R"({"name":"CI","mode":"reed"})"));
  engine.handle(create("CI"));
  engine.handle(request_of("DELETE", "/apikey/4"));
}

constexpr const char* kAtLeast1 = R"({"at_least":1})";

}  // namespace

TEST_CASE("verify counts matching requests, and expects at least one if there is no count") {
  engine::Engine engine = test_engine::make_engine();
  make_five_requests(engine);
  struct Row {
    std::string body;
    int count;
  };
  for (const Row& row : {
           Row{"{}", 5},
           Row{R"({"count":null})", 5},
           Row{R"({"on":"GET /apikey/"})", 2},
           Row{R"({"on":"GET /apikey"})", 2},
           Row{R"({"on":"* /apikey/:id/"})", 1},
           Row{R"({"on":"* *","status":200})", 3},
           Row{R"({"status":403})", 1},
           Row{R"({"match":{"mode":"read"}})", 1},
           Row{R"({"match":{"key":"ak_all"}})", 4},
           Row{R"({"match":{"query":{"page":"2"}}})", 1},
           Row{R"({"match":{"header":{"AUTHORIZATION":"ak_read"}}})", 1},
           Row{R"({"on":"DELETE /apikey/:id/","match":{"id":4},"status":200})", 1},
           Row{R"({"on":"POST /apikey/","match":{"body":{"name":"CI"}}})", 2},
           Row{R"({"on":"POST /apikey/","match":{"body":{"name":"CI","mode":"read"}}})", 1},
           Row{R"({"on":"POST *","count":{"exactly":2}})", 2},
           Row{R"({"on":"POST *","count":{"at_least":2}})", 2},
           Row{R"({"on":"POST *","count":{"at_most":2}})", 2},
           Row{R"({"on":"POST *","count":{"at_least":1,"at_most":2}})", 2},
           Row{R"({"on":"POST *","count":{"at_least":2,"at_most":2}})", 2},
           Row{R"({"on":"POST *","count":2})", 2},
           Row{R"({"on":"PUT *","count":0})", 0},
           Row{R"({"on":"PUT *","count":{"exactly":0}})", 0},
           Row{R"({"on":"PUT *","count":{"at_least":0}})", 0},
           Row{R"({"on":"PUT *","count":{"at_most":0}})", 0},
           Row{R"({"on":"POST *","count":{"at_most":1000000000}})", 2},
       }) {
    CAPTURE(row.body);
    CHECK(verify(engine, row.body) == verified(row.count));
  }
  CHECK(bytes(send(engine, "POST", kVerify, "{}")) ==
        engine_tests::control_bytes(200, R"({"verified":true,"count":5})"));
}

TEST_CASE("verify knows the mode of the caller even if a scenario responded") {
  test_engine::Options options;
  const std::string pattern = R"("on":"GET *","match":{"mode":"all"})";
  options.scenarios = {R"({"rules":[{)" + pattern + R"(,"respond":{"status":503}}]})"};
  engine::Engine engine = test_engine::make_engine(options);
  CHECK(engine.handle(get("/apikey/")).status == 503);
  CHECK(verify(engine, "{" + pattern + "}") == verified(1));
}

TEST_CASE("a HEAD matches both GET and HEAD") {
  engine::Engine engine = test_engine::make_engine();
  http::Request head = get("/apikey/");
  head.method = "HEAD";
  engine.handle(head);
  CHECK(verify(engine, R"({"on":"GET /apikey/"})") == verified(1));
  CHECK(verify(engine, R"({"on":"HEAD /apikey/"})") == verified(1));
  CHECK(verify(engine, R"({"on":"POST /apikey/","count":{"exactly":0}})") == verified(0));
}

TEST_CASE("a CORS preflight matches only if the pattern names OPTIONS") {
  engine::Engine engine = test_engine::make_engine();
  engine.handle(request_of("OPTIONS", "/apikey/"));
  CHECK(verify(engine, R"({"on":"* *","count":{"exactly":0}})") == verified(0));
  CHECK(verify(engine, R"({"on":"OPTIONS *"})") == verified(1));
  CHECK(ask(engine, "POST", kVerify, "{}").find("received only requests with the method OPTIONS") !=
        std::string::npos);
  engine.handle(create());
  // It is no near miss either.
  CHECK(ask(engine, "POST", kVerify, R"({"on":"GET /apikey/"})").find("OPTIONS") ==
        std::string::npos);
}

TEST_CASE("a failed verify shows the near miss, and that its mode was reed") {
  engine::Engine engine = test_engine::make_engine();
  http::Request request = request_of("POST", "/apikey/?a=1", R"({"name":"CI","mode":"reed"})");
  request.headers.add("X-Request-Id", "r1");
  engine.handle(request);
  const http::Response answer =
      send(engine, "POST", kVerify,
           R"({"on":"POST /apikey/","match":{"body":{"mode":"read"}},"status":200,)"
           R"("count":{"exactly":1}})");
  const std::string detail =
      R"(near miss: request 1, POST /apikey/ answered with 400: body/mode is "reed", )"
      R"(expected "read"; status is 400, expected 200)";
  CHECK(engine_tests::header(answer, "X-Mock-Reason") ==
        "expected exactly 1, but 0 requests matched; " + detail);
  CHECK(engine_tests::without_times(engine_tests::shown(answer)) ==
        R"(409 {"error":"expected exactly 1, but 0 requests matched","details":)" +
            json::Ordered::array({detail}).dump() +
            R"(,"verified":false,"count":0,"expected":{"exactly":1},"nearest":[{"request":)"
            R"({"id":1,"at":"2024-02-12T00:00:00Z","method":"POST","path":"/apikey/",)"
            R"("query":"a=1","headers":{"authorization":"ak_all","X-Request-Id":"r1"},)"
            R"("body":"{\"name\":\"CI\",\"mode\":\"reed\"}","key_id":1,"status":400,"response":)"
            R"({"headers":{"Content-Type":"application/json","X-Mock-Reason":"read_mode: mode is )"
            R"(\"reed\", which is not a mode; did you mean \"read\"?",)"
            R"("Access-Control-Allow-Origin":"*",)"
            R"("X-Request-Id":"r1","X-Mock-Contract":"documented",)"
            R"("Access-Control-Expose-Headers":"X-Request-Id, Retry-After, X-RateLimit-Reset, )"
            R"(X-Mock-Contract, X-Mock-Reason, X-Mock-Hint",)"
            R"("Date":"Mon, 12 Feb 2024 00:00:00 GMT"},"body":"{\"error\":)"
            R"(\"Invalid mode specified. Must be one of: read, write, upload, all\",)"
            R"(\"status\":\"KO\"}"},"rejected_by":"read_mode","scenario":null,"microseconds":0},)"
            R"("differences":[{"field":"body/mode","expected":"\"read\"","actual":"\"reed\""},)"
            R"({"field":"status","expected":"200","actual":"400"}]}]})");
  CHECK(engine_tests::header(answer, "X-Content-Type-Options") == "nosniff");
}

TEST_CASE("the nearest three are listed, the fewest differences first, then the newest") {
  engine::Engine engine = test_engine::make_engine();
  make_five_requests(engine);
  // A different path or method weighs more than all fields.
  CHECK(check_failed(
            engine,
            R"({"on":"POST /apikey/","match":{"body":{"name":"x","mode":"all"},"key":"ak_none"}})",
            {"expected at least 1, but 0 requests matched",
             {R"(near miss: request 4, POST /apikey/ answered with 200: key is "ak_all", )"
              R"(expected "ak_non..."; body/mode is "read", )"
              R"(expected "all"; body/name is "CI", expected "x")",
              R"(near miss: request 3, POST /apikey/ answered with 400: key is "ak_all", )"
              R"(expected "ak_non..."; body/mode is "reed", )"
              R"(expected "all"; body/name is "CI", expected "x")",
              R"(near miss: request 2, GET /apikey/ answered with 403: method is "GET", )"
              R"(expected "POST"; key is "ak_rea...", expected "ak_non..."; )"
              R"(body is (none), expected {"mode":"all","name":"x"})"},
             0,
             kAtLeast1}) == "4 3 2 ");
  CHECK(
      check_failed(engine, R"({"on":"DELETE /apikey/:id/","match":{"id":2}})",
                   {"expected at least 1, but 0 requests matched",
                    {R"(near miss: request 5, DELETE /apikey/4 answered with 200: id is 4, )"
                     R"(expected 2)",
                     R"(near miss: request 4, POST /apikey/ answered with 200: method is "POST", )"
                     R"(expected "DELETE"; path is "/apikey/", expected "/apikey/:id/"; )"
                     R"(id is (none), expected 2)",
                     R"(near miss: request 3, POST /apikey/ answered with 400: method is "POST", )"
                     R"(expected "DELETE"; path is "/apikey/", expected "/apikey/:id/"; )"
                     R"(id is (none), expected 2)"},
                    0,
                    kAtLeast1}) == "5 4 3 ");
  CHECK(
      check_failed(engine, R"({"on":"GET /apikey/","status":403,"count":{"at_least":2}})",
                   {"expected at least 2, but 1 request matched",
                    {"matched: request 2, GET /apikey/ answered with 403",
                     "near miss: request 1, GET /apikey/ answered with 200: status is 200, "
                     "expected 403",
                     R"(near miss: request 4, POST /apikey/ answered with 200: method is "POST", )"
                     R"(expected "GET"; status is 200, expected 403)",
                     R"(near miss: request 3, POST /apikey/ answered with 400: method is "POST", )"
                     R"(expected "GET"; status is 400, expected 403)"},
                    1,
                    R"({"at_least":2})"}) == "1 4 3 ");
}

TEST_CASE("a different method or path counts more than many other differences") {
  engine::Engine engine = test_engine::make_engine();
  const std::string body = R"({"name":"n","mode":"read","a":1,"b":2})";
  engine.handle(create("other"));
  engine.handle(request_of("POST", "/other", body));
  engine.handle(request_of("PUT", "/apikey/", body));
  const http::Response answer =
      send(engine, "POST", kVerify, R"({"on":"POST /apikey/","match":{"body":)" + body + "}}");
  auto result = json::parse(answer.body);
  REQUIRE(result["nearest"].size() == 3);
  CHECK(result["nearest"][0]["request"]["id"] == 1);
  CHECK(result["nearest"][0]["differences"].size() == 3);
  CHECK(result["nearest"][1]["differences"] ==
        json::parse(R"([{"field":"method","expected":"\"POST\"","actual":"\"PUT\""}])"));
  CHECK(result["nearest"][2]["differences"] ==
        json::parse(R"([{"field":"path","expected":"\"/apikey/\"","actual":"\"/other\""}])"));
}

TEST_CASE("a body that differs in some fields is nearer than newer ones that are not JSON") {
  engine::Engine engine = test_engine::make_engine();
  engine.handle(request_of("POST", "/apikey/", R"({"name":"CI","mode":"reed"})"));
  for (int i = 0; i < 3; ++i) engine.handle(request_of("POST", "/apikey/", "not json"));
  const std::string not_json =
      R"(, POST /apikey/ answered with 400: body is (not JSON), expected {"mode":"read",)"
      R"("name":"CD"})";
  CHECK(check_failed(engine,
                     R"({"on":"POST /apikey/","match":{"body":{"name":"CD","mode":"read"}}})",
                     {"expected at least 1, but 0 requests matched",
                      {R"(near miss: request 1, POST /apikey/ answered with 400: body/mode is )"
                       R"("reed", expected "read"; body/name is "CI", expected "CD")",
                       "near miss: request 4" + not_json, "near miss: request 3" + not_json},
                      0,
                      kAtLeast1}) == "1 4 3 ");
}

TEST_CASE("if too many requests match, they are listed") {
  engine::Engine engine = test_engine::make_engine();
  make_five_requests(engine);
  CHECK(check_failed(engine, R"({"on":"POST *","count":{"at_most":1}})",
                     {"expected at most 1, but 2 requests matched",
                      {"matched: request 3, POST /apikey/ answered with 400",
                       "matched: request 4, POST /apikey/ answered with 200"},
                      2,
                      R"({"at_most":1})"}) == "5 2 1 ");
  CHECK(check_failed(engine, R"({"on":"DELETE *","count":{"exactly":0}})",
                     {"expected exactly 0, but 1 request matched",
                      {"matched: request 5, DELETE /apikey/4 answered with 200"},
                      1,
                      R"({"exactly":0})"}) == "4 3 2 ");
  CHECK(check_failed(engine, R"({"count":{"at_least":2,"at_most":3}})",
                     {"expected 2 to 3, but 5 requests matched",
                      {"matched: request 1, GET /apikey/ answered with 200",
                       "matched: request 2, GET /apikey/ answered with 403",
                       "matched: request 3, POST /apikey/ answered with 400",
                       "matched: request 4, POST /apikey/ answered with 200",
                       "matched: request 5, DELETE /apikey/4 answered with 200"},
                      5,
                      R"({"at_least":2,"at_most":3})"}) == "");
  for (int i = 0; i < 20; ++i) engine.handle(get("/apikey/"));
  auto body = json::parse(send(engine, "POST", kVerify, R"({"count":{"exactly":0}})").body);
  CHECK(body["details"].size() == 10);
}

TEST_CASE("if all requests match but are too few, they are listed") {
  engine::Engine engine = test_engine::make_engine();
  engine.handle(get("/apikey/"));
  CHECK(check_failed(engine, R"({"count":{"exactly":2}})",
                     {"expected exactly 2, but 1 request matched",
                      {"matched: request 1, GET /apikey/ answered with 200"},
                      1,
                      R"({"exactly":2})"})
            .empty());
}

TEST_CASE("an empty journal is reported, with the sandboxes that received requests") {
  engine::Engine engine = test_engine::make_engine();
  engine.handle(get("/sandbox/a/apikey/"));
  const std::string empty =
      "this sandbox has received no requests since it was created, reset or its journal cleared; ";
  Failure failure{"expected at least 1, but 0 requests matched", {}, 0, kAtLeast1};
  failure.details = {empty + "requests were sent to: a (1)"};
  CHECK(check_failed(engine, "{}", failure).empty());
  CHECK(ask(engine, "POST", "/sandbox/a/__admin/verify", "{}") == verified(1));
  make_five_requests(engine);
  send(engine, "DELETE", "/__admin/requests");
  failure.details = {empty + "requests were sent to: the default sandbox (5), a (1)"};
  CHECK(check_failed(engine, "{}", failure).empty());
  send(engine, "POST", "/__admin/reset");
  send(engine, "DELETE", "/__admin/sandboxes/a");
  failure.details = {empty + "no sandbox has received any"};
  CHECK(check_failed(engine, "{}", failure).empty());
  for (const std::string name : {"b", "c", "d", "e", "f", "g", "h"}) {
    engine.handle(get("/sandbox/" + name + "/apikey/"));
  }
  failure.details = {empty + "requests were sent to: b (1), c (1), d (1), e (1), f (1) and 2 more"};
  CHECK(check_failed(engine, "{}", failure).empty());
}

TEST_CASE("a full journal is compared with 200 query fields in one call, and three are listed") {
  engine::Engine engine = test_engine::make_engine();
  std::string target = "/nothing?last=1";
  json::Ordered match = {{"query", {{"last", "1"}}}};
  for (int i = 1; i < 200; ++i) {
    const std::string name = "q" + std::to_string(i);
    target += "&" + name + "=";
    match["query"][name] = "";
  }
  for (int i = 0; i < 1000; ++i) engine.handle(get(target));
  CHECK(verify(engine, json::Ordered{{"match", match}}.dump()) == verified(1000));
  match["query"]["last"] = "2";
  auto body =
      json::parse(send(engine, "POST", kVerify, json::Ordered{{"match", match}}.dump()).body);
  CHECK(body["details"].size() == 3);
  REQUIRE(body["nearest"].size() == 3);
  CHECK(body["nearest"][0]["request"]["id"] == 1000);
  CHECK(body["nearest"][0]["differences"] ==
        json::parse(R"-([{"field":"query last","expected":"\"2\"","actual":"\"1\""}])-"));
}

TEST_CASE("verify is undecided if dropped requests may change the result") {
  test_engine::Options options;
  options.journal = 3;
  engine::Engine engine = test_engine::make_engine(options);
  make_five_requests(engine);
  const std::vector<std::string> advice = {
      "the journal has dropped 2 requests; start with a larger --journal (it is 3), or reset "
      "between tests"};
  const std::string error = kUndecided;
  CHECK(verify(engine, R"({"on":"POST *"})") == verified(2));
  CHECK(verify(engine, R"({"on":"POST *","count":{"at_least":2}})") == verified(2));
  CHECK(verify(engine, R"({"on":"PUT *","count":{"at_least":0}})") == verified(0));
  check_failed(engine, R"({"on":"GET *"})", {error, advice, 0, kAtLeast1});
  check_failed(engine, R"({"on":"POST *","count":{"exactly":2}})",
               {error, advice, 2, R"({"exactly":2})"});
  check_failed(engine, R"({"on":"POST *","count":{"exactly":3}})",
               {error, advice, 2, R"({"exactly":3})"});
  check_failed(engine, R"({"on":"GET *","count":{"at_most":1}})",
               {error, advice, 0, R"({"at_most":1})"});
  // At most two of the dropped requests can have matched.
  CHECK(verify(engine, R"({"on":"GET *","count":{"at_most":2}})") == verified(0));
  CHECK(verify(engine, R"({"on":"POST *","count":{"at_least":2,"at_most":4}})") == verified(2));
  check_failed(engine, R"({"on":"GET *","count":{"exactly":0}})",
               {error, advice, 0, R"({"exactly":0})"});
  // Too many match already, or too few even if all dropped requests matched.
  check_failed(engine, R"({"on":"POST *","count":{"exactly":1}})",
               {"expected exactly 1, but 2 requests matched",
                {"matched: request 3, POST /apikey/ answered with 400",
                 "matched: request 4, POST /apikey/ answered with 200"},
                2,
                R"({"exactly":1})"});
  http::Response too_few = send(engine, "POST", "/__admin/verify", R"({"count":{"exactly":9}})");
  CHECK(too_few.body.starts_with(R"({"error":"expected exactly 9, but 3 requests matched",)"));
  send(engine, "POST", "/__admin/reset");
  engine.handle(get("/apikey/"));
  CHECK(verify(engine, R"({"on":"GET *","count":{"exactly":1}})") == verified(1));
}

TEST_CASE(
    "a journal with a capacity of 0 is undecided, and one dropped request is reported in the "
    "singular") {
  test_engine::Options options;
  options.journal = 0;
  engine::Engine none = test_engine::make_engine(options);
  none.handle(get("/apikey/"));
  check_failed(none, "{}",
               {kUndecided, {"the journal is off; start without --journal 0"}, 0, kAtLeast1});
  options.journal = 1;
  engine::Engine one = test_engine::make_engine(options);
  one.handle(get("/apikey/"));
  one.handle(get("/apikey/"));
  check_failed(
      one, R"({"on":"PUT *"})",
      {kUndecided,
       {"the journal has dropped 1 request; start with a larger --journal (it is 1), or reset "
        "between tests"},
       0,
       kAtLeast1});
}
