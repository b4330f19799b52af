#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "base/embedded_files.h"
#include "control/messages.h"
#include "engine/requests.h"

using control_tests::kNameForm;
using engine_tests::ask;
using engine_tests::bytes;
using engine_tests::create;
using engine_tests::get;
using engine_tests::rejection;
using engine_tests::rejection_bytes;
using engine_tests::send;

namespace {

constexpr const char* kScenarios = "/__admin/scenarios";
constexpr const char* kBadFile = "the body is not a valid scenario; nothing was changed";

std::string list_scenarios(engine::Engine& engine, const std::string& below = "") {
  return ask(engine, "GET", below + kScenarios);
}

/// The response of the list, from the JSON of scenarios and unused rules.
std::string listed(const std::string& scenarios, const std::string& unused_rules) {
  return R"(200 {"scenarios":[)" + scenarios + R"(],"unused_rules":[)" + unused_rules +
         R"(],"built_in":["rate-limited","always-down"]})";
}

http::Response put(engine::Engine& engine, const std::string& name, std::string body = "") {
  return send(engine, "PUT", kScenarios + ("/" + name), std::move(body));
}

std::string remove(engine::Engine& engine, const std::string& name) {
  return ask(engine, "DELETE", kScenarios + ("/" + name));
}

/// A scenario with one rule, as JSON of the list.
std::string listed_scenario(const std::string& name, const std::string& effect, int matched,
                            int fired) {
  return R"({"name":")" + name +
         R"(","description":"","rules":[{"rule":1,"on":"GET *","effect":")" + effect +
         R"(","matched":)" + std::to_string(matched) + R"(,"fired":)" + std::to_string(fired) +
         "}]}";
}

/// A file with one rule for GET.
std::string file_of(const std::string& effect) {
  return R"({"rules":[{"on":"GET *",)" + effect + "}]}";
}

int status_of_list(engine::Engine& engine) { return engine.handle(get("/apikey/")).status; }

}  // namespace

TEST_CASE("the list has every scenario in order, each rule with its effect and its counts") {
  test_engine::Options options;
  options.scenarios = {R"({"name":"flaky-create","description":"Why","rules":[
      {"on":"POST /apikey/","times":1,"error":"permission_denied"},
      {"on":"POST /apikey/","skip":1,"every":2,"delay":{"milliseconds":800},"fault":"HANG"},
      {"on":"DELETE /apikey/:id/","match":{"id":2},"respond":{"status":503},
       "dribble":{"chunks":3,"milliseconds":10}}]})",
                       R"({"name":"b","rules":[]})"};
  engine::Engine engine = test_engine::make_engine(options);
  auto flaky = [](const std::string& first, const std::string& second) {
    return R"({"name":"flaky-create","description":"Why","rules":[)"
           R"({"rule":1,"on":"POST /apikey/","effect":"error permission_denied",)" +
           first + R"(},{"rule":2,"on":"POST /apikey/","effect":"delay 800 ms, fault HANG",)" +
           second +
           R"(},{"rule":3,"on":"DELETE /apikey/:id/","effect":"respond 503, dribble in 3 pieces )"
           R"(over 10 ms","matched":0,"fired":0}]},{"name":"b","description":"","rules":[]})";
  };
  const std::string none = R"("matched":0,"fired":0)";
  const std::string rule = "\"flaky-create, rule ";
  const std::string second = rule + R"(2: POST /apikey/, delay 800 ms, fault HANG")";
  const std::string third =
      rule + R"(3: DELETE /apikey/:id/, respond 503, dribble in 3 pieces over 10 ms")";
  CHECK(list_scenarios(engine) ==
        listed(flaky(none, none),
               rule + R"(1: POST /apikey/, error permission_denied",)" + second + "," + third));
  for (int i = 0; i < 3; ++i) engine.handle(create());
  CHECK(
      list_scenarios(engine) ==
      listed(flaky(R"("matched":1,"fired":1)", R"("matched":2,"fired":0)"), second + "," + third));
  engine.handle(create());
  CHECK(list_scenarios(engine) ==
        listed(flaky(R"("matched":1,"fired":1)", R"("matched":3,"fired":1)"), third));
  CHECK(bytes(send(engine, "GET", kScenarios))
            .starts_with(engine_tests::control_bytes(200, "{\"scenarios\":[")));
}

TEST_CASE("a built-in scenario is activated by its name alone") {
  engine::Engine engine = test_engine::make_engine();
  CHECK(list_scenarios(engine) == listed("", ""));
  CHECK(engine_tests::shown(put(engine, "rate-limited")) ==
        R"(200 {"name":"rate-limited","description":"","rules":[{"rule":1,"on":"* *",)"
        R"("effect":"error rate_limited","matched":0,"fired":0}]})");
  CHECK(status_of_list(engine) == 429);
  CHECK(status_of_list(engine) == 200);
  // Activating it again resets its counts.
  put(engine, "rate-limited");
  CHECK(status_of_list(engine) == 429);
  CHECK(remove(engine, "rate-limited") == R"(200 {"removed":["rate-limited"]})");
  CHECK(put(engine, "rate%2Dlimited/").status == 200);
  CHECK(status_of_list(engine) == 429);
}

TEST_CASE("the file of a scenario is returned: that of an active one, else of a built-in one") {
  test_engine::Options options;
  options.scenarios = {R"({"name":"own","$schema":"x","description":"Why","rules":[
      {"on":"GET *", "every":2, "error":"server_error"},
      {"respond":{"status":503,"body":{"b":1,"a":[2]}}, "on":"POST /x"}]})"};
  engine::Engine engine = test_engine::make_engine(options);
  auto file_of_active = [&](const std::string& name) {
    return ask(engine, "GET", kScenarios + ("/" + name));
  };
  CHECK(file_of_active("own") ==
        R"(200 {"name":"own","description":"Why","rules":[{"on":"GET *","every":2,)"
        R"("error":"server_error"},{"respond":{"status":503,"body":{"b":1,"a":[2]}},)"
        R"("on":"POST /x"}]})");
  const std::string built_in =
      R"(200 {"name":"rate-limited","description":"","rules":[{"on":"* *","times":1,)"
      R"("error":"rate_limited"}]})";
  CHECK(file_of_active("rate-limited") == built_in);
  put(engine, "rate-limited", R"({"rules":[]})");
  CHECK(file_of_active("rate-limited") ==
        R"(200 {"name":"rate-limited","description":"","rules":[]})");
  // Another sandbox has its own active scenarios.
  CHECK(ask(engine, "GET", std::string("/sandbox/a") + kScenarios + "/rate-limited") == built_in);
  CHECK(file_of_active("owm") ==
        rejection(404,
                  "unknown scenario \"owm\"; did you mean \"own\"? The scenarios are: "
                  "rate-limited always-down own",
                  {}));
}

TEST_CASE("a scenario's file is its body, and its name is that of the path") {
  engine::Engine engine = test_engine::make_engine();
  const std::string body = R"({"name":"inside","description":"d","$schema":"x",
                               "rules":[{"on":"GET *","error":"server_error"}]})";
  CHECK(bytes(put(engine, "A-z.0_9", body)) ==
        engine_tests::control_bytes(
            200, R"({"name":"A-z.0_9","description":"d","rules":[{"rule":1,"on":"GET *",)"
                 R"("effect":"error server_error","matched":0,"fired":0}]})"));
  CHECK(engine_tests::header(engine.handle(get("/apikey/")), "X-Mock-Reason") ==
        "scenario A-z.0_9, rule 1: error server_error");
  // A body replaces the built-in scenario of the name.
  CHECK(put(engine, "always-down", file_of(R"("error":"expired_key")")).status == 200);
  CHECK(list_scenarios(engine).find(R"({"name":"always-down","description":"","rules":[{"rule":1,)"
                                    R"("on":"GET *","effect":"error expired_key")") !=
        std::string::npos);
}

TEST_CASE("a replaced scenario keeps its position and resets its counts; new ones come last") {
  engine::Engine engine = test_engine::make_engine();
  put(engine, "a", file_of(R"("times":1,"error":"expired_key")"));
  put(engine, "b", file_of(R"("error":"server_error")"));
  CHECK(status_of_list(engine) == 401);
  CHECK(status_of_list(engine) == 500);
  CHECK(list_scenarios(engine) == listed(listed_scenario("a", "error expired_key", 1, 1) + "," +
                                             listed_scenario("b", "error server_error", 1, 1),
                                         ""));
  put(engine, "a", file_of(R"("times":1,"error":"rate_limited")"));
  CHECK(list_scenarios(engine) == listed(listed_scenario("a", "error rate_limited", 0, 0) + "," +
                                             listed_scenario("b", "error server_error", 1, 1),
                                         R"("a, rule 1: GET *, error rate_limited")"));
  CHECK(status_of_list(engine) == 429);
  CHECK(status_of_list(engine) == 500);
}

TEST_CASE("scenarios are removed by name or together, including those of the start") {
  test_engine::Options options;
  options.scenarios = {R"({"name":"s","rules":[{"on":"GET *","error":"server_error"}]})",
                       R"({"name":"s","rules":[{"on":"GET *","error":"expired_key"}]})",
                       R"({"name":"odd name/","rules":[{"on":"PUT *","error":"expired_key"}]})"};
  engine::Engine engine = test_engine::make_engine(options);
  CHECK(status_of_list(engine) == 500);
  CHECK(remove(engine, "s") == R"(200 {"removed":["s"]})");
  CHECK(status_of_list(engine) == 200);
  CHECK(remove(engine, "odd%20name%2F") == R"(200 {"removed":["odd name/"]})");
  CHECK(list_scenarios(engine) == listed("", ""));
  CHECK(ask(engine, "DELETE", kScenarios) == R"(200 {"removed":[]})");
  put(engine, "b", file_of(R"("error":"server_error")"));
  put(engine, "a", file_of(R"("error":"server_error")"));
  CHECK(ask(engine, "DELETE", kScenarios) == R"(200 {"removed":["b","a"]})");
  CHECK(status_of_list(engine) == 200);
}

TEST_CASE("a scenario that is not active cannot be removed, and the error lists those that are") {
  engine::Engine engine = test_engine::make_engine();
  CHECK(bytes(send(engine, "DELETE", "/__admin/scenarios/nope")) ==
        rejection_bytes(404, R"(unknown active scenario "nope"; the active scenarios are: none)",
                        {}));
  put(engine, "flaky-create", file_of(R"("error":"server_error")"));
  put(engine, "b", file_of(R"("error":"server_error")"));
  CHECK(remove(engine, "flaky-crate") ==
        rejection(404,
                  R"(unknown active scenario "flaky-crate"; did you mean "flaky-create"? )"
                  "The active scenarios are: flaky-create b",
                  {}));
  CHECK(remove(engine, "FLAKY-CREATE").starts_with("404 "));
  CHECK(remove(engine, "rate-limited").starts_with("404 "));
  CHECK(list_scenarios(engine).find(R"("name":"flaky-create")") != std::string::npos);
}

TEST_CASE(
    "without a body only built-in scenarios can be activated, and the nearest name is suggested") {
  engine::Engine engine = test_engine::make_engine();
  const std::string known = " built-in scenarios are: rate-limited always-down";
  const std::string detail = "the body is empty; send a scenario to activate your own";
  CHECK(bytes(put(engine, "nope")) ==
        rejection_bytes(404, "unknown built-in scenario \"nope\"; the" + known, {detail}));
  for (const std::string name : {"rate-limitd", "Rate-Limited"}) {
    CHECK(ask(engine, "PUT", kScenarios + ("/" + name)) ==
          rejection(404,
                    "unknown built-in scenario \"" + name +
                        "\"; did you mean \"rate-limited\"? The" + known,
                    {detail}));
  }
  CHECK(list_scenarios(engine) == listed("", ""));
}

TEST_CASE("names of scenarios have 1 to 64 characters that need no escape") {
  engine::Engine engine = test_engine::make_engine();
  const std::string valid = file_of(R"("error":"server_error")");
  for (const std::string& name : {std::string("x"), std::string(64, 'x'), std::string("..."),
                                  std::string("-"), std::string("a%2Eb")}) {
    CAPTURE(name);
    CHECK(put(engine, name, valid).status == 200);
  }
  struct Row {
    std::string sent;
    std::string name;
  };
  const std::string before = list_scenarios(engine);
  for (const Row& row :
       {Row{std::string(65, 'x'), std::string(60, 'x') + "..."}, Row{".", "."}, Row{"..", ".."},
        Row{"%2E%2e", ".."}, Row{"a%2Fb", "a/b"}, Row{"a%0Ab", "a\\nb"},
        Row{"ak_0123456789abcdef0123456789abcdef", "ak_012..."}}) {
    CAPTURE(row.sent);
    for (const std::string& body : {valid, std::string()}) {
      CHECK(bytes(put(engine, row.sent, body)) ==
            rejection_bytes(400, "\"" + row.name + "\" is not a valid scenario name", {kNameForm}));
    }
  }
  CHECK(list_scenarios(engine) == before);
}

TEST_CASE("an invalid scenario changes nothing, and every problem is reported with its place") {
  engine::Engine engine = test_engine::make_engine();
  put(engine, "a", file_of(R"("error":"server_error")"));
  CHECK(status_of_list(engine) == 500);
  const std::string before = list_scenarios(engine);
  struct Row {
    std::string body;
    std::vector<std::string> details;
  };
  const std::string no_object =
      R"( must be an object with the fields "$schema", "name", "description", "rules")";
  for (
      const Row& row : {
          Row{"{}", {R"(body:1:1: "rules" is missing; give it a value)"}},
          Row{"[]", {"body:1:1: []" + no_object}},
          Row{R"({"rules":{}})", {"body:1:10: /rules: {} must be an array"}},
          Row{"{\"rules\":[{\"on\":\"GET *\"},\n {\"error\":\"not_found\",\"times\":0,\"x\":1}]}",
              {R"(body:1:11: /rules/0: the rule has no effect; add one of "error", "respond", )"
               R"("delay", "fault", "dribble")",
               R"(body:2:2: /rules/1: "on" is missing; give it a value)",
               "body:2:31: /rules/1/times: 0 must be a whole number from 1 to 1000000000",
               R"(body:2:33: /rules/1/x: unknown field; the fields are "on", "match", )"
               R"("skip", "times", "every", "probability", "headers", "requires", "denied", "error", "respond", )"
               R"("delay", "fault", "dribble")"}},
      }) {
    CAPTURE(row.body);
    for (const std::string name : {"a", "new", "rate-limited"}) {
      CHECK(bytes(put(engine, name, row.body)) == rejection_bytes(400, kBadFile, row.details));
    }
    CHECK(list_scenarios(engine) == before);
  }
  CHECK(list_scenarios(engine) == before);
}

TEST_CASE("the limits are 1,000 rules in a scenario and 100 scenarios in a sandbox") {
  engine::Engine engine = test_engine::make_engine();
  std::string rules = R"({"rules":[{"on":"PUT *","error":"not_found"})";
  for (int i = 1; i < 1000; ++i) rules += R"(,{"on":"PUT *","error":"not_found"})";
  CHECK(put(engine, "most", rules + "]}").status == 200);
  CHECK(bytes(put(engine, "more", rules + R"(,{"on":"PUT *","error":"not_found"}]})")) ==
        rejection_bytes(400, kBadFile, {"body: /rules: too many rules; the limit is 1000"}));
  const std::string small = file_of(R"("error":"server_error")");
  for (int i = 1; i < 100; ++i) CHECK(put(engine, "s" + std::to_string(i), small).status == 200);
  const std::string before = list_scenarios(engine);
  CHECK(bytes(put(engine, "one-more", small)) ==
        rejection_bytes(409, "too many active scenarios; the limit is 100",
                        {"remove one with DELETE /__admin/scenarios/NAME"}));
  CHECK(put(engine, "rate-limited").status == 409);
  CHECK(list_scenarios(engine) == before);
  // An active one can still be replaced, and other sandboxes are not at the limit.
  CHECK(put(engine, "s99", small).status == 200);
  CHECK(ask(engine, "PUT", "/sandbox/a/__admin/scenarios/one-more", small).starts_with("200 "));
  remove(engine, "s1");
  CHECK(put(engine, "one-more", small).status == 200);
}

TEST_CASE("each sandbox has its own scenarios and counts") {
  test_engine::Options options;
  options.scenarios = {R"({"name":"s","rules":[{"on":"GET *","times":1,"error":"server_error"}]})"};
  engine::Engine engine = test_engine::make_engine(options);
  const std::string untouched = listed(listed_scenario("s", "error server_error", 0, 0),
                                       R"("s, rule 1: GET *, error server_error")");
  CHECK(engine.handle(get("/sandbox/a/apikey/")).status == 500);
  CHECK(engine.handle(get("/sandbox/a/apikey/")).status == 200);
  CHECK(list_scenarios(engine, "/sandbox/a") ==
        listed(listed_scenario("s", "error server_error", 1, 1), ""));
  CHECK(list_scenarios(engine) == untouched);
  CHECK(ask(engine, "DELETE", "/sandbox/b/__admin/scenarios") == R"(200 {"removed":["s"]})");
  CHECK(engine.handle(get("/sandbox/b/apikey/")).status == 200);
  CHECK(list_scenarios(engine, "/sandbox/c") == untouched);
  CHECK(status_of_list(engine) == 500);
}

TEST_CASE("public-api can be read and activated with each contract") {
  for (const contract::Contract* contract : contract::all()) {
    CAPTURE(contract->name);
    test_engine::Options options;
    options.contract = contract;
    engine::EngineConfig config = test_engine::make_config(options);
    const std::string_view file = base::embedded_file(contract->public_api_file());
    config.sandbox.built_in = {{"public-api", file}};
    engine::Engine engine(std::move(config));
    json::Value rules = json::parse(std::string(file))["rules"];
    auto read = [&] {
      return json::parse(engine_tests::send(engine, "GET", "/__admin/scenarios/public-api").body);
    };
    CHECK(read()["rules"] == rules);
    http::Response put = engine_tests::send(engine, "PUT", "/__admin/scenarios/public-api");
    CHECK(put.status == 200);
    CHECK(json::parse(put.body)["rules"].size() == rules.size());
    CHECK(read()["rules"] == rules);
  }
}
