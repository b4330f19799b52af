#include "engine/rule_usage.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "engine/requests.h"
#include "scenario/scenario.h"

using engine::RuleUsage;
using engine_tests::create;
using engine_tests::get;
using engine_tests::send;

namespace {

using Rules = std::vector<std::string>;

const char* const kScenario = R"({"name":"s","rules":[
    {"on":"GET *","times":1,"error":"server_error"},
    {"on":"DELETE /apikey/:id/","error":"key_not_found"}]})";
const std::string kFirst = "s, rule 1: GET *, error server_error";
const std::string kSecond = "s, rule 2: DELETE /apikey/:id/, error key_not_found";

std::shared_ptr<const scenario::Scenario> load(const std::string& text) {
  return std::make_shared<scenario::Scenario>(scenario::load_scenario("test.json", text).scenario);
}

engine::Engine make_engine() {
  test_engine::Options options;
  options.scenarios = {kScenario};
  return test_engine::make_engine(options);
}

/// Evaluates the rules for a GET.
void decide_get(scenario::ActiveScenarios& rules) {
  http::Request request = get("/apikey/");
  json::Body body(request.body);
  scenario::MatchInput input{request, body, "GET", "/apikey/"};
  rules.decide(input);
}

}  // namespace

TEST_CASE("recorded rules that never fired are unused, in the order of scenarios and rules") {
  RuleUsage usage;
  CHECK(usage.unused().empty());
  scenario::ActiveScenarios rules(1);
  rules.add(load(R"({"name":"z","rules":[{"on":"PUT *","delay":{"milliseconds":1}}]})"));
  rules.add(load(kScenario));
  CHECK(usage.unused().empty());
  usage.record(rules);
  CHECK((usage.unused() == Rules{kFirst, kSecond, "z, rule 1: PUT *, delay 1 ms"}));
  decide_get(rules);
  CHECK(usage.unused().size() == 3);
  usage.record(rules);
  CHECK((usage.unused() == Rules{kSecond, "z, rule 1: PUT *, delay 1 ms"}));
}

TEST_CASE("a rule that has fired once is used, even if it is recorded again as unused") {
  RuleUsage usage;
  scenario::ActiveScenarios used(1);
  scenario::ActiveScenarios unused(1);
  for (scenario::ActiveScenarios* rules : {&used, &unused}) rules->add(load(kScenario));
  decide_get(used);
  usage.record(unused);
  usage.record(used);
  usage.record(unused);
  CHECK((usage.unused() == Rules{kSecond}));
}

TEST_CASE("a rule that matched but was not due is unused") {
  RuleUsage usage;
  scenario::ActiveScenarios rules(1);
  rules.add(load(R"({"name":"s","rules":[{"on":"GET *","skip":5,"error":"server_error"},
                                         {"on":"GET *","probability":0,"error":"not_found"}]})"));
  for (int i = 0; i < 5; ++i) decide_get(rules);
  usage.record(rules);
  CHECK((usage.unused() == Rules{kFirst, "s, rule 2: GET *, error not_found"}));
}

TEST_CASE("at most ten thousand rules are recorded, and known rules are still updated") {
  RuleUsage usage;
  std::string all = R"({"name":"many","rules":[)";
  for (int i = 0; i < 10'001; ++i)
    all += std::string(i == 0 ? "" : ",") + R"({"on":"PUT *","error":"not_found"})";
  scenario::ActiveScenarios rules(1);
  rules.add(load(kScenario));
  rules.add(load(all + "]}"));
  usage.record(rules);
  CHECK(usage.unused().size() == 10'000);
  decide_get(rules);
  usage.record(rules);
  const Rules unused = usage.unused();
  CHECK(unused.size() == 9'999);
  CHECK(std::find(unused.begin(), unused.end(), kFirst) == unused.end());
  CHECK(std::find(unused.begin(), unused.end(), kSecond) != unused.end());
}

TEST_CASE("rules that differ only in what they match are different rules") {
  const std::string begin = R"({"name":"s","rules":[{"on":"GET *","error":"server_error")";
  scenario::ActiveScenarios plain(1);
  plain.add(load(begin + "}]}"));
  scenario::ActiveScenarios matching(1);
  matching.add(load(begin + R"(,"match":{"query":{"page":"2"}}}]})"));
  RuleUsage usage;
  usage.record(plain);
  usage.record(plain);
  CHECK((usage.unused() == Rules{kFirst}));
  usage.record(matching);
  CHECK((usage.unused() == Rules{kFirst, kFirst}));
  decide_get(plain);
  usage.record(plain);
  CHECK((usage.unused() == Rules{kFirst}));
}

TEST_CASE("unused rules are in the order of their numbers, 2 before 10") {
  std::string text = R"({"name":"s","rules":[)";
  Rules expected;
  for (int number = 1; number <= 11; ++number) {
    text += std::string(number == 1 ? "" : ",") + R"({"on":"GET *","error":"server_error"})";
    expected.push_back("s, rule " + std::to_string(number) + ": GET *, error server_error");
  }
  scenario::ActiveScenarios rules(1);
  rules.add(load(text + "]}"));
  RuleUsage usage;
  usage.record(rules);
  CHECK(usage.unused() == expected);
}

TEST_CASE("a built-in scenario is used if any of its rules fired") {
  scenario::Scenario built_in = scenario::load_scenario("test.json", kScenario).scenario;
  built_in.is_built_in = true;
  scenario::ActiveScenarios rules(1);
  rules.add(std::make_shared<scenario::Scenario>(built_in));
  RuleUsage usage;
  usage.record(rules);
  CHECK((usage.unused() == Rules{"s, any rule"}));
  decide_get(rules);
  usage.record(rules);
  CHECK(usage.unused().empty());
}

TEST_CASE("a built-in scenario is unused as a whole, and the same rules in a body one by one") {
  engine::Engine engine = test_engine::make_engine();
  send(engine, "PUT", "/__admin/scenarios/always-down");
  send(engine, "PUT", "/sandbox/a/__admin/scenarios/always-down",
       R"({"rules":[{"on":"* *","respond":{"status":503}}]})");
  auto scenarios = json::parse(send(engine, "GET", "/__admin/scenarios").body);
  CHECK(scenarios["unused_rules"] == json::Value::array({"always-down, any rule"}));
  CHECK((engine.unused_rules() ==
         Rules{"always-down, any rule", "always-down, rule 1: * *, respond 503"}));
  engine.handle(get("/apikey/"));
  scenarios = json::parse(send(engine, "GET", "/__admin/scenarios").body);
  CHECK(scenarios["unused_rules"] == json::Value::array());
  CHECK((engine.unused_rules() == Rules{"always-down, rule 1: * *, respond 503"}));
}

TEST_CASE("a rule is unused if it fired in no sandbox") {
  engine::Engine engine = make_engine();
  CHECK((engine.unused_rules() == Rules{kFirst, kSecond}));
  engine.handle(get("/sandbox/a/apikey/"));
  CHECK((engine.unused_rules() == Rules{kSecond}));
  engine.handle(engine_tests::request_of("DELETE", "/apikey/1"));
  CHECK(engine.unused_rules().empty());
}

TEST_CASE("a rule that fired before a reset is used") {
  for (const std::string below : {"", "/sandbox/a"}) {
    engine::Engine engine = make_engine();
    engine.handle(get(below + "/apikey/"));
    send(engine, "POST", below + "/__admin/reset");
    CHECK((engine.unused_rules() == Rules{kSecond}));
    // In its sandbox it has not fired since the reset.
    auto scenarios = json::parse(send(engine, "GET", below + "/__admin/scenarios").body);
    CHECK(scenarios["unused_rules"] == json::Value({kFirst, kSecond}));
  }
}

TEST_CASE("a rule that fired in a removed sandbox is used") {
  engine::Engine engine = make_engine();
  engine.handle(get("/sandbox/a/apikey/"));
  send(engine, "DELETE", "/__admin/sandboxes/a");
  CHECK((engine.unused_rules() == Rules{kSecond}));
}

TEST_CASE("a rule that fired before its scenario was removed or replaced is used") {
  for (const std::string call :
       {"DELETE /__admin/scenarios", "DELETE /__admin/scenarios/s", "PUT /__admin/scenarios/s"}) {
    CAPTURE(call);
    engine::Engine engine = make_engine();
    engine.handle(get("/apikey/"));
    const size_t space = call.find(' ');
    const bool is_put = call.starts_with("PUT");
    CHECK(send(engine, call.substr(0, space), call.substr(space + 1), is_put ? kScenario : "")
              .status == 200);
    CHECK((engine.unused_rules() == Rules{kSecond}));
  }
}

TEST_CASE("rules that were activated later and removed before they fired are unused") {
  engine::Engine engine = make_engine();
  engine.handle(get("/apikey/"));
  send(engine, "PUT", "/sandbox/a/__admin/scenarios/late",
       R"({"rules":[{"on":"PUT *","fault":"HANG"}]})");
  send(engine, "DELETE", "/sandbox/a/__admin/scenarios");
  CHECK((engine.unused_rules() == Rules{"late, rule 1: PUT *, fault HANG", kSecond}));
}

TEST_CASE("rejected scenarios and errors of X-Mock-Scenario do not count") {
  engine::Engine engine = make_engine();
  send(engine, "PUT", "/__admin/scenarios/bad", R"({"rules":[{"on":"GET *"}]})");
  http::Request request = create();
  request.headers.add("X-Mock-Scenario", "server_error");
  engine.handle(request);
  CHECK((engine.unused_rules() == Rules{kFirst, kSecond}));
}

TEST_CASE("secrets in the paths of unused rules are redacted") {
  test_engine::Options options;
  options.scenarios = {
      R"({"name":"s","rules":[{"on":"DELETE /apikey/ak_0123456789abcdef","error":"not_found"}]})"};
  engine::Engine engine = test_engine::make_engine(options);
  CHECK((engine.unused_rules() == Rules{"s, rule 1: DELETE /apikey/ak_012..., error not_found"}));
}
