#include "scenario/match.h"

#include <doctest/doctest.h>

#include "scenario/asking.h"
#include "scenario/loading.h"

namespace {

using scenario::ActiveScenarios;
using scenario_tests::acting;
using scenario_tests::Question;
using scenario_tests::shared;
using scenario_tests::with_rules;

/// Whether a rule on this, with this match as JSON text, acts on the request.
bool acts(const std::string& on, const std::string& match, const Question& question) {
  ActiveScenarios rulebook(1);
  rulebook.add(shared(
      with_rules(R"({"on": ")" + on + R"(", "error": "server_error", "match": )" + match + "}")));
  return acting(rulebook, question) != "none";
}

bool acts_on(const std::string& on, const Question& question) { return acts(on, "{}", question); }

/// Whether a rule that matches the id acts on a delete of this id, as it stands in the path.
bool matches_id(const std::string& id, const std::string& sent) {
  return acts("DELETE /apikey/:id/", "{\"id\": " + id + "}",
              {.method = "DELETE", .target = "/apikey/" + sent});
}

/// Whether a rule that matches the body acts on a create with this body.
bool matches_body(const std::string& wanted, const std::string& sent) {
  return acts("POST /apikey/", "{\"body\": " + wanted + "}", {.method = "POST", .body = sent});
}

}  // namespace

TEST_CASE("a rule acts on its method and path only") {
  CHECK(acts_on("GET /apikey/", {}));
  CHECK(acts_on("GET /apikey/", {.target = "/apikey"}));
  CHECK(acts_on("GET /apikey/", {.target = "/apikey/?x=1"}));
  CHECK_FALSE(acts_on("GET /apikey/", {.method = "POST"}));
  CHECK_FALSE(acts_on("GET /apikey/", {.method = "get"}));
  CHECK_FALSE(acts_on("GET /apikey/", {.target = "/apikey/1"}));
  CHECK_FALSE(acts_on("GET /apikey/", {.target = "/other/"}));
  CHECK(acts_on("DELETE /apikey/:id/", {.method = "DELETE", .target = "/apikey/7"}));
}

TEST_CASE("a star stands for any method, any path, or any end of a path") {
  CHECK(acts_on("* *", {.method = "PATCH", .target = "/any/thing"}));
  CHECK(acts_on("* /apikey/", {.method = "PUT"}));
  CHECK_FALSE(acts_on("* /apikey/", {.target = "/other"}));
  CHECK(acts_on("GET *", {.target = "/other"}));
  CHECK_FALSE(acts_on("GET *", {.method = "POST"}));
  CHECK(acts_on("* /apikey*", {.method = "DELETE", .target = "/apikey/7/"}));
  CHECK_FALSE(acts_on("* /apikey*", {.target = "/api"}));
}

TEST_CASE("what is meant for GET is meant for HEAD too, not the other way round") {
  CHECK(acts_on("GET /apikey/", {.method = "HEAD"}));
  CHECK(acts_on("HEAD /apikey/", {.method = "HEAD"}));
  CHECK(acts_on("* /apikey/", {.method = "HEAD"}));
  CHECK_FALSE(acts_on("HEAD /apikey/", {.method = "GET"}));
  CHECK_FALSE(acts_on("POST /apikey/", {.method = "HEAD"}));
}

TEST_CASE("the path is the one without the base path, whatever the target says") {
  ActiveScenarios rulebook(1);
  rulebook.add(shared(with_rules(R"({"on": "GET /apikey/", "error": "server_error"})")));
  http::Request request{"GET", "/functions/v1/apikey/", {}, ""};
  json::Body body("");
  scenario::MatchInput without_base{request, body, "GET", "/apikey/"};
  CHECK(rulebook.decide(without_base).has_value());
  scenario::MatchInput with_base{request, body, "GET", request.path()};
  CHECK_FALSE(rulebook.decide(with_base).has_value());
}

TEST_CASE("a number matches any writing of the id") {
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

TEST_CASE("a text matches only itself as the id") {
  CHECK(matches_id("\"002\"", "002"));
  CHECK_FALSE(matches_id("\"002\"", "2"));
  CHECK_FALSE(matches_id("\"2\"", "002"));
  CHECK(matches_id("\"ak_1\"", "ak_1"));
  CHECK(matches_id("\"ak/1\"", "ak%2F1"));
  CHECK_FALSE(matches_id("\"ak_1\"", "AK_1"));
}

TEST_CASE("a key is matched by the caller's secret") {
  const std::string match = R"({"key": "ak_1"})";
  CHECK(acts("* *", match, {.secret = "ak_1"}));
  CHECK_FALSE(acts("* *", match, {.secret = "ak_12"}));
  CHECK_FALSE(acts("* *", match, {.secret = "AK_1"}));
  CHECK_FALSE(acts("* *", match, {}));
}

TEST_CASE("a mode is matched by that of the caller's key, not by the ladder") {
  using capgo::KeyMode;
  const std::string match = R"({"mode": "write"})";
  CHECK(acts("* *", match, {.mode = KeyMode::write}));
  for (KeyMode other : {KeyMode::read, KeyMode::upload, KeyMode::all}) {
    CHECK_FALSE(acts("* *", match, {.mode = other}));
  }
  CHECK_FALSE(acts("* *", match, {}));
}

TEST_CASE("the mode of the caller is asked for only if a rule wants to know") {
  ActiveScenarios rulebook(1);
  rulebook.add(shared(with_rules(R"(
    {"on": "DELETE *", "match": {"mode": "all"}, "error": "server_error"},
    {"on": "GET *", "match": {"key": "ak_1"}, "error": "server_error"})")));
  int asked = 0;
  auto mode = [&asked] {
    ++asked;
    return std::optional(capgo::KeyMode::all);
  };
  http::Request request{"GET", "/apikey/", {}, ""};
  json::Body body("");
  scenario::MatchInput get{request, body, "GET", "/apikey/", "ak_1", mode};
  CHECK(rulebook.decide(get).has_value());
  CHECK(asked == 0);
  scenario::MatchInput remove{request, body, "DELETE", "/apikey/1", "ak_1", mode};
  CHECK(rulebook.decide(remove).has_value());
  CHECK(asked == 1);
}

TEST_CASE("headers are matched by name in any case and by their exact value") {
  const std::string match = R"({"header": {"X-Test": "One", "Accept": ""}})";
  auto with = [&](http::Headers headers) {
    return acts("* *", match, {.headers = std::move(headers)});
  };
  CHECK(with({{"x-TEST", "One"}, {"accept", ""}, {"Other", "1"}}));
  CHECK_FALSE(with({{"X-Test", "one"}, {"Accept", ""}}));
  CHECK_FALSE(with({{"X-Test", "One "}, {"Accept", ""}}));
  CHECK_FALSE(with({{"X-Test", "One"}}));
  CHECK_FALSE(with({{"Accept", ""}}));
  CHECK_FALSE(with({}));
}

TEST_CASE("a header of several lines is matched by its first line, or by all joined") {
  auto with = [](const std::string& wanted) {
    return acts("* *", R"({"header": {"X-Test": ")" + wanted + R"("}})",
                {.headers = {{"X-Test", "one"}, {"Other", "1"}, {"x-test", "two"}}});
  };
  CHECK(with("one"));
  CHECK(with("one, two"));
  CHECK_FALSE(with("two"));
  CHECK_FALSE(with("one,two"));
}

TEST_CASE("fields of the query are matched decoded") {
  const std::string match = R"({"query": {"a": "1", "b": "x y"}})";
  auto with = [&](const std::string& query) {
    return acts("* *", match, {.target = "/apikey/" + query});
  };
  CHECK(with("?a=1&b=x+y"));
  CHECK(with("?b=x%20y&c=3&%61=1"));
  CHECK_FALSE(with("?a=1"));
  CHECK_FALSE(with("?a=1&b=xy"));
  CHECK_FALSE(with("?a=11&b=x+y"));
  CHECK_FALSE(with(""));
}

TEST_CASE("a body is matched by what it must have, more being free") {
  const std::string wanted = R"({"mode": "all", "more": {"deep": [1, {"a": null}]}})";
  CHECK(matches_body(wanted, wanted));
  CHECK(matches_body(wanted, R"({"name": "x", "more": {"x": 1, "deep": [1, {"a": null}]},
                                 "mode": "all"})"));
  CHECK_FALSE(matches_body(wanted, R"({"mode": "all"})"));
  CHECK_FALSE(matches_body(wanted, R"({"mode": "all", "more": {"deep": [1]}})"));
  CHECK_FALSE(matches_body(wanted, R"({"mode": "read", "more": {"deep": [1, {"a": null}]}})"));
  CHECK_FALSE(matches_body(wanted, "[]"));
}

TEST_CASE("a body that is not JSON matches no wanted body") {
  CHECK_FALSE(matches_body("{}", ""));
  CHECK_FALSE(matches_body("{}", "{"));
  CHECK_FALSE(matches_body("\"x\"", "x"));
  CHECK(matches_body("{}", "{\"a\": 1}"));
  CHECK(matches_body("\"x\"", "\"x\""));
}

TEST_CASE("a rule acts only where all of its match fits") {
  const std::string match =
      R"({"id": 2, "key": "ak_1", "mode": "all", "header": {"X": "1"}, "query": {"q": "1"},
          "body": {"a": 1}})";
  const Question all = {.method = "DELETE",
                        .target = "/apikey/2?q=1",
                        .headers = {{"X", "1"}},
                        .body = R"({"a": 1})",
                        .secret = "ak_1",
                        .mode = capgo::KeyMode::all};
  auto acts_with = [&](auto change) {
    Question question = all;
    change(question);
    return acts("DELETE /apikey/:id/", match, question);
  };
  CHECK(acts_with([](Question&) {}));
  CHECK_FALSE(acts_with([](Question& question) { question.target = "/apikey/3?q=1"; }));
  CHECK_FALSE(acts_with([](Question& question) { question.target = "/apikey/2?q=2"; }));
  CHECK_FALSE(acts_with([](Question& question) { question.headers = {{"X", "2"}}; }));
  CHECK_FALSE(acts_with([](Question& question) { question.body = R"({"a": 2})"; }));
  CHECK_FALSE(acts_with([](Question& question) { question.secret = "ak_2"; }));
  CHECK_FALSE(acts_with([](Question& question) { question.mode = capgo::KeyMode::read; }));
}

TEST_CASE("a wanted body has members of objects by name, and everything else alike") {
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
