#include <doctest/doctest.h>

#include "scenario/loading.h"

namespace {

using scenario::describe;

/// The description of the effect of a rule with these fields.
std::string described(const std::string& fields) {
  return describe(
      scenario_tests::with_rules(R"({"on": "* *", )" + fields + "}").rules.at(0).effect);
}

}  // namespace

TEST_CASE("each effect is described in a few words") {
  CHECK(described(R"("error": "permission_denied")") == "error permission_denied");
  CHECK(described(R"("respond": {"status": 503, "body": "x"})") == "respond 503");
  CHECK(described(R"("delay": {"milliseconds": 800})") == "delay 800 ms");
  CHECK(described(R"("delay": {"milliseconds": 0.5})") == "delay 0.5 ms");
  CHECK(described(R"("delay": {"milliseconds": 600000})") == "delay 600000 ms");
  CHECK(described(R"("delay": {"type": "uniform", "lower": 100, "upper": 900.25})") ==
        "delay uniform 100 to 900.25 ms");
  CHECK(described(R"("delay": {"type": "lognormal", "median": 200, "sigma": 0.5})") ==
        "delay lognormal, median 200 ms, sigma 0.5");
  CHECK(described(R"("fault": "HANG")") == "fault HANG");
  CHECK(described(R"("dribble": {"chunks": 5, "milliseconds": 1000})") ==
        "dribble in 5 pieces over 1000 ms");
  CHECK(describe(scenario::Effect{}).empty());
}

TEST_CASE("combined effects are described one after another") {
  CHECK(described(R"("dribble": {"chunks": 1, "milliseconds": 0}, "fault": "EMPTY_RESPONSE",
                     "delay": {"milliseconds": 5}, "error": "rate_limited")") ==
        "error rate_limited, delay 5 ms, fault EMPTY_RESPONSE, dribble in 1 pieces over 0 ms");
  CHECK(described(R"("respond": {}, "delay": {"milliseconds": 5})") == "respond 200, delay 5 ms");
}

TEST_CASE("a rule is described by its scenario, number, pattern and effect") {
  auto scenario = scenario_tests::loaded(R"({"name": "flaky-create", "rules": [
    {"on": "* *", "times": 1, "delay": {"milliseconds": 5}},
    {"on": "DELETE /apikey/:id/", "match": {"id": 2}, "error": "key_not_found"},
    {"on": "GET /apikey/ak_0123456789abcdef", "error": "key_not_found"}]})");
  CHECK(describe(scenario, 0) == "flaky-create, rule 1: * *, delay 5 ms");
  CHECK(describe(scenario, 1) == "flaky-create, rule 2: DELETE /apikey/:id/, error key_not_found");
  CHECK(describe(scenario, 2) ==
        "flaky-create, rule 3: GET /apikey/ak_012..., error key_not_found");
  CHECK(scenario::rule_name(scenario, 2) == "flaky-create, rule 3");
}
