#include <doctest/doctest.h>

#include "json/body.h"
#include "json/document.h"
#include "scenario/loading.h"

namespace {

using json::Ordered;

/// The problems of a scenario with one rule, which matches everything and has these fields. Without
/// positions.
std::string problems_with(const std::string& fields) {
  auto loaded = scenario::load_scenario("s.json", R"({"rules": [{"on": "* *", )" + fields + "}]}");
  std::string lines;
  for (const std::string& problem : loaded.problems) {
    lines += problem.substr(problem.find(": ") + 2) + "\n";
  }
  return lines;
}

std::string delay_problems(const std::string& delay) {
  return problems_with("\"delay\": " + delay);
}

/// The problems of a response with one header.
std::string problems_of_header(const std::string& name, const Ordered& value) {
  Ordered respond = {{"headers", Ordered::object({{name, value}})}};
  return problems_with("\"respond\": " + json::dump(respond));
}

constexpr const char* kUnused =
    " delay has fields it does not use: \"fixed\" takes milliseconds, \"uniform\" lower and "
    "upper, \"lognormal\" median and sigma\n";

}  // namespace

TEST_CASE("a rule has an error or a response, not both") {
  CHECK(problems_with(R"("error": "not_found", "respond": {"status": 404})") ==
        "/rules/0/respond: a rule has \"error\" or \"respond\", not both; remove one\n");
  CHECK(scenario::load_scenario("s.json",
                                "{\"rules\": [{\"on\": \"* *\", \"error\": \"not_found\",\n"
                                "\"respond\": {}}]}")
            .problems.at(0)
            .starts_with("s.json:2:12: /rules/0/respond: "));
}

TEST_CASE("headers that the server sets are rejected, in any case") {
  for (const std::string name : {"Content-Length", "content-length", "Transfer-Encoding",
                                 "TRANSFER-ENCODING", "Connection", "connection", "Keep-Alive"}) {
    CAPTURE(name);
    CHECK(problems_of_header(name, "1") == json::child_pointer("/rules/0/respond/headers", name) +
                                               ": is set by the server; remove it\n");
  }
  for (const std::string name :
       {"Content-Type", "Retry-After", "Content-Length-X", "X-Connection"}) {
    CAPTURE(name);
    CHECK(problems_of_header(name, "1").empty());
  }
}

TEST_CASE("invalid headers are rejected") {
  for (const std::string name :
       {"", "X Y", "X:", "X\n", "X\r\nY", "\u00C9", "X(", "X/Y", "\"X\""}) {
    CAPTURE(name);
    CHECK(problems_of_header(name, "1") ==
          json::child_pointer("/rules/0/respond/headers", name) + ": is not a valid header\n");
  }
  for (const std::string& value :
       {std::string("a\r\nSet-Cookie: b"), std::string("\n"), std::string("a\r"),
        std::string("a\0b", 3), std::string("a\x01"), std::string("\x7f"), std::string(" a"),
        std::string("a\t"), std::string(" ")}) {
    CAPTURE(value);
    CHECK(problems_of_header("X-Y", value) ==
          "/rules/0/respond/headers/X-Y: is not a valid header\n");
  }
  CHECK(problems_of_header("!#$%&'*+-.^_`|~09azAZ", "").empty());
  CHECK(problems_of_header("X-Y", "a\tb \u00E9").empty());
  CHECK(problems_of_header("X-Y", "").empty());
}

TEST_CASE("the headers of an error are checked as those of a response") {
  CHECK(problems_with(R"("error": "rate_limited", "headers": {"Retry-After": "1"})").empty());
  CHECK(problems_with(R"("error": "rate_limited", "headers": null)").empty());
  CHECK(problems_with(R"("error": "rate_limited", "headers":
                         {"Content-Length": "1", "X Y": "1", "X-Z": "\n", "X-Y": 1})") ==
        "/rules/0/headers/Content-Length: is set by the server; remove it\n"
        "/rules/0/headers/X Y: is not a valid header\n"
        "/rules/0/headers/X-Z: is not a valid header\n"
        "/rules/0/headers/X-Y: 1 must be a string\n");
  CHECK(problems_with(R"("error": "rate_limited", "headers": [])") ==
        "/rules/0/headers: [] must be an object of strings\n");
}

TEST_CASE("headers without an error are rejected") {
  for (const std::string effect : {R"("respond": {})", R"("delay": {"milliseconds": 1})"}) {
    CHECK(problems_with(effect + R"(, "headers": {"X-Y": "1"})") ==
          "/rules/0/headers: are for \"error\"; put those of a response inside \"respond\"\n");
  }
  CHECK(problems_with(R"("headers": {"X-Y": "1"})")
            .starts_with("/rules/0: the rule has no effect; add one of \"error\", \"respond\", "));
}

TEST_CASE("values of headers and queries are strings") {
  for (const Ordered& value : {Ordered(1), Ordered(nullptr), Ordered::array({"1"})}) {
    std::string problem_line = "/X-Y: " + json::dump(value) + " must be a string\n";
    CAPTURE(problem_line);
    CHECK(problems_of_header("X-Y", value) == "/rules/0/respond/headers" + problem_line);
    for (const std::string field : {"header", "query"}) {
      Ordered match = {{field, Ordered::object({{"X-Y", value}})}};
      std::string problem =
          problems_with("\"error\": \"not_found\", \"match\": " + json::dump(match));
      CHECK(problem == "/rules/0/match/" + field + problem_line);
    }
  }
}

TEST_CASE("a response whose status forbids a body must not have one") {
  for (const std::string status : {"204", "205", "304"}) {
    CAPTURE(status);
    CHECK(problems_with("\"respond\": {\"status\": " + status + ", \"body\": {}}") ==
          "/rules/0/respond/body: a response with status " + status + " has no body; remove it\n");
    CHECK(problems_with("\"respond\": {\"status\": " + status + "}").empty());
  }
  CHECK(problems_with(R"("respond": {"status": 206, "body": "x"})").empty());
}

TEST_CASE("a delay requires the numbers of its type") {
  CHECK(delay_problems("{}") == "/rules/0/delay: \"milliseconds\" is missing; give it a value\n");
  CHECK(delay_problems(R"({"type": "fixed"})") ==
        "/rules/0/delay: \"milliseconds\" is missing; give it a value\n");
  CHECK(delay_problems(R"({"type": "uniform"})") ==
        "/rules/0/delay: \"lower\" is missing; give it a value\n"
        "/rules/0/delay: \"upper\" is missing; give it a value\n");
  CHECK(delay_problems(R"({"type": "uniform", "lower": 5})") ==
        "/rules/0/delay: \"upper\" is missing; give it a value\n");
  CHECK(delay_problems(R"({"type": "uniform", "upper": 5})") ==
        "/rules/0/delay: \"lower\" is missing; give it a value\n");
  CHECK(delay_problems(R"({"type": "lognormal", "median": 5})") ==
        "/rules/0/delay: \"sigma\" is missing; give it a value\n");
}

TEST_CASE("a delay must not have numbers of another type") {
  CHECK(delay_problems(R"({"milliseconds": 5, "sigma": 1})") ==
        "/rules/0/delay: a \"fixed\"" + std::string(kUnused));
  CHECK(delay_problems(R"({"type": "uniform", "lower": 1, "upper": 2, "milliseconds": 5})") ==
        "/rules/0/delay: a \"uniform\"" + std::string(kUnused));
  CHECK(delay_problems(R"({"type": "lognormal", "median": 1, "sigma": 2, "upper": 5})") ==
        "/rules/0/delay: a \"lognormal\"" + std::string(kUnused));
}

TEST_CASE("a delay of an unknown type is one problem") {
  CHECK(delay_problems(R"({"type": "unifrom", "lower": 1, "upper": 2})") ==
        "/rules/0/delay/type: \"unifrom\" is not one of fixed, uniform, lognormal; did you mean "
        "\"uniform\"?\n");
  CHECK(delay_problems(R"({"type": 1, "milliseconds": 2})") ==
        "/rules/0/delay/type: 1 is not one of fixed, uniform, lognormal\n");
}

TEST_CASE("a delay is at most ten minutes, and a sigma at most 10") {
  auto fixed = [](const std::string& value) {
    return delay_problems("{\"milliseconds\": " + value + "}");
  };
  CHECK(fixed("0").empty());
  CHECK(fixed("600000").empty());
  CHECK(fixed("0.5").empty());
  for (const std::string value : {"-1", "600001", "600000.5", "\"5\"", "true", "[]"}) {
    CAPTURE(value);
    CHECK(fixed(value).starts_with("/rules/0/delay/milliseconds: " + value +
                                   " must be a number from 0"));
  }
  CHECK(delay_problems(R"({"type": "lognormal", "median": 1, "sigma": 10})").empty());
  CHECK(delay_problems(R"({"type": "lognormal", "median": 1, "sigma": 10.5})")
            .starts_with("/rules/0/delay/sigma: 10.5 must be a number from 0"));
}

TEST_CASE("the upper limit of a uniform delay is not below the lower one") {
  CHECK(delay_problems(R"({"type": "uniform", "lower": 5, "upper": 4.9})") ==
        "/rules/0/delay/upper: must not be below \"lower\"\n");
  CHECK(delay_problems(R"({"type": "uniform", "lower": 5, "upper": 5})").empty());
  auto wrong_upper = delay_problems(R"({"type": "uniform", "lower": 5, "upper": "6"})");
  CHECK(wrong_upper.starts_with("/rules/0/delay/upper: \"6\" must be a number from 0"));
  CHECK(wrong_upper.find("below") == std::string::npos);
}

TEST_CASE("a delay of the wrong type is one problem") {
  CHECK(delay_problems("800") ==
        "/rules/0/delay: 800 must be an object with the fields \"type\", \"milliseconds\", "
        "\"lower\", \"upper\", \"median\", \"sigma\"\n");
}

TEST_CASE("a dribble requires two numbers within their ranges") {
  auto dribble = [](const std::string& value) { return problems_with("\"dribble\": " + value); };
  const std::string chunks = " must be a whole number from 1 to 10000\n";
  const std::string milliseconds = " must be a whole number from 0 to 600000\n";
  CHECK(dribble(R"({"chunks": 1, "milliseconds": 0})").empty());
  CHECK(dribble(R"({"chunks": 10000, "milliseconds": 600000})").empty());
  CHECK(dribble("{}") ==
        "/rules/0/dribble: \"chunks\" is missing; give it a value\n"
        "/rules/0/dribble: \"milliseconds\" is missing; give it a value\n");
  for (const std::string value : {"0", "10001", "1.5", "\"5\""}) {
    CHECK(dribble("{\"milliseconds\": 1, \"chunks\": " + value + "}") ==
          "/rules/0/dribble/chunks: " + value + chunks);
  }
  for (const std::string value : {"-1", "600001", "0.5", "false"}) {
    CHECK(dribble("{\"chunks\": 1, \"milliseconds\": " + value + "}") ==
          "/rules/0/dribble/milliseconds: " + value + milliseconds);
  }
  CHECK(dribble("5") ==
        "/rules/0/dribble: 5 must be an object with the fields \"chunks\", \"milliseconds\"\n");
}

TEST_CASE("all problems of a scenario are reported, in the order of the file") {
  auto loaded = scenario::load_scenario("dir/s.json", R"({
  "rules": [
    {"on": "* *", "times": 0, "eror": "x"},
    {"on": "* /a/:id", "delay": {"milliseconds": -1}, "match": {"mode": "al"}}
  ],
  "nam": "x"
})");
  REQUIRE(loaded.problems.size() == 6);
  CHECK(loaded.problems[0].starts_with("dir/s.json:3:5: /rules/0: the rule has no effect; "));
  CHECK(loaded.problems[1].starts_with("dir/s.json:3:28: /rules/0/times: 0 must be "));
  CHECK(loaded.problems[2] ==
        "dir/s.json:3:31: /rules/0/eror: unknown field; did you mean \"error\"?");
  CHECK(loaded.problems[3].starts_with("dir/s.json:4:50: /rules/1/delay/milliseconds: -1 must "));
  CHECK(loaded.problems[4].starts_with("dir/s.json:4:73: /rules/1/match/mode: \"al\" is not "));
  CHECK(loaded.problems[5] == "dir/s.json:6:3: /nam: unknown field; did you mean \"name\"?");
}
