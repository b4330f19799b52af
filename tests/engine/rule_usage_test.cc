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

using RuleTexts = std::vector<std::string>;

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

/// Has a rulebook decide about a GET.
void ask_rules(scenario::ActiveScenarios& rules) {
  http::Request request = get("/apikey/");
  json::Body body(request.body);
  scenario::MatchInput input{request, body, "GET", "/apikey/"};
  rules.decide(input);
}

}  // namespace

TEST_CASE("rules that were noted and never fired are dead, in the order of scenarios and rules") {
  RuleUsage use;
  CHECK(use.unused().empty());
  scenario::ActiveScenarios rules(1);
  rules.add(load(R"({"name":"z","rules":[{"on":"PUT *","delay":{"milliseconds":1}}]})"));
  rules.add(load(kScenario));
  CHECK(use.unused().empty());
  use.record(rules);
  CHECK((use.unused() == RuleTexts{kFirst, kSecond, "z, rule 1: PUT *, delay 1 ms"}));
  ask_rules(rules);
  CHECK(use.unused().size() == 3);
  use.record(rules);
  CHECK((use.unused() == RuleTexts{kSecond, "z, rule 1: PUT *, delay 1 ms"}));
}

TEST_CASE("a rule that has fired once is not dead, however often it is noted unused") {
  RuleUsage use;
  scenario::ActiveScenarios used(1);
  scenario::ActiveScenarios unused(1);
  for (scenario::ActiveScenarios* rules : {&used, &unused}) rules->add(load(kScenario));
  ask_rules(used);
  use.record(unused);
  use.record(used);
  use.record(unused);
  CHECK((use.unused() == RuleTexts{kSecond}));
}

TEST_CASE("a rule that matched but was not its turn is dead") {
  RuleUsage use;
  scenario::ActiveScenarios rules(1);
  rules.add(load(R"({"name":"s","rules":[{"on":"GET *","skip":5,"error":"server_error"},
                                         {"on":"GET *","probability":0,"error":"not_found"}]})"));
  for (int i = 0; i < 5; ++i) ask_rules(rules);
  use.record(rules);
  CHECK((use.unused() == RuleTexts{kFirst, "s, rule 2: GET *, error not_found"}));
}

TEST_CASE("rules are noted up to ten thousand, those known already also beyond") {
  RuleUsage use;
  std::string all = R"({"name":"many","rules":[)";
  for (int i = 0; i < 10'001; ++i)
    all += std::string(i == 0 ? "" : ",") + R"({"on":"PUT *","error":"not_found"})";
  scenario::ActiveScenarios rules(1);
  rules.add(load(kScenario));
  rules.add(load(all + "]}"));
  use.record(rules);
  CHECK(use.unused().size() == 10'000);
  ask_rules(rules);
  use.record(rules);
  const RuleTexts dead = use.unused();
  CHECK(dead.size() == 9'999);
  CHECK(std::find(dead.begin(), dead.end(), kFirst) == dead.end());
  CHECK(std::find(dead.begin(), dead.end(), kSecond) != dead.end());
}

TEST_CASE("rules that differ only in what they match are two, and the same rule put twice is one") {
  const std::string begin = R"({"name":"s","rules":[{"on":"GET *","error":"server_error")";
  scenario::ActiveScenarios plain(1);
  plain.add(load(begin + "}]}"));
  scenario::ActiveScenarios matching(1);
  matching.add(load(begin + R"(,"match":{"query":{"page":"2"}}}]})"));
  RuleUsage use;
  use.record(plain);
  use.record(plain);
  CHECK((use.unused() == RuleTexts{kFirst}));
  use.record(matching);
  CHECK((use.unused() == RuleTexts{kFirst, kFirst}));
  ask_rules(plain);
  use.record(plain);
  CHECK((use.unused() == RuleTexts{kFirst}));
}

TEST_CASE("dead rules are told in the order of their numbers, 2 before 10") {
  std::string text = R"({"name":"s","rules":[)";
  RuleTexts expected;
  for (int number = 1; number <= 11; ++number) {
    text += std::string(number == 1 ? "" : ",") + R"({"on":"GET *","error":"server_error"})";
    expected.push_back("s, rule " + std::to_string(number) + ": GET *, error server_error");
  }
  scenario::ActiveScenarios rules(1);
  rules.add(load(text + "]}"));
  RuleUsage use;
  use.record(rules);
  CHECK(use.unused() == expected);
}

TEST_CASE("of a scenario that comes with the program one rule is enough") {
  scenario::Scenario built_in = scenario::load_scenario("test.json", kScenario).scenario;
  built_in.is_built_in = true;
  scenario::ActiveScenarios rules(1);
  rules.add(std::make_shared<scenario::Scenario>(built_in));
  RuleUsage use;
  use.record(rules);
  CHECK((use.unused() == RuleTexts{"s, any rule"}));
  ask_rules(rules);
  use.record(rules);
  CHECK(use.unused().empty());
}

TEST_CASE(
    "a built-in scenario put in force is dead as a whole, the same file put as a body is not") {
  engine::Engine engine = test_engine::make_engine();
  send(engine, "PUT", "/__admin/scenarios/always-down");
  send(engine, "PUT", "/sandbox/a/__admin/scenarios/always-down",
       R"({"rules":[{"on":"* *","respond":{"status":503}}]})");
  auto told = json::parse(send(engine, "GET", "/__admin/scenarios").body);
  CHECK(told["unused_rules"] == json::Value::array({"always-down, any rule"}));
  CHECK((engine.unused_rules() ==
         RuleTexts{"always-down, any rule", "always-down, rule 1: * *, respond 503"}));
  engine.handle(get("/apikey/"));
  told = json::parse(send(engine, "GET", "/__admin/scenarios").body);
  CHECK(told["unused_rules"] == json::Value::array());
  CHECK((engine.unused_rules() == RuleTexts{"always-down, rule 1: * *, respond 503"}));
}

TEST_CASE("a rule is dead to the engine if it fired in no sandbox") {
  engine::Engine engine = make_engine();
  CHECK((engine.unused_rules() == RuleTexts{kFirst, kSecond}));
  engine.handle(get("/sandbox/a/apikey/"));
  CHECK((engine.unused_rules() == RuleTexts{kSecond}));
  engine.handle(engine_tests::request_of("DELETE", "/apikey/1"));
  CHECK(engine.unused_rules().empty());
}

TEST_CASE("what a rule did before a reset counts") {
  for (const std::string below : {"", "/sandbox/a"}) {
    engine::Engine engine = make_engine();
    engine.handle(get(below + "/apikey/"));
    send(engine, "POST", below + "/__admin/reset");
    CHECK((engine.unused_rules() == RuleTexts{kSecond}));
    // Of its sandbox it is told that it has not fired since.
    auto told = json::parse(send(engine, "GET", below + "/__admin/scenarios").body);
    CHECK(told["unused_rules"] == json::Value({kFirst, kSecond}));
  }
}

TEST_CASE("what a rule did in a sandbox that was dropped counts") {
  engine::Engine engine = make_engine();
  engine.handle(get("/sandbox/a/apikey/"));
  send(engine, "DELETE", "/__admin/sandboxes/a");
  CHECK((engine.unused_rules() == RuleTexts{kSecond}));
}

TEST_CASE("what a rule did before its scenario was removed or replaced counts") {
  for (const std::string call :
       {"DELETE /__admin/scenarios", "DELETE /__admin/scenarios/s", "PUT /__admin/scenarios/s"}) {
    CAPTURE(call);
    engine::Engine engine = make_engine();
    engine.handle(get("/apikey/"));
    const size_t blank = call.find(' ');
    const bool is_put = call.starts_with("PUT");
    CHECK(send(engine, call.substr(0, blank), call.substr(blank + 1), is_put ? kScenario : "")
              .status == 200);
    CHECK((engine.unused_rules() == RuleTexts{kSecond}));
  }
}

TEST_CASE("rules put in force later, and removed without a use, are dead too") {
  engine::Engine engine = make_engine();
  engine.handle(get("/apikey/"));
  send(engine, "PUT", "/sandbox/a/__admin/scenarios/late",
       R"({"rules":[{"on":"PUT *","fault":"HANG"}]})");
  send(engine, "DELETE", "/sandbox/a/__admin/scenarios");
  CHECK((engine.unused_rules() == RuleTexts{"late, rule 1: PUT *, fault HANG", kSecond}));
}

TEST_CASE("a scenario that was refused, and an error asked for by header, are no use of a rule") {
  engine::Engine engine = make_engine();
  send(engine, "PUT", "/__admin/scenarios/bad", R"({"rules":[{"on":"GET *"}]})");
  http::Request request = create();
  request.headers.add("X-Mock-Scenario", "server_error");
  engine.handle(request);
  CHECK((engine.unused_rules() == RuleTexts{kFirst, kSecond}));
}

TEST_CASE("dead rules are told with secrets in their paths shortened") {
  test_engine::Options options;
  options.scenarios = {
      R"({"name":"s","rules":[{"on":"DELETE /apikey/ak_0123456789abcdef","error":"not_found"}]})"};
  engine::Engine engine = test_engine::make_engine(options);
  CHECK(
      (engine.unused_rules() == RuleTexts{"s, rule 1: DELETE /apikey/ak_012..., error not_found"}));
}
