#include "scenario/active_scenarios.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

#include "scenario/asking.h"
#include "scenario/loading.h"

namespace {

using scenario::ActiveScenarios;
using scenario_tests::acting;
using scenario_tests::decide;
using scenario_tests::shared;
using scenario_tests::with_rules;

/// A rulebook with one scenario of these rules.
ActiveScenarios book_of(const std::string& rules, uint64_t seed = 1) {
  ActiveScenarios rulebook(seed);
  rulebook.add(shared(with_rules(rules)));
  return rulebook;
}

/// A scenario of this name whose one rule acts once.
std::shared_ptr<const scenario::Scenario> once(const std::string& name) {
  return shared(
      scenario_tests::loaded(R"({"name": ")" + name +
                             R"(", "rules": [{"on": "* *", "times": 1, "error": "not_found"}]})"));
}

/// The scenarios in force, and how often each of their rules matched and fired: `s 3/1 0/0; `.
std::string active_in(const ActiveScenarios& rulebook) {
  std::string text;
  for (const ActiveScenarios::Active& active : rulebook.active()) {
    text += active.scenario->name;
    for (const ActiveScenarios::Count& count : active.counts) {
      text += " " + std::to_string(count.matched) + "/" + std::to_string(count.fired);
    }
    text += "; ";
  }
  return text;
}

/// On which of so many requests the one rule acts, as `.` and `X`.
std::string pattern_of(ActiveScenarios& rulebook, int requests) {
  std::string pattern;
  for (int i = 0; i < requests; ++i) pattern += decide(rulebook, {}) ? 'X' : '.';
  return pattern;
}

/// The pattern of a rule with these fields besides on and error.
std::string pattern_with(const std::string& fields, int requests, uint64_t seed = 1) {
  ActiveScenarios rulebook =
      book_of(R"({"on": "* *", "error": "server_error")" + fields + "}", seed);
  return pattern_of(rulebook, requests);
}

/// The delays of so many requests, in milliseconds, each of which is held back.
std::vector<int64_t> delays_of(const std::string& delay, int requests, uint64_t seed) {
  ActiveScenarios rulebook = book_of(R"({"on": "* *", "delay": )" + delay + "}", seed);
  std::vector<int64_t> delays;
  for (int i = 0; i < requests; ++i) delays.push_back(decide(rulebook, {}).value().delay.count());
  return delays;
}

}  // namespace

TEST_CASE("no rule acts if there is none, or none that matches") {
  ActiveScenarios empty(1);
  CHECK(empty.empty());
  CHECK(acting(empty) == "none");
  ActiveScenarios other = book_of(R"({"on": "POST /apikey/", "error": "server_error"})");
  CHECK_FALSE(other.empty());
  CHECK(acting(other) == "none");
}

TEST_CASE("a decision names the scenario and the rule, and carries its act") {
  ActiveScenarios rulebook(1);
  rulebook.add(shared(scenario_tests::loaded(R"({"name": "flaky", "rules": [
    {"on": "POST /apikey/", "error": "rate_limited"},
    {"on": "GET /apikey/", "fault": "HANG", "delay": {"milliseconds": 800},
     "dribble": {"chunks": 3, "milliseconds": 90}}]})")));
  auto decision = decide(rulebook, {});
  REQUIRE(decision.has_value());
  CHECK(decision->source == "flaky, rule 2");
  CHECK(decision->delay == std::chrono::milliseconds{800});
  REQUIRE(decision->effect != nullptr);
  CHECK((decision->effect->fault == http::Fault::hang));
  CHECK(decision->effect->dribble->chunks == 3);
  CHECK_FALSE(decision->effect->error.has_value());
  auto refused = decide(rulebook, {.method = "POST"});
  REQUIRE(refused.has_value());
  CHECK((refused->effect->error == capgo::ErrorName::rate_limited));
  CHECK(refused->delay.count() == 0);
}

TEST_CASE("rules are tried in their order, and the first that matches acts") {
  ActiveScenarios rulebook = book_of(R"(
    {"on": "DELETE *", "error": "not_found"},
    {"on": "GET /apikey/", "error": "server_error"},
    {"on": "* *", "error": "rate_limited"})");
  for (int i = 0; i < 3; ++i) {
    CHECK(acting(rulebook) == "s, rule 2");
    CHECK(acting(rulebook, {.method = "DELETE"}) == "s, rule 1");
    CHECK(acting(rulebook, {.method = "POST"}) == "s, rule 3");
  }
}

TEST_CASE("scenarios are tried in the order they were added") {
  ActiveScenarios rulebook(1);
  rulebook.add(once("first"));
  rulebook.add(once("second"));
  CHECK(acting(rulebook) == "first, rule 1");
  CHECK(acting(rulebook) == "second, rule 1");
  CHECK(acting(rulebook) == "none");
}

TEST_CASE("what is in force is listed in order, with how often each rule matched and fired") {
  ActiveScenarios rulebook(1);
  CHECK(active_in(rulebook).empty());
  rulebook.add(once("first"));
  rulebook.add(shared(with_rules(R"(
    {"on": "POST *", "error": "not_found"},
    {"on": "GET *", "every": 2, "error": "not_found"})")));
  CHECK(active_in(rulebook) == "first 0/0; s 0/0 0/0; ");
  for (int i = 0; i < 6; ++i) decide(rulebook, {});
  CHECK(active_in(rulebook) == "first 1/1; s 0/0 5/2; ");
}

TEST_CASE("a scenario that is put takes the place of the one of its name, its counts begin anew") {
  ActiveScenarios rulebook(1);
  CHECK(rulebook.put(once("a")));
  CHECK(rulebook.put(once("b")));
  CHECK(rulebook.put(once("c")));
  for (int i = 0; i < 3; ++i) decide(rulebook, {});
  CHECK(active_in(rulebook) == "a 1/1; b 1/1; c 1/1; ");
  CHECK_FALSE(rulebook.put(shared(scenario_tests::loaded(R"({"name": "b", "rules": [
    {"on": "POST *", "error": "not_found"}, {"on": "* *", "error": "server_error"}]})"))));
  CHECK(active_in(rulebook) == "a 1/1; b 0/0 0/0; c 1/1; ");
  CHECK(acting(rulebook) == "b, rule 2");
  CHECK_FALSE(rulebook.put(once("a")));
  CHECK(acting(rulebook) == "a, rule 1");
}

TEST_CASE("a scenario that is removed acts no more, and the others go on") {
  ActiveScenarios rulebook(1);
  rulebook.add(once("a"));
  rulebook.add(once("b"));
  CHECK(acting(rulebook) == "a, rule 1");
  CHECK_FALSE(rulebook.remove("A"));
  CHECK(rulebook.remove("b"));
  CHECK_FALSE(rulebook.remove("b"));
  CHECK(active_in(rulebook) == "a 1/1; ");
  CHECK(acting(rulebook) == "none");
  rulebook.clear();
  CHECK(rulebook.empty());
  CHECK(active_in(rulebook).empty());
}

TEST_CASE("of several scenarios of one name, putting replaces all and removing removes all") {
  ActiveScenarios rulebook(1);
  for (const char* name : {"a", "b", "a", "c", "a"}) rulebook.add(once(name));
  CHECK(active_in(rulebook) == "a 0/0; b 0/0; a 0/0; c 0/0; a 0/0; ");
  ActiveScenarios other = rulebook;
  CHECK_FALSE(rulebook.put(once("a")));
  CHECK(active_in(rulebook) == "a 0/0; b 0/0; c 0/0; ");
  CHECK(other.remove("a"));
  CHECK(active_in(other) == "b 0/0; c 0/0; ");
}

TEST_CASE("rulebooks share a scenario and count for themselves") {
  auto scenario = once("a");
  ActiveScenarios one(1);
  ActiveScenarios other(1);
  one.add(scenario);
  other.add(scenario);
  CHECK(one.active()[0].scenario == other.active()[0].scenario);
  CHECK(acting(one) == "a, rule 1");
  CHECK(acting(one) == "none");
  CHECK(acting(other) == "a, rule 1");
}

TEST_CASE("a rule acts so many times, then the next rule may") {
  CHECK(pattern_with(R"(, "times": 1)", 4) == "X...");
  CHECK(pattern_with(R"(, "times": 3)", 5) == "XXX..");
  CHECK(pattern_with("", 5) == "XXXXX");
  ActiveScenarios rulebook = book_of(R"(
    {"on": "* *", "times": 2, "error": "not_found"},
    {"on": "* *", "times": 1, "error": "server_error"})");
  CHECK(acting(rulebook) == "s, rule 1");
  CHECK(acting(rulebook) == "s, rule 1");
  CHECK(acting(rulebook) == "s, rule 2");
  CHECK(acting(rulebook) == "none");
}

TEST_CASE("a rule lets the first matching requests pass, and later rules may act on them") {
  CHECK(pattern_with(R"(, "skip": 0)", 3) == "XXX");
  CHECK(pattern_with(R"(, "skip": 2)", 5) == "..XXX");
  ActiveScenarios rulebook = book_of(R"(
    {"on": "* *", "skip": 2, "error": "not_found"},
    {"on": "* *", "error": "server_error"})");
  CHECK(acting(rulebook) == "s, rule 2");
  CHECK(acting(rulebook) == "s, rule 2");
  CHECK(acting(rulebook) == "s, rule 1");
  CHECK(acting(rulebook) == "s, rule 1");
}

TEST_CASE("with every N, a rule acts on each Nth matching request") {
  CHECK(pattern_with(R"(, "every": 1)", 4) == "XXXX");
  CHECK(pattern_with(R"(, "every": 2)", 6) == ".X.X.X");
  CHECK(pattern_with(R"(, "every": 3)", 7) == "..X..X.");
}

TEST_CASE("skip, every and times work together") {
  CHECK(pattern_with(R"(, "skip": 2, "times": 2)", 6) == "..XX..");
  CHECK(pattern_with(R"(, "every": 2, "times": 2)", 8) == ".X.X....");
  CHECK(pattern_with(R"(, "skip": 1, "every": 3)", 10) == "...X..X..X");
  CHECK(pattern_with(R"(, "skip": 3, "every": 2, "times": 2)", 12) == "....X.X.....");
}

TEST_CASE("requests that do not match are not counted") {
  ActiveScenarios rulebook =
      book_of(R"({"on": "POST *", "skip": 1, "every": 2, "times": 1, "error": "server_error"})");
  for (int i = 0; i < 5; ++i) CHECK(acting(rulebook) == "none");
  CHECK(acting(rulebook, {.method = "POST"}) == "none");
  CHECK(acting(rulebook) == "none");
  CHECK(acting(rulebook, {.method = "POST"}) == "none");
  CHECK(acting(rulebook) == "none");
  CHECK(acting(rulebook, {.method = "POST"}) == "s, rule 1");
  CHECK(acting(rulebook, {.method = "POST"}) == "none");
}

TEST_CASE("requests that an earlier rule took are not counted by a later one") {
  ActiveScenarios rulebook = book_of(R"(
    {"on": "* *", "times": 2, "error": "not_found"},
    {"on": "* *", "skip": 1, "error": "server_error"})");
  CHECK(acting(rulebook) == "s, rule 1");
  CHECK(acting(rulebook) == "s, rule 1");
  CHECK(acting(rulebook) == "none");
  CHECK(acting(rulebook) == "s, rule 2");
}

TEST_CASE("each rule counts for itself") {
  ActiveScenarios rulebook = book_of(R"(
    {"on": "GET *", "times": 1, "error": "not_found"},
    {"on": "POST *", "times": 1, "error": "not_found"})");
  CHECK(acting(rulebook, {.method = "POST"}) == "s, rule 2");
  CHECK(acting(rulebook, {.method = "POST"}) == "none");
  CHECK(acting(rulebook) == "s, rule 1");
  CHECK(acting(rulebook) == "none");
}

TEST_CASE("a probability of 0 never acts, one of 1 always, whatever the seed") {
  for (uint64_t seed = 0; seed < 20; ++seed) {
    CHECK(pattern_with(R"(, "probability": 0)", 200, seed) == std::string(200, '.'));
    CHECK(pattern_with(R"(, "probability": 1)", 200, seed) == std::string(200, 'X'));
  }
}

TEST_CASE("the same seed makes the same choices, another seed others") {
  std::string pattern = pattern_with(R"(, "probability": 0.5)", 200, 7);
  CHECK(pattern_with(R"(, "probability": 0.5)", 200, 7) == pattern);
  CHECK(pattern_with(R"(, "probability": 0.5)", 200, 8) != pattern);
}

TEST_CASE("a rule acts as often as its probability says") {
  constexpr int kRequests = 10'000;
  for (double probability : {0.05, 0.3, 0.9}) {
    CAPTURE(probability);
    std::string pattern =
        pattern_with(", \"probability\": " + std::to_string(probability), kRequests, 3);
    double ratio = static_cast<double>(std::count(pattern.begin(), pattern.end(), 'X')) / kRequests;
    // Four standard deviations of the widest are 0.02.
    CHECK(ratio > probability - 0.02);
    CHECK(ratio < probability + 0.02);
  }
}

TEST_CASE("what chance lets pass does not use a rule up, and the next rule may act") {
  std::string pattern = pattern_with(R"(, "probability": 0.2, "times": 5)", 500, 4);
  CHECK(std::count(pattern.begin(), pattern.end(), 'X') == 5);
  CHECK(pattern.find('.') < pattern.rfind('X'));
  ActiveScenarios rulebook = book_of(R"(
    {"on": "* *", "probability": 0.5, "error": "not_found"},
    {"on": "* *", "error": "server_error"})");
  int second = 0;
  for (int i = 0; i < 100; ++i) {
    std::string source = acting(rulebook);
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

TEST_CASE("a uniform delay lies within its ends and reaches both") {
  auto delays = delays_of(R"({"type": "uniform", "lower": 5, "upper": 9})", 1000, 1);
  CHECK(*std::min_element(delays.begin(), delays.end()) == 5);
  CHECK(*std::max_element(delays.begin(), delays.end()) == 9);
  for (int64_t wanted : {6, 7, 8}) {
    auto count = std::count(delays.begin(), delays.end(), wanted);
    CHECK(count > 190);
    CHECK(count < 310);
  }
  CHECK((delays_of(R"({"type": "uniform", "lower": 7, "upper": 7})", 2, 1) ==
         std::vector<int64_t>{7, 7}));
}

TEST_CASE("half of the lognormal delays lie below the median, and two thirds within a sigma") {
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

TEST_CASE("no delay is negative or longer than ten minutes, however wild its draw") {
  auto delays = delays_of(R"({"type": "lognormal", "median": 600000, "sigma": 10})", 1000, 3);
  CHECK(*std::min_element(delays.begin(), delays.end()) >= 0);
  CHECK(*std::max_element(delays.begin(), delays.end()) == 600'000);
  CHECK((delays_of(R"({"type": "lognormal", "median": 0, "sigma": 10})", 2, 1) ==
         std::vector<int64_t>{0, 0}));
  CHECK((delays_of(R"({"type": "lognormal", "median": 50, "sigma": 0})", 2, 1) ==
         std::vector<int64_t>{50, 50}));
}

TEST_CASE("the same seed draws the same delays, another seed others") {
  for (const std::string delay : {R"({"type": "uniform", "lower": 0, "upper": 100000})",
                                  R"({"type": "lognormal", "median": 5000, "sigma": 1})"}) {
    CAPTURE(delay);
    auto delays = delays_of(delay, 50, 11);
    CHECK((delays_of(delay, 50, 11) == delays));
    CHECK((delays_of(delay, 50, 12) != delays));
  }
}
