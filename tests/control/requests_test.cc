#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "engine/requests.h"

using engine_tests::ask;
using engine_tests::bytes;
using engine_tests::create;
using engine_tests::get;
using engine_tests::rejection;
using engine_tests::request_of;
using engine_tests::send;
using engine_tests::without_times;

namespace {

constexpr const char* kRequests = "/__admin/requests";

/// The ids of the requests that a query lists, and how many were dropped: `1 2 (0)`.
std::string requests_listed(engine::Engine& engine, const std::string& query = "") {
  const http::Response answer = send(engine, "GET", kRequests + query);
  if (answer.status != 200) return engine_tests::shown(answer);
  auto body = json::parse(answer.body);
  std::string ids;
  for (const auto& entry : body["requests"]) ids += std::to_string(entry["id"].get<int>()) + " ";
  return ids + "(" + std::to_string(body["dropped"].get<int>()) + ")";
}

/// A member of the newest entry, as JSON.
std::string newest(engine::Engine& engine, const std::string& member) {
  auto body = json::parse(send(engine, "GET", std::string(kRequests) + "?limit=1").body);
  return body["requests"].at(0).at(member).dump();
}

/// Sends these requests, a second apart: 1 and 6 list keys, 2 creates one, 3 has no name, 4 deletes
/// a key, 5 has an unknown path.
void make_six_requests(engine::Engine& engine) {
  const std::vector<http::Request> all = {get("/apikey/"),
                                          create(),
                                          request_of("POST", "/apikey", "{}"),
                                          request_of("DELETE", "/apikey/2"),
                                          get("/nothing?x=1"),
                                          get("/apikey?limit=1", "ak_read")};
  for (const http::Request& request : all) {
    engine.handle(request);
    send(engine, "POST", "/__admin/clock/advance", R"({"by":"1s"})");
  }
}

}  // namespace

TEST_CASE("the journal lists requests and responses, field by field") {
  engine::Engine engine = test_engine::make_engine();
  CHECK(bytes(send(engine, "GET", kRequests)) ==
        engine_tests::control_bytes(200, R"({"requests":[],"dropped":0})"));
  http::Request request = get("/apikey/?x=1&y=%20", "ak_read");
  request.headers.add("X-Request-Id", "r1");
  request.headers.add("X-Mock-Scenario", "expired_key");
  engine.handle(request);
  send(engine, "POST", "/__admin/clock/advance", R"({"by":"1500ms"})");
  engine.handle({"DELETE", "/apikey/2", {{"capgkey", "ak_all"}, {"X-Request-Id", "r2"}}, "b"});
  const std::string answer_headers = R"("Access-Control-Allow-Origin":"*","X-Request-Id":"r)";
  const std::string mock_headers =
      R"(","X-Mock-Contract":"documented","Access-Control-Expose-Headers":"X-Request-Id, )"
      R"(Retry-After, X-RateLimit-Reset, X-Mock-Contract, X-Mock-Reason, X-Mock-Hint",)"
      R"("Date":"Mon, 12 Feb 2024 00:00:0)";
  CHECK(without_times(ask(engine, "GET", kRequests)) ==
        R"(200 {"requests":[{"id":1,"at":"2024-02-12T00:00:00Z","method":"GET","path":"/apikey/",)"
        R"("query":"x=1&y=%20","headers":{"authorization":"ak_rea...","X-Request-Id":"r1",)"
        R"("X-Mock-Scenario":"expired_key"},"body":"","key_id":2,"status":401,)"
        R"("response":{"headers":{"Content-Type":"application/json",)"
        R"("X-Mock-Reason":"X-Mock-Scenario: error expired_key",)" +
            answer_headers + "1" + mock_headers +
            R"(0 GMT"},)"
            R"("body":"{\"error\":\"API key has expired\",\"status\":\"KO\"}"},)"
            R"("rejected_by":null,"scenario":"X-Mock-Scenario","microseconds":0},)"
            R"({"id":2,"at":"2024-02-12T00:00:01.5Z","method":"DELETE","path":"/apikey/2",)"
            R"("query":"","headers":{"capgkey":"ak_all","X-Request-Id":"r2"},"body":"b",)"
            R"("key_id":1,"status":200,"response":{"headers":{"Content-Type":"application/json",)" +
            answer_headers + "2" + mock_headers +
            R"(1 GMT"},"body":"{\"success\":true}"},)"
            R"("rejected_by":null,"scenario":null,"microseconds":0}],"dropped":0})");
}

TEST_CASE("the journal has the id of the caller's key, even if a scenario responded") {
  test_engine::Options options;
  options.scenarios = {R"({"rules":[{"on":"PUT *","respond":{"status":503}}]})"};
  engine::Engine engine = test_engine::make_engine(options);
  struct Row {
    http::Request request;
    std::string status;
    std::string key_id;
  };
  http::Request misspelt = get("/apikey/");
  misspelt.headers.add("X-Mock-Scenario", "expired");
  for (const Row& row : {
           Row{get("/apikey/", "ak_read"), "403", "2"},
           Row{get("/apikey/", "ak_none"), "401", "null"},
           Row{get("/apikey/", "ak_expired"), "401", "12"},
           Row{get("/nothing"), "404", "1"},
           Row{request_of("PUT", "/apikey/"), "503", "1"},
           Row{misspelt, "400", "1"},
       }) {
    CAPTURE(row.request.method + " " + row.request.target);
    engine.handle(row.request);
    CHECK(newest(engine, "status") == row.status);
    CHECK(newest(engine, "key_id") == row.key_id);
  }
}

TEST_CASE("CORS preflights are listed only if the query asks for their method") {
  engine::Engine engine = test_engine::make_engine();
  engine.handle(request_of("OPTIONS", "/apikey/"));
  engine.handle(get("/apikey/"));
  CHECK(requests_listed(engine) == "2 (0)");
  CHECK(requests_listed(engine, "?method=OPTIONS") == "1 (0)");
  CHECK(requests_listed(engine, "?method=GET") == "2 (0)");
}

TEST_CASE("the journal has the delay and the fault of a rule, and neither without one") {
  test_engine::Options options;
  options.scenarios = {R"({"rules":[
      {"on":"GET *","delay":{"milliseconds":5},"fault":"HANG"},
      {"on":"PUT *","delay":{"milliseconds":7}}, {"on":"DELETE *","fault":"EMPTY_RESPONSE"}]})"};
  engine::Engine engine = test_engine::make_engine(options);
  struct Row {
    std::string method;
    std::string end;
  };
  for (const Row& row : {
           Row{"GET", R"("microseconds":0,"delay_milliseconds":5,"fault":"HANG"}],"dropped":0})"},
           Row{"PUT", R"("microseconds":0,"delay_milliseconds":7}],"dropped":0})"},
           Row{"DELETE", R"("microseconds":0,"fault":"EMPTY_RESPONSE"}],"dropped":0})"},
           Row{"POST", R"("microseconds":0}],"dropped":0})"},
       }) {
    CAPTURE(row.method);
    engine.handle(request_of(row.method, "/apikey/"));
    CHECK(
        without_times(ask(engine, "GET", std::string(kRequests) + "?limit=1")).ends_with(row.end));
  }
}

TEST_CASE("requests are filtered by method, path, status, id, time and limit") {
  engine::Engine engine = test_engine::make_engine();
  make_six_requests(engine);
  struct Row {
    std::string query;
    std::string ids;
  };
  for (const Row& row : {
           Row{"", "1 2 3 4 5 6 (0)"},
           Row{"?", "1 2 3 4 5 6 (0)"},
           Row{"?&", "1 2 3 4 5 6 (0)"},
           Row{"?method=POST", "2 3 (0)"},
           Row{"?method=post", "2 3 (0)"},
           Row{"?method=PATCH", "(0)"},
           Row{"?path=/apikey/", "1 2 3 6 (0)"},
           Row{"?path=/apikey", "1 2 3 6 (0)"},
           Row{"?path=/apikey/:id", "4 (0)"},
           Row{"?path=/apikey/2/", "4 (0)"},
           Row{"?path=/apikey*", "1 2 3 4 6 (0)"},
           Row{"?path=*", "1 2 3 4 5 6 (0)"},
           Row{"?path=%2Fnothing", "5 (0)"},
           Row{"?path=/APIKEY/", "(0)"},
           Row{"?status=200", "1 2 4 (0)"},
           Row{"?status=404", "5 (0)"},
           Row{"?status=599", "(0)"},
           Row{"?since=0", "1 2 3 4 5 6 (0)"},
           Row{"?since=4", "5 6 (0)"},
           Row{"?since=6", "(0)"},
           Row{"?since=9223372036854775807", "(0)"},
           Row{"?since=2024-02-12T00:00:04Z", "5 6 (0)"},
           Row{"?since=2024-02-12T02:00:04%2B02:00", "5 6 (0)"},
           Row{"?since=2024-02-12", "1 2 3 4 5 6 (0)"},
           Row{"?limit=2", "5 6 (0)"},
           Row{"?limit=6", "1 2 3 4 5 6 (0)"},
           Row{"?limit=1000000", "1 2 3 4 5 6 (0)"},
           Row{"?method=GET&limit=1&status=200", "1 (0)"},
           Row{"?limit=1&method=POST&path=/apikey/&status=400&since=2", "3 (0)"},
       }) {
    CAPTURE(row.query);
    CHECK(requests_listed(engine, row.query) == row.ids);
  }
}

TEST_CASE("an invalid query is rejected with every problem") {
  engine::Engine engine = test_engine::make_engine();
  make_six_requests(engine);
  struct Row {
    std::string query;
    std::vector<std::string> details;
  };
  const std::string fields = " query parameters are: method path status since limit";
  const std::string keep_one = "; keep one of them";
  const std::string no_status = "\" must be a number from 100 to 599";
  const std::string no_limit = "\" must be a number from 1 to 1000000";
  const std::string no_since =
      "\" must be a request's id, or a time such as 2024-01-31T12:00:00Z (write a + as %2B)";
  for (const Row& row : {
           Row{"x=1", {R"(unknown query parameter "x"; the)" + fields}},
           Row{"metod=GET",
               {R"(unknown query parameter "metod"; did you mean "method"? The)" + fields}},
           Row{"Limit", {R"(unknown query parameter "Limit"; did you mean "limit"? The)" + fields}},
           Row{"method=", {R"(method: "" must be a method, such as POST)"}},
           Row{"method=G+T", {R"(method: "G T" must be a method, such as POST)"}},
           Row{"path=apikey",
               {R"(path: "apikey" must be a path, such as /apikey/:id/ or /apikey*)"}},
           Row{"path", {R"(path: "" must be a path, such as /apikey/:id/ or /apikey*)"}},
           Row{"status=99", {"status: \"99" + no_status}},
           Row{"status=600", {"status: \"600" + no_status}},
           Row{"status=OK", {"status: \"OK" + no_status}},
           Row{"status=200.0", {"status: \"200.0" + no_status}},
           Row{"status=%2B200", {"status: \"+200" + no_status}},
           Row{"since=-1", {"since: \"-1" + no_since}},
           Row{"since=9223372036854775808", {"since: \"9223372036854775808" + no_since}},
           Row{"since=yesterday", {"since: \"yesterday" + no_since}},
           Row{"since=2024-02-12T02:00:04+02:00",
               {"since: \"2024-02-12T02:00:04 02:00" + no_since}},
           Row{"since=", {"since: \"" + no_since}},
           Row{"limit=0", {"limit: \"0" + no_limit}},
           Row{"limit=1000001", {"limit: \"1000001" + no_limit}},
           Row{"limit=all", {"limit: \"all" + no_limit}},
           Row{"status=200&status=404", {R"(duplicate query parameter "status")" + keep_one}},
           Row{"since=5&limit=1&since=2024-02-12",
               {R"(duplicate query parameter "since")" + keep_one}},
           // Unknown and duplicate parameters come before invalid values.
           Row{"x=1&status=1&limit=-5&y",
               {R"(unknown query parameter "x"; the)" + fields,
                R"(unknown query parameter "y"; the)" + fields, "status: \"1" + no_status,
                "limit: \"-5" + no_limit}},
           Row{"limit=0&limit=1&x",
               {R"(duplicate query parameter "limit")" + keep_one,
                R"(unknown query parameter "x"; the)" + fields, "limit: \"0" + no_limit}},
       }) {
    CAPTURE(row.query);
    CHECK(ask(engine, "GET", std::string(kRequests) + "?" + row.query) ==
          rejection(400, "the query is invalid", row.details));
  }
  CHECK(requests_listed(engine) == "1 2 3 4 5 6 (0)");
}

TEST_CASE("a cleared journal continues its ids and has dropped nothing") {
  test_engine::Options options;
  options.journal = 4;
  engine::Engine engine = test_engine::make_engine(options);
  CHECK(ask(engine, "DELETE", kRequests) == R"(200 {"removed":0})");
  make_six_requests(engine);
  CHECK(requests_listed(engine) == "3 4 5 6 (2)");
  CHECK(ask(engine, "DELETE", kRequests) == R"(200 {"removed":4})");
  CHECK(requests_listed(engine) == "(0)");
  engine.handle(get("/apikey/"));
  CHECK(requests_listed(engine) == "7 (0)");
  CHECK(requests_listed(engine, "?since=6") == "7 (0)");
}

TEST_CASE("a journal with a capacity of 0 drops every request") {
  test_engine::Options options;
  options.journal = 0;
  engine::Engine engine = test_engine::make_engine(options);
  make_six_requests(engine);
  CHECK(requests_listed(engine) == "(6)");
  CHECK(ask(engine, "DELETE", kRequests) == R"(200 {"removed":0})");
  CHECK(requests_listed(engine) == "(0)");
}

TEST_CASE("each sandbox has its own journal, with paths without sandbox and base path") {
  test_engine::Options options;
  options.base_path = "/functions/v1";
  engine::Engine engine = test_engine::make_engine(options);
  engine.handle(get("/apikey/"));
  engine.handle(get("/functions/v1/sandbox/a/functions/v1/apikey/?x"));
  engine.handle(get("/sandbox/a/nothing"));
  CHECK(requests_listed(engine) == "1 (0)");
  auto body = json::parse(send(engine, "GET", "/sandbox/a/__admin/requests").body);
  REQUIRE(body["requests"].size() == 2);
  CHECK(body["requests"][0]["id"] == 1);
  CHECK(body["requests"][0]["path"] == "/apikey/");
  CHECK(body["requests"][0]["query"] == "x");
  CHECK(body["requests"][1]["path"] == "/nothing");
  CHECK(ask(engine, "DELETE", "/sandbox/a/__admin/requests") == R"(200 {"removed":2})");
  CHECK(requests_listed(engine) == "1 (0)");
  CHECK(ask(engine, "GET", "/sandbox/b/__admin/requests") == R"(200 {"requests":[],"dropped":0})");
}

TEST_CASE("a HEAD is journalled as HEAD, and returns the journal like GET") {
  engine::Engine engine = test_engine::make_engine();
  http::Request head = get("/apikey/");
  head.method = "HEAD";
  engine.handle(head);
  CHECK(newest(engine, "method") == "\"HEAD\"");
  auto response = json::parse(newest(engine, "response"));
  CHECK(response["body"] == "");
  CHECK(!response.contains("body_size"));
  CHECK(requests_listed(engine, "?method=HEAD") == "1 (0)");
  CHECK(requests_listed(engine, "?method=GET") == "(0)");
  CHECK(ask(engine, "HEAD", kRequests) == ask(engine, "GET", kRequests));
  CHECK(requests_listed(engine) == "1 (0)");
}

TEST_CASE("a path is found however it is percent-encoded, by rules, the filter and verify") {
  test_engine::Options options;
  options.scenarios = {R"({"rules":[{"on":"GET /apikey/caf%C3%A9","times":2,"error":"not_found"},)"
                       "{\"on\":\"GET /apikey/caf\xC3\xA9\",\"error\":\"rate_limited\"}]}"};
  engine::Engine engine = test_engine::make_engine(options);
  const std::vector<std::string> sent = {"/apikey/caf%C3%A9", "/%61pikey/caf%c3%a9",
                                         "/apikey/caf\xC3\xA9", "/apikey/caf%C3%A9"};
  std::vector<int> statuses;
  for (const std::string& path : sent) statuses.push_back(engine.handle(get(path)).status);
  CHECK(statuses == std::vector{404, 404, 429, 429});
  for (const std::string path : {"/apikey/caf%C3%A9", "/apikey/caf\xC3\xA9",
                                 "/apikey/caf%25C3%25A9", "/apikey/caf%25c3%25a9*"}) {
    CAPTURE(path);
    CHECK(requests_listed(engine, "?path=" + path) == "1 2 3 4 (0)");
  }
  CHECK(requests_listed(engine, "?path=/apikey/cafe") == "(0)");
  for (const std::string path :
       {"/apikey/caf%C3%A9", "/apikey/caf\xC3\xA9", "/%61pikey/caf%c3%a9"}) {
    CAPTURE(path);
    CHECK(ask(engine, "POST", "/__admin/verify", R"({"on":"GET )" + path + R"(","count":4})") ==
          R"(200 {"verified":true,"count":4})");
  }
}

TEST_CASE("an invalid escape in a path is compared as it is") {
  engine::Engine engine = test_engine::make_engine();
  for (const std::string path : {"/%", "/%2", "/%zz", "/a%", "/%2541", "/a%2fb"}) {
    CAPTURE(path);
    send(engine, "DELETE", kRequests);
    engine.handle(get(path));
    CHECK(ask(engine, "POST", "/__admin/verify", R"({"on":"GET )" + path + R"(","count":1})") ==
          R"(200 {"verified":true,"count":1})");
  }
  engine.handle(get("/%2"));
  CHECK(requests_listed(engine, "?path=/%2").find(" ") != std::string::npos);
  CHECK(requests_listed(engine, "?path=/%252").find(" ") != std::string::npos);
}
