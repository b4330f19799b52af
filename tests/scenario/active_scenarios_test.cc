#include "scenario/active_scenarios.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

#include "scenario/loading.h"
#include "scenario/test_request.h"

namespace {

using scenario::ActiveScenarios;
using scenario_tests::decide;
using scenario_tests::firing_rule;
using scenario_tests::shared;
using scenario_tests::with_rules;

/// One active scenario with these rules.
ActiveScenarios scenarios_with(const std::string& rules, uint64_t seed = 1) {
  ActiveScenarios scenarios(seed);
  scenarios.add(shared(with_rules(rules)));
  return scenarios;
}

/// A scenario with this name and one rule, which fires once.
std::shared_ptr<const scenario::Scenario> once(const std::string& name) {
  return shared(
      scenario_tests::loaded(R"({"name": ")" + name +
                             R"(", "rules": [{"on": "* *", "times": 1, "error": "not_found"}]})"));
}

/// The active scenarios, and how often each rule matched and fired: `s 3/1 0/0; `.
std::string active_in(const ActiveScenarios& scenarios) {
  std::string text;
  for (const ActiveScenarios::Active& active : scenarios.active()) {
    text += active.scenario->name;
    for (const ActiveScenarios::Count& count : active.counts) {
      text += " " + std::to_string(count.matched) + "/" + std::to_string(count.fired);
    }
    text += "; ";
  }
  return text;
}

/// `X` for each request for which the only rule fires, `.` for the others.
std::string pattern_of(ActiveScenarios& scenarios, int requests) {
  std::string pattern;
  for (int i = 0; i < requests; ++i) pattern += decide(scenarios, {}) ? 'X' : '.';
  return pattern;
}

/// The pattern of a rule with these fields besides `on` and `error`.
std::string pattern_with(const std::string& fields, int requests, uint64_t seed = 1) {
  ActiveScenarios scenarios =
      scenarios_with(R"({"on": "* *", "error": "server_error")" + fields + "}", seed);
  return pattern_of(scenarios, requests);
}

/// The delays of a number of requests, in milliseconds.
std::vector<int64_t> delays_of(const std::string& delay, int requests, uint64_t seed) {
  ActiveScenarios scenarios = scenarios_with(R"({"on": "* *", "delay": )" + delay + "}", seed);
  std::vector<int64_t> delays;
  for (int i = 0; i < requests; ++i) delays.push_back(decide(scenarios, {}).value().delay.count());
  return delays;
}

}  // namespace

TEST_CASE("no rule fires if none matches") {
  ActiveScenarios empty(1);
  CHECK(empty.empty());
  CHECK(firing_rule(empty) == "none");
  ActiveScenarios other = scenarios_with(R"({"on": "POST /apikey/", "error": "server_error"})");
  CHECK_FALSE(other.empty());
  CHECK(firing_rule(other) == "none");
}

TEST_CASE("a decision has the name of the rule, its effect and its delay") {
  ActiveScenarios scenarios(1);
  scenarios.add(shared(scenario_tests::loaded(R"({"name": "flaky", "rules": [
    {"on": "POST /apikey/", "error": "rate_limited"},
    {"on": "GET /apikey/", "fault": "HANG", "delay": {"milliseconds": 800},
     "dribble": {"chunks": 3, "milliseconds": 90}}]})")));
  auto decision = decide(scenarios, {});
  REQUIRE(decision.has_value());
  CHECK(decision->source == "flaky, rule 2");
  CHECK(decision->delay == std::chrono::milliseconds{800});
  REQUIRE(decision->rule != nullptr);
  CHECK((decision->rule->effect.fault == http::Fault::hang));
  CHECK(decision->rule->effect.dribble->chunks == 3);
  CHECK_FALSE(decision->rule->effect.error.has_value());
  auto rejected = decide(scenarios, {.method = "POST"});
  REQUIRE(rejected.has_value());
  CHECK((rejected->rule->effect.error == capgo::ErrorName::rate_limited));
  CHECK(rejected->delay.count() == 0);
}

TEST_CASE("rules are evaluated in order, and the first that matches fires") {
  ActiveScenarios scenarios = scenarios_with(R"(
    {"on": "DELETE *", "error": "not_found"},
    {"on": "GET /apikey/", "error": "server_error"},
    {"on": "* *", "error": "rate_limited"})");
  for (int i = 0; i < 3; ++i) {
    CHECK(firing_rule(scenarios) == "s, rule 2");
    CHECK(firing_rule(scenarios, {.method = "DELETE"}) == "s, rule 1");
    CHECK(firing_rule(scenarios, {.method = "POST"}) == "s, rule 3");
  }
}

TEST_CASE("scenarios are evaluated in the order they were added") {
  ActiveScenarios scenarios(1);
  scenarios.add(once("first"));
  scenarios.add(once("second"));
  CHECK(firing_rule(scenarios) == "first, rule 1");
  CHECK(firing_rule(scenarios) == "second, rule 1");
  CHECK(firing_rule(scenarios) == "none");
}

TEST_CASE("active scenarios are listed in order, with how often each rule matched and fired") {
  ActiveScenarios scenarios(1);
  CHECK(active_in(scenarios).empty());
  scenarios.add(once("first"));
  scenarios.add(shared(with_rules(R"(
    {"on": "POST *", "error": "not_found"},
    {"on": "GET *", "every": 2, "error": "not_found"})")));
  CHECK(active_in(scenarios) == "first 0/0; s 0/0 0/0; ");
  for (int i = 0; i < 6; ++i) decide(scenarios, {});
  CHECK(active_in(scenarios) == "first 1/1; s 0/0 5/2; ");
}

TEST_CASE("put replaces the scenario with the same name, and resets its counts") {
  ActiveScenarios scenarios(1);
  CHECK(scenarios.put(once("a")));
  CHECK(scenarios.put(once("b")));
  CHECK(scenarios.put(once("c")));
  for (int i = 0; i < 3; ++i) decide(scenarios, {});
  CHECK(active_in(scenarios) == "a 1/1; b 1/1; c 1/1; ");
  CHECK_FALSE(scenarios.put(shared(scenario_tests::loaded(R"({"name": "b", "rules": [
    {"on": "POST *", "error": "not_found"}, {"on": "* *", "error": "server_error"}]})"))));
  CHECK(active_in(scenarios) == "a 1/1; b 0/0 0/0; c 1/1; ");
  CHECK(firing_rule(scenarios) == "b, rule 2");
  CHECK_FALSE(scenarios.put(once("a")));
  CHECK(firing_rule(scenarios) == "a, rule 1");
}

TEST_CASE("the rules of a removed scenario no longer fire, and other counts do not change") {
  ActiveScenarios scenarios(1);
  scenarios.add(once("a"));
  scenarios.add(once("b"));
  CHECK(firing_rule(scenarios) == "a, rule 1");
  CHECK_FALSE(scenarios.remove("A"));
  CHECK(scenarios.remove("b"));
  CHECK_FALSE(scenarios.remove("b"));
  CHECK(active_in(scenarios) == "a 1/1; ");
  CHECK(firing_rule(scenarios) == "none");
  scenarios.clear();
  CHECK(scenarios.empty());
  CHECK(active_in(scenarios).empty());
}

TEST_CASE("put replaces and remove removes all scenarios with the same name") {
  ActiveScenarios scenarios(1);
  for (const char* name : {"a", "b", "a", "c", "a"}) scenarios.add(once(name));
  CHECK(active_in(scenarios) == "a 0/0; b 0/0; a 0/0; c 0/0; a 0/0; ");
  ActiveScenarios other = scenarios;
  CHECK_FALSE(scenarios.put(once("a")));
  CHECK(active_in(scenarios) == "a 0/0; b 0/0; c 0/0; ");
  CHECK(other.remove("a"));
  CHECK(active_in(other) == "b 0/0; c 0/0; ");
}

TEST_CASE("a scenario that is active twice has separate counts") {
  auto scenario = once("a");
  ActiveScenarios one(1);
  ActiveScenarios other(1);
  one.add(scenario);
  other.add(scenario);
  CHECK(one.active()[0].scenario == other.active()[0].scenario);
  CHECK(firing_rule(one) == "a, rule 1");
  CHECK(firing_rule(one) == "none");
  CHECK(firing_rule(other) == "a, rule 1");
}

TEST_CASE("skip, every and times select the matching requests for which a rule fires") {
  struct Row {
    std::string fields;
    std::string pattern;
  };
  for (const Row& row :
       {Row{"", "XXXXX"}, Row{R"(, "times": 1)", "X..."}, Row{R"(, "times": 3)", "XXX.."},
        Row{R"(, "skip": 0)", "XXX"}, Row{R"(, "skip": 2)", "..XXX"},
        Row{R"(, "every": 1)", "XXXX"}, Row{R"(, "every": 3)", "..X..X."},
        Row{R"(, "skip": 2, "times": 2)", "..XX.."}, Row{R"(, "every": 2, "times": 2)", ".X.X...."},
        Row{R"(, "skip": 1, "every": 3)", "...X..X..X"},
        Row{R"(, "skip": 3, "every": 2, "times": 2)", "....X.X....."}}) {
    CAPTURE(row.fields);
    CHECK(pattern_with(row.fields, static_cast<int>(row.pattern.size())) == row.pattern);
  }
}

TEST_CASE("if a rule is not due, the next one may fire") {
  ActiveScenarios used_up = scenarios_with(R"(
    {"on": "* *", "times": 2, "error": "not_found"},
    {"on": "* *", "times": 1, "error": "server_error"})");
  ActiveScenarios skipping = scenarios_with(R"(
    {"on": "* *", "skip": 2, "error": "not_found"},
    {"on": "* *", "error": "server_error"})");
  for (const char* expected : {"s, rule 1", "s, rule 1", "s, rule 2", "none"}) {
    CHECK(firing_rule(used_up) == expected);
  }
  for (const char* expected : {"s, rule 2", "s, rule 2", "s, rule 1", "s, rule 1"}) {
    CHECK(firing_rule(skipping) == expected);
  }
}

TEST_CASE("requests that do not match are not counted") {
  ActiveScenarios scenarios = scenarios_with(
      R"({"on": "POST *", "skip": 1, "every": 2, "times": 1, "error": "server_error"})");
  for (const char* expected : {"none", "none", "s, rule 1", "none"}) {
    for (int i = 0; i < 3; ++i) CHECK(firing_rule(scenarios) == "none");
    CHECK(firing_rule(scenarios, {.method = "POST"}) == expected);
  }
}

TEST_CASE("requests for which an earlier rule fired are not counted by a later one") {
  ActiveScenarios scenarios = scenarios_with(R"(
    {"on": "* *", "times": 2, "error": "not_found"},
    {"on": "* *", "skip": 1, "error": "server_error"})");
  CHECK(firing_rule(scenarios) == "s, rule 1");
  CHECK(firing_rule(scenarios) == "s, rule 1");
  CHECK(firing_rule(scenarios) == "none");
  CHECK(firing_rule(scenarios) == "s, rule 2");
}

TEST_CASE("a rule with probability 0 never fires, one with probability 1 always") {
  for (uint64_t seed = 0; seed < 20; ++seed) {
    CHECK(pattern_with(R"(, "probability": 0)", 200, seed) == std::string(200, '.'));
    CHECK(pattern_with(R"(, "probability": 1)", 200, seed) == std::string(200, 'X'));
  }
}

TEST_CASE("the same seed gives the same choices, another seed different ones") {
  std::string pattern = pattern_with(R"(, "probability": 0.5)", 200, 7);
  CHECK(pattern_with(R"(, "probability": 0.5)", 200, 7) == pattern);
  CHECK(pattern_with(R"(, "probability": 0.5)", 200, 8) != pattern);
}

TEST_CASE("a rule fires as often as its probability says") {
  constexpr int kRequests = 10'000;
  for (double probability : {0.05, 0.3, 0.9}) {
    CAPTURE(probability);
    std::string pattern =
        pattern_with(", \"probability\": " + std::to_string(probability), kRequests, 3);
    double ratio = static_cast<double>(std::count(pattern.begin(), pattern.end(), 'X')) / kRequests;
    // 0.02 is four standard deviations, or more.
    CHECK(ratio > probability - 0.02);
    CHECK(ratio < probability + 0.02);
  }
}

TEST_CASE("a rule that does not fire by chance is not counted, and the next rule may fire") {
  std::string pattern = pattern_with(R"(, "probability": 0.2, "times": 5)", 500, 4);
  CHECK(std::count(pattern.begin(), pattern.end(), 'X') == 5);
  CHECK(pattern.find('.') < pattern.rfind('X'));
  ActiveScenarios scenarios = scenarios_with(R"(
    {"on": "* *", "probability": 0.5, "error": "not_found"},
    {"on": "* *", "error": "server_error"})");
  int second = 0;
  for (int i = 0; i < 100; ++i) {
    std::string source = firing_rule(scenarios);
    CHECK(source != "none");
    if (source == "s, rule 2") ++second;
  }
  CHECK(second > 20);
  CHECK(second < 80);
}

TEST_CASE("a fixed delay is the same each time, rounded to the millisecond") {
  CHECK((delays_of(R"({"milliseconds": 800})", 3, 1) == std::vector<int64_t>{800, 800, 800}));
  CHECK((delays_of(R"({"milliseconds": 0.4})", 1, 1) == std::vector<int64_t>{0}));
  CHECK((delays_of(R"({"milliseconds": 1.6})", 1, 1) == std::vector<int64_t>{2}));
  CHECK((delays_of(R"({"milliseconds": 600000})", 1, 1) == std::vector<int64_t>{600'000}));
}

TEST_CASE("a uniform delay is within its limits and reaches both") {
  auto delays = delays_of(R"({"type": "uniform", "lower": 5, "upper": 9})", 1000, 1);
  CHECK(*std::min_element(delays.begin(), delays.end()) == 5);
  CHECK(*std::max_element(delays.begin(), delays.end()) == 9);
  for (int64_t delay : {6, 7, 8}) {
    auto count = std::count(delays.begin(), delays.end(), delay);
    CHECK(count > 190);
    CHECK(count < 310);
  }
  CHECK((delays_of(R"({"type": "uniform", "lower": 7, "upper": 7})", 2, 1) ==
         std::vector<int64_t>{7, 7}));
}

TEST_CASE("half of the lognormal delays are below the median, and two thirds within a sigma") {
  auto delays = delays_of(R"({"type": "lognormal", "median": 1000, "sigma": 0.5})", 10'000, 2);
  auto share_below = [&](double milliseconds) {
    auto below = std::count_if(delays.begin(), delays.end(), [&](int64_t delay) {
      return static_cast<double>(delay) < milliseconds;
    });
    return static_cast<double>(below) / static_cast<double>(delays.size());
  };
  // The normal distribution at -2, -1, 0, 1 and 2 standard deviations.
  CHECK(share_below(1000 * 0.36788) == doctest::Approx(0.0228).epsilon(0.02));
  CHECK(share_below(1000 * 0.60653) == doctest::Approx(0.1587).epsilon(0.02));
  CHECK(share_below(1000) == doctest::Approx(0.5).epsilon(0.02));
  CHECK(share_below(1000 * 1.64872) == doctest::Approx(0.8413).epsilon(0.02));
  CHECK(share_below(1000 * 2.71828) == doctest::Approx(0.9772).epsilon(0.02));
}

TEST_CASE("no delay is negative or longer than ten minutes") {
  auto delays = delays_of(R"({"type": "lognormal", "median": 600000, "sigma": 10})", 1000, 3);
  CHECK(*std::min_element(delays.begin(), delays.end()) >= 0);
  CHECK(*std::max_element(delays.begin(), delays.end()) == 600'000);
  CHECK((delays_of(R"({"type": "lognormal", "median": 0, "sigma": 10})", 2, 1) ==
         std::vector<int64_t>{0, 0}));
  CHECK((delays_of(R"({"type": "lognormal", "median": 50, "sigma": 0})", 2, 1) ==
         std::vector<int64_t>{50, 50}));
}

TEST_CASE("the same seed gives the same delays, another seed different ones") {
  for (const std::string delay : {R"({"type": "uniform", "lower": 0, "upper": 100000})",
                                  R"({"type": "lognormal", "median": 5000, "sigma": 1})"}) {
    CAPTURE(delay);
    auto delays = delays_of(delay, 50, 11);
    CHECK((delays_of(delay, 50, 11) == delays));
    CHECK((delays_of(delay, 50, 12) != delays));
  }
}
