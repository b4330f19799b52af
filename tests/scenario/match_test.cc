#include "scenario/match.h"

#include <doctest/doctest.h>

#include <array>

#include "scenario/loading.h"
#include "scenario/test_request.h"

namespace {

using scenario::ActiveScenarios;
using scenario_tests::firing_rule;
using scenario_tests::shared;
using scenario_tests::TestRequest;
using scenario_tests::with_rules;

/// Returns whether a rule with this `on` and this `match` fires for the request.
bool fires(const std::string& on, const std::string& match, const TestRequest& request) {
  ActiveScenarios scenarios(1);
  scenarios.add(shared(
      with_rules(R"({"on": ")" + on + R"(", "error": "server_error", "match": )" + match + "}")));
  return firing_rule(scenarios, request) != "none";
}

bool fires_on(const std::string& on, const TestRequest& request) {
  return fires(on, "{}", request);
}

/// Returns whether a rule that matches `id` fires for a delete of the id `sent`.
bool matches_id(const std::string& id, const std::string& sent) {
  return fires("DELETE /apikey/:id/", "{\"id\": " + id + "}",
               {.method = "DELETE", .target = "/apikey/" + sent});
}

/// Returns whether a rule that matches the body `expected` fires for a create with the body `sent`.
bool matches_body(const std::string& expected, const std::string& sent) {
  return fires("POST /apikey/", "{\"body\": " + expected + "}", {.method = "POST", .body = sent});
}

}  // namespace

TEST_CASE("a rule fires for its method and path only") {
  CHECK(fires_on("GET /apikey/", {}));
  CHECK(fires_on("GET /apikey/", {.target = "/apikey"}));
  CHECK(fires_on("GET /apikey/", {.target = "/apikey/?x=1"}));
  CHECK_FALSE(fires_on("GET /apikey/", {.method = "POST"}));
  CHECK_FALSE(fires_on("GET /apikey/", {.method = "get"}));
  CHECK_FALSE(fires_on("GET /apikey/", {.target = "/apikey/1"}));
  CHECK_FALSE(fires_on("GET /apikey/", {.target = "/other/"}));
  CHECK(fires_on("DELETE /apikey/:id/", {.method = "DELETE", .target = "/apikey/7"}));
}

TEST_CASE("a path in a rule and in a request match in every spelling") {
  struct Row {
    std::string pattern;
    std::string path;
    bool matches;
  };
  for (const Row& row : {
           Row{"/apikey/caf%C3%A9", "/apikey/caf%C3%A9", true},
           Row{"/apikey/caf%c3%a9", "/apikey/caf%C3%A9", true},
           Row{"/apikey/café", "/apikey/caf%C3%A9", true},
           Row{"/apikey/caf%C3%A9", "/apikey/café", true},
           Row{"/caf%C3%A9/*", "/café/1", true},
           Row{"/caf%C3%A9/:id", "/café/1", true},
           Row{"/%61pikey/", "/apikey/", true},
           Row{"/apikey/", "/%61pikey/", true},
           Row{"/a%20b", "/a%20b", true},
           Row{"/a%2Fb", "/a%2fb", true},
           Row{"/a%2Fb", "/a/b", false},
           Row{"/a/b", "/a%2Fb", false},
           Row{"/a%2541", "/a%2541", true},
           Row{"/a%2541", "/a%41", false},
           Row{"/caf%C3%A9", "/cafe", false},
           Row{"/%", "/%", true},
           Row{"/%2", "/%2", true},
           Row{"/%zz", "/%zz", true},
           Row{"/%zz", "/%ZZ", false},
       }) {
    CAPTURE(row.pattern);
    CAPTURE(row.path);
    CHECK(fires_on("GET " + row.pattern, {.target = http::decode_path(row.path)}) == row.matches);
  }
}

TEST_CASE("a path with any escapes, valid or not, matches itself") {
  constexpr std::array<const char*, 16> kParts = {"%",   "%2",  "%zz", "%25", "%2F", "%2f",
                                                  "%41", "%20", "%00", "%C3", "é",   "a",
                                                  "4",   "1",   "/",   ":"};
  base::Random random(1);
  for (int round = 0; round < 2000; ++round) {
    std::string path = "/a";
    for (uint64_t parts = random.next() % 8; parts > 0; --parts) {
      path += kParts[random.next() % kParts.size()];
    }
    std::string decoded = http::decode_path(path);
    if (decoded.find("//") != std::string::npos) continue;  // Matches nothing.
    CAPTURE(path);
    CHECK(fires_on("GET " + path, {.target = decoded}));
  }
}

TEST_CASE("* matches any method, any path, or any end of a path") {
  CHECK(fires_on("* *", {.method = "PATCH", .target = "/any/thing"}));
  CHECK(fires_on("* /apikey/", {.method = "PUT"}));
  CHECK_FALSE(fires_on("* /apikey/", {.target = "/other"}));
  CHECK(fires_on("GET *", {.target = "/other"}));
  CHECK_FALSE(fires_on("GET *", {.method = "POST"}));
  CHECK(fires_on("* /apikey*", {.method = "DELETE", .target = "/apikey/7/"}));
  CHECK_FALSE(fires_on("* /apikey*", {.target = "/api"}));
}

TEST_CASE("a rule for GET also fires for HEAD, and not vice versa") {
  CHECK(fires_on("GET /apikey/", {.method = "HEAD"}));
  CHECK(fires_on("HEAD /apikey/", {.method = "HEAD"}));
  CHECK(fires_on("* /apikey/", {.method = "HEAD"}));
  CHECK_FALSE(fires_on("HEAD /apikey/", {.method = "GET"}));
  CHECK_FALSE(fires_on("POST /apikey/", {.method = "HEAD"}));
}

TEST_CASE("the path is matched without the base path") {
  ActiveScenarios scenarios(1);
  scenarios.add(shared(with_rules(R"({"on": "GET /apikey/", "error": "server_error"})")));
  http::Request request{"GET", "/functions/v1/apikey/", {}, ""};
  json::Body body("");
  scenario::MatchInput without_base{request, body, "GET", "/apikey/"};
  CHECK(scenarios.decide(without_base).has_value());
  scenario::MatchInput with_base{request, body, "GET", request.path()};
  CHECK_FALSE(scenarios.decide(with_base).has_value());
}

TEST_CASE("a number matches an id with leading zeros") {
  for (const std::string same : {"2", "002", "02", "2/", "%32"}) {
    CAPTURE(same);
    CHECK(matches_id("2", same));
  }
  for (const std::string other :
       {"20", "12", "3", "0", "2x", "x2", "+2", "-2", "2.0", "1e0", "%20"}) {
    CAPTURE(other);
    CHECK_FALSE(matches_id("2", other));
  }
  CHECK(matches_id("0", "0"));
  CHECK(matches_id("0", "000"));
  CHECK_FALSE(matches_id("0", "1"));
  CHECK(matches_id("9223372036854775807", "9223372036854775807"));
  CHECK_FALSE(matches_id("1", "18446744073709551617"));
}

TEST_CASE("a string matches only the same id") {
  CHECK(matches_id("\"002\"", "002"));
  CHECK_FALSE(matches_id("\"002\"", "2"));
  CHECK_FALSE(matches_id("\"2\"", "002"));
  CHECK(matches_id("\"ak_1\"", "ak_1"));
  CHECK(matches_id("\"ak/1\"", "ak%2F1"));
  CHECK_FALSE(matches_id("\"ak_1\"", "AK_1"));
}

TEST_CASE("a key matches the caller's secret") {
  const std::string match = R"({"key": "ak_1"})";
  CHECK(fires("* *", match, {.secret = "ak_1"}));
  CHECK_FALSE(fires("* *", match, {.secret = "ak_12"}));
  CHECK_FALSE(fires("* *", match, {.secret = "AK_1"}));
  CHECK_FALSE(fires("* *", match, {}));
}

TEST_CASE("a mode matches the same mode of the caller's key, not higher ones") {
  using capgo::KeyMode;
  const std::string match = R"({"mode": "write"})";
  CHECK(fires("* *", match, {.mode = KeyMode::write}));
  for (KeyMode other : {KeyMode::read, KeyMode::upload, KeyMode::all}) {
    CHECK_FALSE(fires("* *", match, {.mode = other}));
  }
  CHECK_FALSE(fires("* *", match, {}));
}

TEST_CASE("the mode of the caller is looked up only if a rule needs it") {
  ActiveScenarios scenarios(1);
  scenarios.add(shared(with_rules(R"(
    {"on": "DELETE *", "match": {"mode": "all"}, "error": "server_error"},
    {"on": "GET *", "match": {"key": "ak_1"}, "error": "server_error"})")));
  int lookups = 0;
  auto mode = [&lookups] {
    ++lookups;
    return std::optional(capgo::KeyMode::all);
  };
  http::Request request{"GET", "/apikey/", {}, ""};
  json::Body body("");
  scenario::MatchInput get{request, body, "GET", "/apikey/", "ak_1", mode};
  CHECK(scenarios.decide(get).has_value());
  CHECK(lookups == 0);
  scenario::MatchInput remove{request, body, "DELETE", "/apikey/1", "ak_1", mode};
  CHECK(scenarios.decide(remove).has_value());
  CHECK(lookups == 1);
}

TEST_CASE("headers match by name in any case and by their exact value") {
  const std::string match = R"({"header": {"X-Test": "One", "Accept": ""}})";
  auto with = [&](http::Headers headers) {
    return fires("* *", match, {.headers = std::move(headers)});
  };
  CHECK(with({{"x-TEST", "One"}, {"accept", ""}, {"Other", "1"}}));
  CHECK_FALSE(with({{"X-Test", "one"}, {"Accept", ""}}));
  CHECK_FALSE(with({{"X-Test", "One "}, {"Accept", ""}}));
  CHECK_FALSE(with({{"X-Test", "One"}}));
  CHECK_FALSE(with({{"Accept", ""}}));
  CHECK_FALSE(with({}));
}

TEST_CASE("a header with several lines matches by any line, or by all joined") {
  auto with = [](const std::string& expected) {
    return fires("* *", R"({"header": {"X-Test": ")" + expected + R"("}})",
                 {.headers = {{"X-Test", "one"}, {"Other", "1"}, {"x-test", "two"}}});
  };
  CHECK(with("one"));
  CHECK(with("one, two"));
  CHECK(with("two"));
  CHECK_FALSE(with("one,two"));
  CHECK_FALSE(with("1"));
}

TEST_CASE("query fields are decoded before they are compared") {
  const std::string match = R"({"query": {"a": "1", "b": "x y"}})";
  auto with = [&](const std::string& query) {
    return fires("* *", match, {.target = "/apikey/" + query});
  };
  CHECK(with("?a=1&b=x+y"));
  CHECK(with("?b=x%20y&c=3&%61=1"));
  CHECK_FALSE(with("?a=1"));
  CHECK_FALSE(with("?a=1&b=xy"));
  CHECK_FALSE(with("?a=11&b=x+y"));
  CHECK_FALSE(with(""));
}

TEST_CASE("a body that is not JSON matches no expected body") {
  CHECK_FALSE(matches_body("{}", ""));
  CHECK_FALSE(matches_body("{}", "{"));
  CHECK_FALSE(matches_body("\"x\"", "x"));
  CHECK(matches_body("{}", "{\"a\": 1}"));
  CHECK(matches_body("\"x\"", "\"x\""));
}

TEST_CASE("an expected body matches bodies with more members; other values must be equal") {
  CHECK(matches_body("{}", "{}"));
  CHECK(matches_body("{}", R"({"a": 1})"));
  CHECK(matches_body(R"({"a": {}})", R"({"a": {"b": 1}})"));
  CHECK(matches_body(R"({"a": {"b": 1}})", R"({"a": {"c": 2, "b": 1}, "d": 3})"));
  CHECK(matches_body(R"({"a": null})", R"({"a": null})"));
  CHECK(matches_body("[1, 2]", "[1, 2]"));
  CHECK_FALSE(matches_body(R"({"a": 1})", "{}"));
  CHECK_FALSE(matches_body(R"({"a": null})", "{}"));
  CHECK_FALSE(matches_body(R"({"a": 1})", R"({"a": "1"})"));
  CHECK_FALSE(matches_body(R"({"a": {}})", R"({"a": []})"));
  CHECK_FALSE(matches_body("{}", "[]"));
  CHECK_FALSE(matches_body("{}", "null"));
  CHECK_FALSE(matches_body("[1]", "[1, 2]"));
  CHECK_FALSE(matches_body("[2, 1]", "[1, 2]"));
  CHECK_FALSE(matches_body("[]", "{}"));
  CHECK_FALSE(matches_body(R"([{"a": 1}])", R"([{"a": 1, "b": 2}])"));
  CHECK_FALSE(matches_body("true", "1"));
}
