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

/// The only rule of a valid scenario.
Rule rule_of(const std::string& rule) {
  Scenario scenario = with_rules(rule);
  REQUIRE(scenario.rules.size() == 1);
  return scenario.rules[0];
}

/// The effect of a rule with these fields and `on`.
scenario::Effect effect_of(const std::string& fields) {
  return rule_of(R"({"on": "* *", )" + fields + "}").effect;
}

/// The headers of a response, one per line.
std::string lines_of(const http::Headers& headers) {
  std::string text;
  for (const http::Header& line : headers)
    text.append(line.name).append(": ").append(line.value).append("\n");
  return text;
}

}  // namespace

TEST_CASE("every rule of a scenario is read") {
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
  CHECK(lines_of(rules[3].effect.respond->headers) ==
        "Retry-After: 1\nContent-Type: application/json\n");
  CHECK(rules[3].effect.respond->body == R"({"error":"Service unavailable","status":"KO"})");
}

TEST_CASE("a rule with only the required fields matches and fires always") {
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

TEST_CASE("a scenario without a name has the name of its file") {
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

TEST_CASE("on is a method and a path, or * for any") {
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
  CHECK(lines_of(rule.on.match.headers) == "X-One: 1\nx-two: \n");
  std::vector<std::pair<std::string, std::string>> query = {{"a", "1"}, {"b", "x y"}};
  CHECK((rule.on.match.query == query));
  REQUIRE(rule.on.match.body.has_value());
  CHECK(*rule.on.match.body == json::parse(R"({"name": "CI", "tags": [1, null]})"));
}

TEST_CASE("counts and probabilities are read, including the limits of their ranges") {
  Rule min = rule_of(
      R"({"on": "* *", "error": "server_error", "skip": 0, "times": 1, "every": 1,
          "probability": 0})");
  CHECK(min.skip == 0);
  CHECK(min.times == 1);
  CHECK(min.every == 1);
  CHECK(min.probability == 0);
  Rule max = rule_of(
      R"({"on": "* *", "error": "server_error", "skip": 1000000000, "times": 1000000000,
          "every": 1000000000, "probability": 1.0})");
  CHECK(max.skip == 1'000'000'000);
  CHECK(max.times == 1'000'000'000);
  CHECK(max.every == 1'000'000'000);
  CHECK(max.probability == 1);
}

TEST_CASE("errors and faults are read by their names") {
  for (std::string_view name : base::kNames<capgo::ErrorName>) {
    CAPTURE(name);
    CHECK((effect_of("\"error\": \"" + std::string(name) + "\"").error ==
           base::parse_name<capgo::ErrorName>(name)));
  }
  for (std::string_view name : base::kNames<Fault>) {
    CAPTURE(name);
    CHECK((effect_of("\"fault\": \"" + std::string(name) + "\"").fault ==
           base::parse_name<Fault>(name)));
  }
}

TEST_CASE("delays are fixed, uniform or lognormal") {
  auto delay_of = [](const std::string& json) {
    return effect_of("\"delay\": " + json).delay.value();
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
  auto dribble = effect_of(R"("dribble": {"chunks": 5, "milliseconds": 1000})").dribble;
  REQUIRE(dribble.has_value());
  CHECK(dribble->chunks == 5);
  CHECK(dribble->over == std::chrono::milliseconds{1000});
}

TEST_CASE("a response is JSON unless its body is a string or it has a Content-Type") {
  auto respond = [](const std::string& json) {
    return effect_of("\"respond\": " + json).respond.value();
  };
  auto empty = respond("{}");
  CHECK(empty.status == 200);
  CHECK(empty.headers.empty());
  CHECK(empty.body.empty());
  auto object = respond(R"({"status": 201, "body": {"z": 1, "a": "\u20ac"}})");
  CHECK(object.status == 201);
  CHECK(lines_of(object.headers) == "Content-Type: application/json\n");
  CHECK(object.body == "{\"z\":1,\"a\":\"\u20AC\"}");
  auto text = respond(R"({"body": "<h1>"})");
  CHECK(lines_of(text.headers) == "Content-Type: text/plain\n");
  CHECK(text.body == "<h1>");
  auto page = respond(R"({"body": "<h1>", "headers": {"X": "1", "content-type": "text/html"}})");
  CHECK(lines_of(page.headers) == "X: 1\ncontent-type: text/html\n");
  CHECK(respond(R"({"body": [1, false]})").body == "[1,false]");
  CHECK(respond(R"({"body": 0})").body == "0");
  CHECK(respond(R"({"status": 204})").status == 204);
}

TEST_CASE("an error can be combined with a delay, a fault and a dribble") {
  auto effect = effect_of(R"("error": "rate_limited", "delay": {"milliseconds": 5}, "fault": "HANG",
                       "dribble": {"chunks": 1, "milliseconds": 0})");
  CHECK((effect.error == ErrorName::rate_limited));
  CHECK(effect.delay.has_value());
  CHECK((effect.fault == Fault::hang));
  CHECK(effect.dribble.has_value());
  CHECK_FALSE(effect.respond.has_value());
}

TEST_CASE("a null field of a scenario counts as absent") {
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
