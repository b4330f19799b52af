#include <doctest/doctest.h>

#include <variant>
#include <vector>

#include "json/body.h"
#include "scenario/loading.h"

namespace {

using capgo::ErrorName;
using http::Fault;
using scenario::Rule;
using scenario::Scenario;
using scenario_tests::loaded;
using scenario_tests::with_rules;

/// The one rule of a scenario that must have no problem.
Rule rule_of(const std::string& rule) {
  Scenario scenario = with_rules(rule);
  REQUIRE(scenario.rules.size() == 1);
  return scenario.rules[0];
}

/// The act of a rule with these fields beside `on`.
scenario::Effect act_of(const std::string& fields) {
  return rule_of(R"({"on": "* *", )" + fields + "}").effect;
}

/// The headers of an answer, as they would stand in a message.
std::string shown(const http::Headers& headers) {
  std::string text;
  for (const http::Header& line : headers) text += line.name + ": " + line.value + "\n";
  return text;
}

}  // namespace

TEST_CASE("the scenario of the design is read rule by rule") {
  Scenario scenario = loaded(R"({
  "$schema": "./scenario.schema.json",
  "name": "flaky-create",
  "description": "The first create fails, the second is slow, then all succeed",
  "rules": [
    {"on": "POST /apikey/", "times": 1, "error": "permission_denied"},
    {"on": "POST /apikey/", "times": 1, "delay": {"milliseconds": 800}},
    {"on": "DELETE /apikey/:id/", "match": {"id": 2}, "error": "key_not_found"},
    {"on": "* *", "probability": 0.05, "respond": {"status": 503, "headers": {"Retry-After": "1"},
     "body": {"error": "Service unavailable", "status": "KO"}}}
  ]
})");
  CHECK(scenario.name == "flaky-create");
  CHECK(scenario.description == "The first create fails, the second is slow, then all succeed");
  REQUIRE(scenario.rules.size() == 4);
  const auto& rules = scenario.rules;
  CHECK(rules[0].on.method == "POST");
  CHECK(rules[0].on.path == "/apikey/");
  CHECK(rules[0].times == 1);
  CHECK((rules[0].effect.error == ErrorName::permission_denied));
  REQUIRE(rules[1].effect.delay.has_value());
  CHECK(rules[1].effect.delay->first == 800);
  CHECK_FALSE(rules[1].effect.error.has_value());
  CHECK(rules[2].on.method == "DELETE");
  CHECK(rules[2].on.path == "/apikey/:id/");
  CHECK(std::get<int64_t>(rules[2].on.match.id) == 2);
  CHECK((rules[2].effect.error == ErrorName::key_not_found));
  CHECK(rules[3].on.method == "*");
  CHECK(rules[3].on.path == "*");
  CHECK(rules[3].probability == 0.05);
  REQUIRE(rules[3].effect.respond.has_value());
  CHECK(rules[3].effect.respond->status == 503);
  CHECK(shown(rules[3].effect.respond->headers) ==
        "Retry-After: 1\nContent-Type: application/json\n");
  CHECK(rules[3].effect.respond->body == R"({"error":"Service unavailable","status":"KO"})");
}

TEST_CASE("a rule that says no more than it must matches always and acts always") {
  Rule rule = rule_of(R"({"on": "* *", "error": "server_error"})");
  CHECK(std::holds_alternative<std::monostate>(rule.on.match.id));
  CHECK_FALSE(rule.on.match.key.has_value());
  CHECK_FALSE(rule.on.match.mode.has_value());
  CHECK(rule.on.match.headers.empty());
  CHECK(rule.on.match.query.empty());
  CHECK_FALSE(rule.on.match.body.has_value());
  CHECK(rule.skip == 0);
  CHECK_FALSE(rule.times.has_value());
  CHECK(rule.every == 1);
  CHECK(rule.probability == 1);
  CHECK_FALSE(rule.effect.respond.has_value());
  CHECK_FALSE(rule.effect.delay.has_value());
  CHECK_FALSE(rule.effect.fault.has_value());
  CHECK_FALSE(rule.effect.dribble.has_value());
}

TEST_CASE("a scenario without a name is called after its file") {
  auto name_from = [](const std::string& file, const std::string& text) {
    auto scenario = scenario::load_scenario(file, text);
    CHECK(scenario.problems.empty());
    return scenario.scenario.name;
  };
  CHECK(name_from("scenarios/flaky-create.json", R"({"rules": []})") == "flaky-create");
  CHECK(name_from("flaky-create.json", R"({"rules": [], "name": null})") == "flaky-create");
  CHECK(name_from("/a.json/b/no-suffix", R"({"rules": []})") == "no-suffix");
  CHECK(name_from("flaky-create.json", R"({"rules": [], "name": "own"})") == "own");
}

TEST_CASE("a scenario may have no description and no rules") {
  Scenario scenario = loaded(R"({"rules": []})");
  CHECK(scenario.name == "s");
  CHECK(scenario.description.empty());
  CHECK(scenario.rules.empty());
}

TEST_CASE("on is a method and a path, a star standing for any") {
  auto on = [](const std::string& text) {
    Rule rule = rule_of(R"({"on": ")" + text + R"(", "error": "server_error"})");
    return rule.on.method + "|" + rule.on.path;
  };
  CHECK(on("POST /apikey/") == "POST|/apikey/");
  CHECK(on("DELETE /apikey/:id/") == "DELETE|/apikey/:id/");
  CHECK(on("* *") == "*|*");
  CHECK(on("GET *") == "GET|*");
  CHECK(on("* /apikey*") == "*|/apikey*");
  CHECK(on("M-SEARCH /") == "M-SEARCH|/");
}

TEST_CASE("a match is read field by field") {
  Rule rule = rule_of(R"({"on": "* /apikey/:id", "error": "server_error", "match": {
    "id": "ak_1", "key": "ak_123", "mode": "upload",
    "header": {"X-One": "1", "x-two": ""}, "query": {"a": "1", "b": "x y"},
    "body": {"name": "CI", "tags": [1, null]}}})");
  CHECK(std::get<std::string>(rule.on.match.id) == "ak_1");
  CHECK(rule.on.match.key == "ak_123");
  CHECK((rule.on.match.mode == capgo::KeyMode::upload));
  REQUIRE(rule.on.match.headers.size() == 2);
  CHECK(rule.on.match.headers[0].name + ":" + rule.on.match.headers[0].value == "X-One:1");
  CHECK(rule.on.match.headers[1].name + ":" + rule.on.match.headers[1].value == "x-two:");
  std::vector<std::pair<std::string, std::string>> query = {{"a", "1"}, {"b", "x y"}};
  CHECK((rule.on.match.query == query));
  REQUIRE(rule.on.match.body.has_value());
  CHECK(*rule.on.match.body == json::parse(R"({"name": "CI", "tags": [1, null]})"));
}

TEST_CASE("counts and chances are read, both ends of their ranges included") {
  Rule least = rule_of(
      R"({"on": "* *", "error": "server_error", "skip": 0, "times": 1, "every": 1,
          "probability": 0})");
  CHECK(least.skip == 0);
  CHECK(least.times == 1);
  CHECK(least.every == 1);
  CHECK(least.probability == 0);
  Rule most = rule_of(
      R"({"on": "* *", "error": "server_error", "skip": 1000000000, "times": 1000000000,
          "every": 1000000000, "probability": 1.0})");
  CHECK(most.skip == 1'000'000'000);
  CHECK(most.times == 1'000'000'000);
  CHECK(most.every == 1'000'000'000);
  CHECK(most.probability == 1);
}

TEST_CASE("every error can be asked for by its name") {
  for (std::string_view name : base::kNames<capgo::ErrorName>) {
    CAPTURE(name);
    CHECK((act_of("\"error\": \"" + std::string(name) + "\"").error ==
           base::parse_name<capgo::ErrorName>(name)));
  }
}

TEST_CASE("every fault can be asked for by its name") {
  CHECK(
      (act_of(R"("fault": "CONNECTION_RESET_BY_PEER")").fault == Fault::connection_reset_by_peer));
  CHECK((act_of(R"("fault": "EMPTY_RESPONSE")").fault == Fault::empty_response));
  CHECK(
      (act_of(R"("fault": "MALFORMED_RESPONSE_CHUNK")").fault == Fault::malformed_response_chunk));
  CHECK((act_of(R"("fault": "RANDOM_DATA_THEN_CLOSE")").fault == Fault::random_data_then_close));
  CHECK((act_of(R"("fault": "HANG")").fault == Fault::hang));
}

TEST_CASE("delays are fixed, uniform or lognormal") {
  auto delay_of = [](const std::string& json) {
    return act_of("\"delay\": " + json).delay.value();
  };
  using Type = scenario::Delay::Type;
  auto check = [&](const std::string& json, Type type, double first, double second) {
    CAPTURE(json);
    scenario::Delay delay = delay_of(json);
    CHECK((delay.type == type));
    CHECK(delay.first == first);
    CHECK(delay.second == second);
  };
  check(R"({"milliseconds": 1.5})", Type::fixed, 1.5, 0);
  check(R"({"type": "fixed", "milliseconds": 0})", Type::fixed, 0, 0);
  check(R"({"type": "uniform", "lower": 5, "upper": 600000})", Type::uniform, 5, 600'000);
  check(R"({"type": "uniform", "upper": 7, "lower": 7})", Type::uniform, 7, 7);
  check(R"({"type": "lognormal", "median": 80, "sigma": 0.4})", Type::lognormal, 80, 0.4);
}

TEST_CASE("a dribble is a number of chunks over a time") {
  auto dribble = act_of(R"("dribble": {"chunks": 5, "milliseconds": 1000})").dribble;
  REQUIRE(dribble.has_value());
  CHECK(dribble->chunks == 5);
  CHECK(dribble->over == std::chrono::milliseconds{1000});
}

TEST_CASE("an answer is JSON unless its body is a string, or it says what it is") {
  auto respond = [](const std::string& json) {
    return act_of("\"respond\": " + json).respond.value();
  };
  auto empty = respond("{}");
  CHECK(empty.status == 200);
  CHECK(empty.headers.empty());
  CHECK(empty.body.empty());
  auto object = respond(R"({"status": 201, "body": {"z": 1, "a": "\u20ac"}})");
  CHECK(object.status == 201);
  CHECK(shown(object.headers) == "Content-Type: application/json\n");
  CHECK(object.body == "{\"z\":1,\"a\":\"\u20AC\"}");
  auto text = respond(R"({"body": "<h1>"})");
  CHECK(shown(text.headers) == "Content-Type: text/plain\n");
  CHECK(text.body == "<h1>");
  auto page = respond(R"({"body": "<h1>", "headers": {"X": "1", "content-type": "text/html"}})");
  CHECK(shown(page.headers) == "X: 1\ncontent-type: text/html\n");
  CHECK(respond(R"({"body": [1, false]})").body == "[1,false]");
  CHECK(respond(R"({"body": 0})").body == "0");
  CHECK(respond(R"({"status": 204})").status == 204);
}

TEST_CASE("acts other than error and respond may go together with either") {
  auto effect = act_of(R"("error": "rate_limited", "delay": {"milliseconds": 5}, "fault": "HANG",
                       "dribble": {"chunks": 1, "milliseconds": 0})");
  CHECK((effect.error == ErrorName::rate_limited));
  CHECK(effect.delay.has_value());
  CHECK((effect.fault == Fault::hang));
  CHECK(effect.dribble.has_value());
  CHECK_FALSE(effect.respond.has_value());
}

TEST_CASE("a field that is null counts as absent in a scenario too") {
  Rule rule = rule_of(R"({"on": "* *", "match": null, "skip": null, "times": null, "every": null,
    "probability": null, "error": "server_error", "respond": null, "delay": null, "fault": null,
    "dribble": null})");
  CHECK_FALSE(rule.times.has_value());
  CHECK(rule.every == 1);
  CHECK(rule.probability == 1);
  CHECK_FALSE(rule.effect.respond.has_value());
  CHECK_FALSE(rule.effect.delay.has_value());
  Rule matching = rule_of(R"({"on": "* *", "error": "server_error", "match": {"id": null,
    "key": null, "mode": null, "header": null, "query": null, "body": null}})");
  CHECK(std::holds_alternative<std::monostate>(matching.on.match.id));
  CHECK_FALSE(matching.on.match.body.has_value());
}
