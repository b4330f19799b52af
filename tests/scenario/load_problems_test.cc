#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

#include "json/body.h"
#include "scenario/loading.h"

namespace {

using json::Ordered;
using scenario_tests::problems_of;

/// A field, its value as JSON, and the expected problem; empty for none.
struct FieldValue {
  std::string_view field;
  std::string_view value;
  std::string_view problem;
};

/// The place of an object in a scenario, such as `/delay`, and its required fields.
struct Place {
  std::string pointer;
  Ordered required;
};

const Place kRule = {"", {{"on", "* /a/:id"}, {"error", "server_error"}}};
const Place kMatch = {"/match", Ordered::object()};
const Place kRespond = {"/respond", Ordered::object()};
const Place kDribble = {"/dribble", {{"chunks", 1}, {"milliseconds", 1}}};

/// A scenario with one rule that has this object at this place.
std::string file_with(const Place& place, const Ordered& object) {
  Ordered rule = place.pointer.empty() ? object : kRule.required;
  if (place.pointer == "/respond") rule.erase("error");
  if (!place.pointer.empty()) rule[place.pointer.substr(1)] = object;
  return json::dump({{"rules", Ordered::array({rule})}});
}

/// The problem without file, line and column.
std::string without_position(const std::string& problem) {
  return problem.substr(problem.find(": ") + 2);
}

/// Checks that a scenario with the field in the object at this place has exactly this problem.
void check_fields(const Place& place, const std::vector<FieldValue>& fields) {
  for (const FieldValue& field : fields) {
    CAPTURE(field.field);
    CAPTURE(field.value);
    Ordered object = place.required;
    object[std::string(field.field)] = json::parse_ordered(field.value);
    std::string expected;
    if (!field.problem.empty()) {
      expected = "/rules/0" + place.pointer + "/" + std::string(field.field) + ": " +
                 std::string(field.problem) + "\n";
    }
    std::string problems = problems_of(file_with(place, object));
    CHECK(std::count(problems.begin(), problems.end(), '\n') == (expected.empty() ? 0 : 1));
    CHECK((problems.empty() ? problems : without_position(problems)) == expected);
  }
}

}  // namespace

TEST_CASE("a file that is not a scenario is rejected") {
  const std::string fields =
      " must be an object with the fields \"$schema\", \"name\", \"description\", \"rules\"\n";
  CHECK(problems_of("null") == "s.json:1:1: null" + fields);
  CHECK(problems_of("[]") == "s.json:1:1: []" + fields);
  CHECK(problems_of("\n\"x\"") == "s.json:2:1: \"x\"" + fields);
  CHECK(problems_of("").starts_with("s.json:1:1: is not JSON: "));
  CHECK(problems_of("{\"rules\": [}").starts_with("s.json:1:12: is not JSON: "));
}

TEST_CASE("a scenario requires rules, and rejects unknown fields") {
  CHECK(problems_of("{}") == "s.json:1:1: \"rules\" is missing; give it a value\n");
  CHECK(problems_of(R"({"rules": null})") == "s.json:1:1: \"rules\" is missing; give it a value\n");
  CHECK(problems_of(R"({"rules": {}, "name": 5, "description": [], "rule": []})") ==
        "s.json:1:11: /rules: {} must be an array\n"
        "s.json:1:23: /name: 5 must be a string\n"
        "s.json:1:41: /description: [] must be a string\n"
        "s.json:1:45: /rule: unknown field; did you mean \"rules\"?\n");
}

TEST_CASE("a rule that is not an object is one problem") {
  auto problems = scenario::load_scenario("s.json", "{\"rules\": [5,\n \"x\"]}").problems;
  REQUIRE(problems.size() == 2);
  const std::string fields =
      " must be an object with the fields \"on\", \"match\", \"skip\", \"times\", \"every\", "
      "\"probability\", \"headers\", \"requires\", \"denied\", \"error\", \"respond\", \"delay\", "
      "\"fault\", \"dribble\"";
  CHECK(problems[0] == "s.json:1:12: /rules/0: 5" + fields);
  CHECK(problems[1] == "s.json:2:2: /rules/1: \"x\"" + fields);
}

TEST_CASE("a rule requires on and an effect") {
  CHECK(problems_of("{\"rules\": [\n{}]}") ==
        "s.json:2:1: /rules/0: \"on\" is missing; give it a value\n"
        "s.json:2:1: /rules/0: the rule has no effect; add one of \"error\", \"respond\", "
        "\"delay\", \"fault\", \"dribble\"\n");
  CHECK(problems_of(R"({"rules": [{"on": "* *", "times": 1, "error": null}]})") ==
        "s.json:1:12: /rules/0: the rule has no effect; add one of \"error\", \"respond\", "
        "\"delay\", \"fault\", \"dribble\"\n");
}

TEST_CASE("on must be a method in capitals and a path") {
  for (std::string_view on :
       {"", " ", "POST", "POST ", "/apikey/", " /apikey/", "POST  /apikey/", "POST apikey/",
        "POST /a b", "POST /apikey/ ", "post /apikey/", "Post /apikey/", "GET /apikey/?x=1",
        "GET /apikey/#x", "G(T /", "* **", "GET: /", "\u00C9 /"}) {
    CAPTURE(on);
    std::string problem =
        problems_of(json::dump({{"rules", {{{"on", on}, {"error", "server_error"}}}}}));
    CHECK(problem == "s.json:1:17: /rules/0/on: \"" + std::string(on) +
                         "\" must be a method in capitals and a path without query, such as "
                         "\"POST /apikey/\", \"DELETE /apikey/:id/\" or \"* *\"\n");
  }
  check_fields(kRule, {{"on", "5", "5 must be a string"}});
  CHECK(problems_of(json::dump({{"rules", {{{"on", std::string(100, 'a')}, {"delay", nullptr}}}}}))
            .find("/on: \"" + std::string(60, 'a') + "...\" must be a method") !=
        std::string::npos);
}

TEST_CASE("unknown fields are reported with a suggestion") {
  check_fields(kRule, {{"probabilty", "1", "unknown field; did you mean \"probability\"?"}});
  check_fields(kMatch, {{"headers", "{}", "unknown field; did you mean \"header\"?"}});
  check_fields(kRespond, {{"header", "{}", "unknown field; did you mean \"headers\"?"},
                          {"code", "1",
                           "unknown field; the fields are \"status\", \"headers\", "
                           "\"body\", \"example\""}});
  check_fields(kDribble, {{"chunk", "1", "unknown field; did you mean \"chunks\"?"}});
}

TEST_CASE("unknown errors, faults and modes are reported with a suggestion") {
  auto problem_of = [](const Place& place, const std::string& field, const std::string& value) {
    Ordered object = place.required;
    object[field] = value;
    return without_position(problems_of(file_with(place, object)));
  };
  CHECK(problem_of(kRule, "fault", "HANGS") ==
        "/rules/0/fault: \"HANGS\" is not one of CONNECTION_RESET_BY_PEER, EMPTY_RESPONSE, "
        "MALFORMED_RESPONSE_CHUNK, RANDOM_DATA_THEN_CLOSE, HANG; did you mean \"HANG\"?\n");
  CHECK(problem_of(kMatch, "mode", "wirte") ==
        "/rules/0/match/mode: \"wirte\" is not one of read, upload, write, all; did you mean "
        "\"write\"?\n");
  std::string all;
  for (std::string_view name : base::kNames<capgo::ErrorName>) {
    all += (all.empty() ? "" : ", ") + std::string(name);
  }
  CHECK(problem_of(kRule, "error", "permision_denied") ==
        "/rules/0/error: \"permision_denied\" is not one of " + all +
            "; did you mean \"permission_denied\"?\n");
  CHECK(problem_of(kRule, "error", "teapot") ==
        "/rules/0/error: \"teapot\" is not one of " + all + "\n");
}

TEST_CASE("counts and probabilities of the wrong type or out of range are problems") {
  const std::string_view skip = " must be a whole number from 0 to 1000000000";
  const std::string_view times = " must be a whole number from 1 to 1000000000";
  auto with = [](std::string_view value, std::string_view text) {
    return std::string(value) + std::string(text);
  };
  for (std::string_view value : {"-1", "1.5", "1000000001", "\"1\"", "true", "[1]"}) {
    check_fields(kRule, {{"skip", value, with(value, skip)},
                         {"times", value, with(value, times)},
                         {"every", value, with(value, times)}});
  }
  check_fields(kRule, {{"times", "0", with("0", times)}, {"every", "0", with("0", times)}});
  for (std::string_view value : {"-0.1", "1.1", "2", "\"0.5\"", "false"}) {
    Ordered rule = kRule.required;
    rule["probability"] = json::parse_ordered(value);
    CHECK(without_position(problems_of(file_with(kRule, rule)))
              .starts_with("/rules/0/probability: " + std::string(value) +
                           " must be a number from 0"));
  }
}

TEST_CASE("a match of the wrong type is a problem") {
  check_fields(kRule, {{"match", "5",
                        "5 must be an object with the fields \"id\", \"key\", \"mode\", "
                        "\"header\", \"query\", \"body\""}});
  check_fields(kMatch, {
                           {"id", "0", ""},
                           {"id", "9223372036854775807", ""},
                           {"id", "-1", "-1 must be a whole number of 0 or more, or a string"},
                           {"id", "1.5", "1.5 must be a whole number of 0 or more, or a string"},
                           {"id", "[1]", "[1] must be a whole number of 0 or more, or a string"},
                           {"key", "5", "5 must be a string"},
                           {"header", "\"x\"", "\"x\" must be an object of strings"},
                           {"query", "[]", "[] must be an object of strings"},
                           {"body", "5", ""},
                           {"body", "{\"a\":[]}", ""},
                       });
}

TEST_CASE("a match by id requires a path with an id") {
  for (const std::string on : {"* *", "POST /apikey/", "* /apikey*", "GET /apikey/id"}) {
    CAPTURE(on);
    Ordered rule = {{"on", on}, {"match", {{"id", 2}}}, {"error", "server_error"}};
    CHECK(without_position(problems_of(file_with(kRule, rule))) ==
          "/rules/0/match/id: the path in \"on\" has no \":id\"\n");
  }
}

TEST_CASE("a response of the wrong type is a problem") {
  const std::string_view status = " must be a whole number from 200 to 599";
  check_fields(kRespond, {
                             {"status", "200", ""},
                             {"status", "599", ""},
                             {"status", "199", "199" + std::string(status)},
                             {"status", "600", "600" + std::string(status)},
                             {"status", "\"200\"", "\"200\"" + std::string(status)},
                             {"headers", "[]", "[] must be an object of strings"},
                         });
  Ordered rule = {{"on", "* *"}, {"respond", 503}};
  CHECK(without_position(problems_of(file_with(kRule, rule))) ==
        "/rules/0/respond: 503 must be an object with the fields \"status\", \"headers\", "
        "\"body\", \"example\"\n");
}
