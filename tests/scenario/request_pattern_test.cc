#include <doctest/doctest.h>

#include <array>
#include <string>
#include <variant>

#include "scenario/scenario.h"

namespace {

struct Read {
  scenario::RequestPattern pattern;
  std::string problems;
};

/// The pattern in an object, `s.json`, that may have a field "status" beside.
Read read(const std::string& text) {
  static constexpr std::array<std::string_view, 3> kFields = {"on", "match", "status"};
  json::Document document("s.json", text);
  json::ObjectReader reader(document, document.root(), "", kFields);
  Read read{scenario::read_request_pattern(document, reader), ""};
  for (const std::string& line : document.problem_lines()) read.problems += line + "\n";
  return read;
}

}  // namespace

TEST_CASE("a pattern is read from an object that has other fields too") {
  Read got = read(R"({"status": 201, "match": {"id": 2, "body": {"a": 1}},
                      "on": "PUT /apikey/:id/"})");
  CHECK(got.problems.empty());
  CHECK(got.pattern.method == "PUT");
  CHECK(got.pattern.path == "/apikey/:id/");
  CHECK(std::get<int64_t>(got.pattern.match.id) == 2);
  CHECK(got.pattern.match.body == json::Value{{"a", 1}});
}

TEST_CASE("a pattern without on means every method and path") {
  for (const std::string text :
       {R"({})", R"({"on": null, "match": null})", R"({"match": {"key": "ak_1"}})"}) {
    CAPTURE(text);
    Read got = read(text);
    CHECK(got.problems.empty());
    CHECK(got.pattern.method == "*");
    CHECK(got.pattern.path == "*");
    CHECK(std::holds_alternative<std::monostate>(got.pattern.match.id));
  }
  CHECK(read(R"({"match": {"key": "ak_1"}})").pattern.match.key == "ak_1");
}

TEST_CASE("an id cannot be compared with a path that any request has") {
  CHECK(read(R"({"match": {"id": 2}})").problems ==
        "s.json:1:18: /match/id: the path in \"on\" has no \":id\"\n");
}

TEST_CASE("what is wrong with a pattern is told once") {
  CHECK(read(R"({"on": 5, "match": {"id": 2}})").problems ==
        "s.json:1:8: /on: 5 must be a string\n");
  CHECK(read(R"({"on": "POST", "match": {"id": 2}})").problems ==
        "s.json:1:8: /on: \"POST\" must be a method in capitals and a path without query, such as "
        "\"POST /apikey/\", \"DELETE /apikey/:id/\" or \"* *\"\n");
  CHECK(read(R"({"match": {"boddy": 1}})").problems ==
        "s.json:1:12: /match/boddy: unknown field; did you mean \"body\"?\n");
  CHECK(read(R"({"mach": {}})").problems ==
        "s.json:1:2: /mach: unknown field; did you mean \"match\"?\n");
}
