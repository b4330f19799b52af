#include "engine/engine.h"

#include <doctest/doctest.h>

#include <atomic>
#include <set>
#include <thread>

#include "engine/requests.h"

using engine_tests::create;
using engine_tests::get;
using engine_tests::header;
using engine_tests::with_header;

namespace {

constexpr std::string_view kServerErrorBody = R"({"error":"Internal server error","status":"KO"})";

}  // namespace

TEST_CASE("secrets do not depend on how many requests came before") {
  engine::Engine quiet = test_engine::make_engine();
  engine::Engine busy = test_engine::make_engine();
  for (int i = 0; i < 10; ++i) busy.handle(get("/apikey/"));
  CHECK(quiet.handle(create()).body == busy.handle(create()).body);
}

TEST_CASE("the journals of all sandboxes are listed as by the control API, one request a line") {
  engine::Engine engine = test_engine::make_engine();
  engine.handle(get("/apikey/"));
  engine.handle(get("/sandbox/b/apikey/"));
  engine.handle(create("k", "/sandbox/a"));
  engine.handle(engine_tests::request_of("OPTIONS", "/sandbox/a/apikey/"));
  std::string expected = "{\"sandboxes\":[";
  for (const std::string name : {"", "a", "b"}) {
    const std::string below = name.empty() ? "" : "/sandbox/" + name;
    auto list = [&](const std::string& query) {
      std::string body =
          engine_tests::send(engine, "GET", below + "/__admin/requests" + query).body;
      constexpr size_t kBegin = std::string_view("{\"requests\":[").size();
      return body.substr(kBegin, body.rfind("],\"dropped\":0}") - kBegin);
    };
    expected += (name.empty() ? "{\"name\":null" : ",{\"name\":\"" + name + "\"") +
                ",\"requests\":[\n" + list("") +
                (name == "a" ? ",\n" + list("?method=OPTIONS") : "") + "],\"dropped\":0}";
  }
  CHECK(engine.journals() == expected + "]}\n");
}

TEST_CASE("HEAD has the same response as GET") {
  engine::Engine engine = test_engine::make_engine();
  http::Request head = get("/apikey/");
  head.method = "HEAD";
  CHECK(engine.handle(head).status == 200);
  CHECK(engine.handle(head).body == engine.handle(get("/apikey/")).body);
  head.headers.set("authorization", "ak_none");
  CHECK(engine.handle(head).status == 401);
}

TEST_CASE("every response has a Date; web pages may read all but control calls and the 421") {
  test_engine::Options options;
  options.max_sandboxes = 0;
  options.scenarios = {R"({"rules":[{"on":"PUT *","respond":{"status":503}}]})"};
  engine::Engine engine = test_engine::make_engine(options);
  http::Request malformed = get("/apikey/");
  malformed.headers.add("X-Mock-Scenario", "none");
  for (const http::Request& request :
       {get("/"), get("/apikey/"), get("/apikey/", "ak_none"), get("/nothing"), malformed,
        get("/sandbox/a/apikey/"), get("/sandbox/a:b/apikey/"), http::Request{"PUT", "/x", {}, ""},
        http::Request{"OPTIONS", "/apikey/", {}, ""}}) {
    CAPTURE(request.method + " " + request.target);
    const http::Response response =
        engine.handle(engine_tests::with_header(request, "X-Request-Id", "r"));
    CHECK(header(response, "Date") == "Mon, 12 Feb 2024 00:00:00 GMT");
    CHECK(header(response, "Access-Control-Allow-Origin") == "*");
    CHECK(header(response, "Access-Control-Expose-Headers").find("X-Mock-Reason") !=
          std::string::npos);
    CHECK(header(response, "X-Request-Id") == "r");
    CHECK(header(response, "X-Mock-Contract") == "documented");
  }
  for (const http::Request& request :
       {get("/__admin/health"), get("/__admin/nothing"), get("/sandbox/a/__admin/clock"),
        http::Request{"GET", "/apikey/", {{"Host", "evil.example"}}, ""}}) {
    CAPTURE(request.target);
    const http::Response response = engine.handle(request);
    CHECK(header(response, "Date") == "Mon, 12 Feb 2024 00:00:00 GMT");
    CHECK(header(response, "Access-Control-Allow-Origin") == "(absent)");
    CHECK(header(response, "X-Mock-Contract") == "(absent)");
  }
}

TEST_CASE("the Date is that of the sandbox") {
  engine::Engine engine = test_engine::make_engine();
  engine_tests::send(engine, "POST", "/sandbox/a/__admin/clock/advance", R"({"by":"31d"})");
  for (const std::string path : {"/apikey/", "/", "/__admin/requests", "/apikey/?x"}) {
    CHECK(header(engine.handle(get("/sandbox/a" + path)), "Date") ==
          "Thu, 14 Mar 2024 00:00:00 GMT");
    CHECK(header(engine.handle(get(path)), "Date") == "Mon, 12 Feb 2024 00:00:00 GMT");
  }
}

TEST_CASE("a header on several lines is one value for the contract") {
  for (const contract::Contract* contract : contract::all()) {
    test_engine::Options options;
    options.contract = contract;
    options.fixture =
        test_engine::read_file("tests/contract/fixture-" + std::string(contract->name) + ".json");
    engine::Engine engine = test_engine::make_engine(options);
    const std::string key = *engine.first_key();
    http::Request request{"GET", "/apikey/", {{"x-api-key", key}}, ""};
    CHECK(engine.handle(request).status == 200);
    request.headers.add("X-Api-Key", key);
    CHECK(engine.handle(request).status == 401);
  }
}

TEST_CASE("X-Mock-Scenario injects an error, and changes nothing") {
  engine::Engine engine = test_engine::make_engine();
  const capgo::Snapshot before = engine.snapshot();
  auto rejected = engine.handle(with_header(create(), "X-Mock-Scenario", "server_error"));
  CHECK(rejected.status == 500);
  CHECK(rejected.body == kServerErrorBody);
  CHECK(header(rejected, "X-Mock-Reason") == "X-Mock-Scenario: error server_error");
  CHECK((engine.snapshot() == before));
  const std::string next_id = std::to_string(before.keys.back().id + 1);
  CHECK(engine.handle(create()).body.starts_with(R"({"apikey":{"id":)" + next_id + ","));
}

TEST_CASE("a rule's error has the contract's message and the rule in the reason") {
  test_engine::Options options;
  options.scenarios = {
      R"({"name":"s","rules":[{"on":"POST /apikey/","times":1,"error":"name_required"}]})"};
  engine::Engine engine = test_engine::make_engine(options);
  auto rejected = engine.handle(create());
  CHECK(rejected.status == 400);
  CHECK(rejected.body == R"({"error":"Name is required","status":"KO"})");
  CHECK(header(rejected, "X-Mock-Reason") == "scenario s, rule 1: error name_required");
  CHECK(header(rejected, "Access-Control-Allow-Origin") == "*");
  CHECK(engine.handle(create()).status == 200);
}

TEST_CASE("the headers of a rule's error replace those of the contract") {
  for (const contract::Contract* contract : contract::all()) {
    test_engine::Options options;
    options.contract = contract;
    options.scenarios = {R"({"rules":[{"on":"* *","times":1,"error":"rate_limited","headers":
        {"retry-after":"1","Content-Type":"text/plain","X-Own":"a"}},
        {"on":"* *","error":"rate_limited"}]})"};
    engine::Engine engine = test_engine::make_engine(options);
    auto own = engine.handle(get("/apikey/"));
    auto usual = engine.handle(get("/apikey/"));
    CHECK(own.status == 429);
    CHECK(own.body == usual.body);
    CHECK(own.headers.find_joined("Retry-After") == "1");
    CHECK(own.headers.find_joined("Content-Type") == "text/plain");
    CHECK(header(own, "X-Own") == "a");
    CHECK(header(own, "X-Mock-Contract") == contract->name);
    CHECK(header(usual, "Content-Type") == "application/json");
    CHECK(header(usual, "X-Own") == "(absent)");
  }
}

TEST_CASE("a literal response is sent unchanged, and its headers have precedence") {
  test_engine::Options options;
  options.scenarios = {R"({"name":"s","rules":[{"on":"GET *","respond":{"status":503,
      "headers":{"Retry-After":"1","X-Request-Id":"mine"},"body":{"z":1,"a":[]}}},
      {"on":"DELETE *","respond":{"status":502,"body":"<h1>Bad gateway</h1>"}}]})"};
  engine::Engine engine = test_engine::make_engine(options);
  auto response = engine.handle(get("/anything"));
  CHECK(response.status == 503);
  CHECK(response.body == R"({"z":1,"a":[]})");
  CHECK(header(response, "Content-Type") == "application/json");
  CHECK(header(response, "Retry-After") == "1");
  CHECK(header(response, "X-Request-Id") == "mine");
  CHECK(header(response, "X-Mock-Reason") == "scenario s, rule 1: respond");
  auto page = engine.handle({"DELETE", "/apikey/1", {}, ""});
  CHECK(page.body == "<h1>Bad gateway</h1>");
  CHECK(header(page, "Content-Type") == "text/plain");
}

TEST_CASE("delay, fault and dribble are data in the normal response") {
  test_engine::Options options;
  options.scenarios = {
      R"({"rules":[{"on":"GET /apikey/","delay":{"milliseconds":800},"fault":"HANG",
                                  "dribble":{"chunks":3,"milliseconds":50}}]})"};
  engine::Engine engine = test_engine::make_engine(options);
  auto response = engine.handle(get("/apikey/"));
  CHECK(response.status == 200);
  CHECK(response.delay == std::chrono::milliseconds{800});
  CHECK(response.fault == http::Fault::hang);
  REQUIRE(response.dribble.has_value());
  CHECK(response.dribble->chunks == 3);
  CHECK(response.dribble->over == std::chrono::milliseconds{50});
  auto other = engine.handle(create());
  CHECK(other.delay == std::chrono::milliseconds{0});
  CHECK(!other.fault.has_value());
}

TEST_CASE("a rule sees the caller's mode and the path's id") {
  test_engine::Options options;
  options.scenarios = {R"({"rules":[
      {"on":"* /apikey*","match":{"mode":"read"},"error":"rate_limited"},
      {"on":"DELETE /apikey/:id/","match":{"id":2,"key":"ak_all"},"error":"server_error"}]})"};
  engine::Engine engine = test_engine::make_engine(options);
  CHECK(engine.handle(get("/apikey/", "ak_read")).status == 429);
  CHECK(engine.handle(get("/apikey/", "ak_write")).status == 403);
  CHECK(engine.handle(get("/apikey/")).status == 200);
  CHECK(engine.handle({"DELETE", "/apikey/2", {{"authorization", "ak_all"}}, ""}).status == 500);
  CHECK(engine.handle({"DELETE", "/apikey/2", {{"authorization", "ak_other"}}, ""}).status == 404);
}

TEST_CASE("a rule with a limit of one fires once, even with many threads") {
  test_engine::Options options;
  options.scenarios = {R"({"rules":[{"on":"* *","skip":100,"times":1,"error":"server_error"}]})"};
  engine::Engine engine = test_engine::make_engine(options);
  std::atomic<int> failures = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < 100; ++j) {
        if (engine.handle(get("/apikey/")).status == 500) ++failures;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(failures == 1);
}

TEST_CASE("keys created by many threads at the same time have unique ids and secrets") {
  test_engine::Options options;
  options.fixture = R"([{"id":9,"key":"ak_all","mode":"all","name":"k"}])";
  engine::Engine engine = test_engine::make_engine(options);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < 50; ++j) engine.handle(create());
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::set<std::string> secrets;
  capgo::Snapshot snapshot = engine.snapshot();
  REQUIRE(snapshot.keys.size() == 1 + 200);
  for (size_t i = 1; i < snapshot.keys.size(); ++i) {
    CHECK(snapshot.keys[i].id == static_cast<int64_t>(9 + i));
    secrets.insert(*snapshot.keys[i].key);
  }
  CHECK(secrets.size() == 200);
}

TEST_CASE("a body nested deeper than the stack is rejected or ignored safely") {
  test_engine::Options options;
  options.scenarios = {
      R"({"rules":[{"on":"POST *","match":{"body":{"x":[[1]]}},"error":"server_error"}]})"};
  engine::Engine engine = test_engine::make_engine(options);
  std::string deep = std::string(200'000, '[') + std::string(200'000, ']');
  http::Request request = create();
  request.body = deep;
  CHECK(engine.handle(request).body == R"({"error":"Invalid JSON body","status":"KO"})");
  request.body = R"({"mode":"read","name":)" + deep + "}";
  CHECK(engine.handle(request).body == R"({"error":"Name must be a string","status":"KO"})");
  request.body = R"({"name":"k","mode":)" + deep + "}";
  CHECK(engine.handle(request).status == 400);
  request.body = R"({"name":"k","mode":"read","limited_to_apps":[)" + deep + "]}";
  CHECK(engine.handle(request).status == 400);
  request.body = R"({"name":"k","mode":"read","x":)" + deep + "}";
  CHECK(engine.handle(request).status == 200);
}
