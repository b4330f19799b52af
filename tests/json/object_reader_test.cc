#include "json/object_reader.h"

#include <doctest/doctest.h>

#include <array>

#include "json/body.h"

namespace {

using json::Document;
using json::ObjectReader;
using json::Range;

using Fields = std::array<std::string_view, 3>;

constexpr Fields kFields = {"name", "age", "tags"};
constexpr std::array<std::string_view, 4> kModes = {"read", "upload", "write", "all"};

/// Reads the root object of a text, with the fields name, age and tags.
struct Reading {
  explicit Reading(std::string text)
      : document("f", std::move(text)), reader(document, document.root(), "", kFields) {}

  /// The problems, one per line, without the file name.
  std::string problems() const {
    std::string lines;
    for (const std::string& line : document.problem_lines()) lines += line.substr(2) + "\n";
    return lines;
  }

  Document document;
  ObjectReader reader;
};

/// The items that the reader reads as objects, as JSON.
std::string items_of(const Reading& reading, std::string_view name) {
  std::string items;
  reading.reader.each_object(
      name, kFields, [&](const ObjectReader& item) { items += json::dump(item.value()) + " "; });
  return items;
}

std::string joined(const std::optional<std::vector<std::string>>& texts) {
  if (!texts) return "nothing";
  std::string line;
  for (const std::string& text : *texts) line += "[" + text + "]";
  return line;
}

}  // namespace

TEST_CASE("an object with known fields has no problem, even if some are absent") {
  CHECK(Reading("{}").problems().empty());
  CHECK(Reading(R"({"tags": 1, "name": 2})").problems().empty());
}

TEST_CASE("a value that is not an object is a problem that lists the fields") {
  CHECK(Reading("[1]").problems() ==
        "1:1: [1] must be an object with the fields \"name\", \"age\", \"tags\"\n");
  CHECK(Reading("null").problems() ==
        "1:1: null must be an object with the fields \"name\", \"age\", \"tags\"\n");
}

TEST_CASE("a value that is not an object has no further problems") {
  Reading reading("\"text\"");
  std::string before = reading.problems();
  CHECK_FALSE(reading.reader.has("name"));
  CHECK(reading.reader.find("name") == nullptr);
  CHECK_FALSE(reading.reader.string("name").has_value());
  CHECK(items_of(reading, "tags").empty());
  reading.reader.require("name");
  CHECK(reading.problems() == before);
}

TEST_CASE("an unknown field is a problem at its name, with a suggestion or all fields") {
  CHECK(Reading(R"({"naem": 1,
 "color": 2, "Name": 3})")
            .problems() ==
        "1:2: /naem: unknown field; did you mean \"name\"?\n"
        "2:2: /color: unknown field; the fields are \"name\", \"age\", \"tags\"\n"
        "2:14: /Name: unknown field; did you mean \"name\"?\n");
}

TEST_CASE("a null field counts as absent, but is present") {
  Reading reading(R"({"name": null, "age": 5})");
  CHECK(reading.reader.has("name"));
  CHECK(reading.reader.find("name") == nullptr);
  CHECK(reading.reader.has("age"));
  REQUIRE(reading.reader.find("age") != nullptr);
  CHECK(json::dump(*reading.reader.find("age")) == "5");
  CHECK_FALSE(reading.reader.has("tags"));
  CHECK(reading.reader.find("tags") == nullptr);
}

TEST_CASE("getters return nothing if the field is absent or null, without a problem") {
  for (const std::string text : {"{}", R"({"name": null})"}) {
    CAPTURE(text);
    Reading reading(text);
    CHECK_FALSE(reading.reader.string("name").has_value());
    CHECK_FALSE(reading.reader.boolean("name").has_value());
    CHECK_FALSE(reading.reader.integer("name", {0, 9}).has_value());
    CHECK_FALSE(reading.reader.number("name", {0, 9}).has_value());
    CHECK_FALSE(reading.reader.strings("name").has_value());
    CHECK_FALSE(reading.reader.choice("name", kModes).has_value());
    CHECK(items_of(reading, "name").empty());
    CHECK_FALSE(reading.reader.object("name", kFields).has_value());
    CHECK(reading.problems().empty());
  }
}

TEST_CASE("a string is read") {
  CHECK(Reading(R"({"name": "x\u0000"})").reader.string("name") == std::string("x\0", 2));
  CHECK(Reading(R"({"name": ""})").reader.string("name") == "");
  Reading wrong(R"({"name": 5})");
  CHECK_FALSE(wrong.reader.string("name").has_value());
  CHECK(wrong.problems() == "1:10: /name: 5 must be a string\n");
}

TEST_CASE("a boolean is true or false") {
  CHECK(Reading(R"({"name": true})").reader.boolean("name") == true);
  CHECK(Reading(R"({"name": false})").reader.boolean("name") == false);
  Reading wrong(R"({"name": "true"})");
  CHECK_FALSE(wrong.reader.boolean("name").has_value());
  CHECK(wrong.problems() == "1:10: /name: \"true\" must be true or false\n");
}

TEST_CASE("an integer is a whole number within its range, limits included") {
  constexpr Range kRange = {-1, 9007199254740991};
  CHECK(Reading(R"({"age": -1})").reader.integer("age", kRange) == -1);
  CHECK(Reading(R"({"age": 0})").reader.integer("age", kRange) == 0);
  CHECK(Reading(R"({"age": 9007199254740991})").reader.integer("age", kRange) == 9007199254740991);
  for (const std::string wrong : {"-2", "9007199254740992", "9223372036854775808", "1.5", "\"1\"",
                                  "true", "[1]", "{}", "18446744073709551615", "1e300"}) {
    CAPTURE(wrong);
    Reading reading("{\"age\": " + wrong + "}");
    CHECK_FALSE(reading.reader.integer("age", kRange).has_value());
    std::string value = json::dump(reading.document.root()["age"]);
    CHECK(reading.problems() ==
          "1:9: /age: " + value + " must be a whole number from -1 to 9007199254740991\n");
  }
}

TEST_CASE("a number is within its range, limits included") {
  constexpr Range kRange = {0, 0.5};
  CHECK(Reading(R"({"age": 0})").reader.number("age", kRange) == 0.0);
  CHECK(Reading(R"({"age": 0.25})").reader.number("age", kRange) == 0.25);
  CHECK(Reading(R"({"age": 5e-1})").reader.number("age", kRange) == 0.5);
  for (const std::string wrong : {"-0.1", "0.51", "1", "-1", "\"0\"", "false", "[0]"}) {
    CAPTURE(wrong);
    Reading reading("{\"age\": " + wrong + "}");
    CHECK_FALSE(reading.reader.number("age", kRange).has_value());
    std::string problem = "1:9: /age: " + wrong + " must be a number from ";
    CHECK(reading.problems().starts_with(problem));
  }
}

TEST_CASE("strings are an array, and each item that is not a string is a problem") {
  CHECK(joined(Reading(R"({"tags": ["b", "", "b"]})").reader.strings("tags")) == "[b][][b]");
  CHECK(joined(Reading(R"({"tags": []})").reader.strings("tags")).empty());
  Reading wrong_items("{\"tags\": [\"a\", 1,\n null, \"b\", [\"c\"]]}");
  (void)wrong_items.reader.strings("tags");
  CHECK(wrong_items.problems() ==
        "1:16: /tags/1: 1 must be a string\n"
        "2:2: /tags/2: null must be a string\n"
        "2:13: /tags/4: [\"c\"] must be a string\n");
  Reading no_array(R"({"tags": "a"})");
  CHECK(joined(no_array.reader.strings("tags")) == "nothing");
  CHECK(no_array.problems() == "1:10: /tags: \"a\" must be an array of strings\n");
}

TEST_CASE("a choice is returned as its index, and the closest is suggested") {
  CHECK(Reading(R"({"name": "read"})").reader.choice("name", kModes) == 0);
  CHECK(Reading(R"({"name": "all"})").reader.choice("name", kModes) == 3);
  auto problems_of = [](const std::string& value) {
    Reading reading("{\"name\": " + value + "}");
    CHECK_FALSE(reading.reader.choice("name", kModes).has_value());
    return reading.problems();
  };
  CHECK(problems_of("\"reed\"") ==
        "1:10: /name: \"reed\" is not one of read, upload, write, all; did you mean \"read\"?\n");
  CHECK(problems_of("\"READ\"") ==
        "1:10: /name: \"READ\" is not one of read, upload, write, all; did you mean \"read\"?\n");
  CHECK(problems_of("\"admin\"") ==
        "1:10: /name: \"admin\" is not one of read, upload, write, all\n");
  CHECK(problems_of("0") == "1:10: /name: 0 is not one of read, upload, write, all\n");
  CHECK(problems_of("[\"read\"]") ==
        "1:10: /name: [\"read\"] is not one of read, upload, write, all\n");
}

TEST_CASE("the objects of an array are read in order, each with its pointer") {
  Reading reading(R"({"tags": [{"name": "a"}, 1, {"naem": 2}]})");
  CHECK(items_of(reading, "tags") == R"({"name":"a"} 1 {"naem":2} )");
  CHECK(reading.problems() ==
        "1:26: /tags/1: 1 must be an object with the fields \"name\", \"age\", \"tags\"\n"
        "1:30: /tags/2/naem: unknown field; did you mean \"name\"?\n");
  Reading wrong(R"({"tags": {}})");
  CHECK(items_of(wrong, "tags").empty());
  CHECK(wrong.problems() == "1:10: /tags: {} must be an array\n");
}

TEST_CASE("an inner object is read with its pointer") {
  Reading reading(R"({"tags": {"name": 1}})");
  auto inner = reading.reader.object("tags", kFields);
  REQUIRE(inner.has_value());
  CHECK_FALSE(inner->string("name").has_value());
  CHECK(reading.problems() == "1:19: /tags/name: 1 must be a string\n");
}

TEST_CASE("a required field that is absent or null is a problem of the object") {
  Reading there(R"({"name": false})");
  there.reader.require("name");
  CHECK(there.problems().empty());
  Reading absent("\n {}");
  absent.reader.require("name");
  absent.reader.require("age");
  CHECK(absent.problems() ==
        "2:2: \"name\" is missing; give it a value\n"
        "2:2: \"age\" is missing; give it a value\n");
  Reading null(R"({"name": null})");
  null.reader.require("name");
  CHECK(null.problems() == "1:1: \"name\" is missing; give it a value\n");
}

TEST_CASE("a reader of an inner object adds problems with its own pointer") {
  Document document("f", "{\"people\": [{},\n  {\"a/b\": 1}]}");
  const auto& second = document.root()["people"][1];
  std::array<std::string_view, 1> fields = {"a/b"};
  ObjectReader reader(document, second, "/people/1", fields);
  CHECK(reader.pointer("a/b") == "/people/1/a~1b");
  reader.add_problem("a/b", "is too small");
  reader.add_problem("is odd");
  auto lines = document.problem_lines();
  REQUIRE(lines.size() == 2);
  CHECK(lines[0] == "f:2:3: /people/1: is odd");
  CHECK(lines[1] == "f:2:11: /people/1/a~1b: is too small");
}

TEST_CASE("reading continues after a problem, so that all are found") {
  Reading reading(R"({"tags": 1, "name": 2, "age": 3, "x": 4})");
  CHECK_FALSE(reading.reader.string("name").has_value());
  CHECK(reading.reader.integer("age", {0, 9}) == 3);
  CHECK(joined(reading.reader.strings("tags")) == "nothing");
  CHECK(reading.problems() ==
        "1:10: /tags: 1 must be an array of strings\n"
        "1:21: /name: 2 must be a string\n"
        "1:34: /x: unknown field; the fields are \"name\", \"age\", \"tags\"\n");
}

TEST_CASE("a long value is truncated") {
  Reading reading("{\"name\": [\"" + std::string(10'000, 'a') + "\"]}");
  CHECK_FALSE(reading.reader.string("name").has_value());
  std::string problem = reading.problems();
  CHECK(problem.starts_with("1:10: /name: [\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"));
  CHECK(problem.ends_with("aaa... must be a string\n"));
  CHECK(problem.size() < 200);
}

TEST_CASE("credentials in problems are redacted") {
  const std::string key = "ak_0123456789abcdef0123456789abcdef";
  auto check = [](const std::string& value, const std::string& redacted) {
    CAPTURE(value);
    Reading reading("{\"name\": " + value + ", \"age\": " + value + "}");
    (void)reading.reader.boolean("name");
    (void)reading.reader.integer("age", {0, 9});
    (void)reading.reader.number("age", {0, 9});
    (void)reading.reader.choice("name", kModes);
    std::string at_age = "1:" + std::to_string(10 + value.size() + 9) + ": /age: ";
    CHECK(reading.problems() == "1:10: /name: " + redacted + " must be true or false\n" +
                                    "1:10: /name: " + redacted +
                                    " is not one of read, upload, write, all\n" + at_age +
                                    redacted + " must be a whole number from 0 to 9\n" + at_age +
                                    redacted + " must be a number from 0 to 9\n");
  };
  check("\"" + key + "\"", R"("ak_012...")");
  check("\"my key: " + key + "\"", R"("my key: ak_012...")");
  check("[\"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln\"]", R"(["eyJhbG..."])");
  check("{\"" + key + "\":{\"a\":[true,null,1]}}", R"({"ak_012...":{"a":[true,null,1]}})");
  check(R"([{"key":"ak_12","id":7}])", R"([{"key":"ak_12","id":7}])");
  Reading list("{\"tags\": [\"a\", {\"key\": \"" + key + "\"}]}");
  (void)list.reader.strings("tags");
  CHECK(list.problems() == "1:16: /tags/1: {\"key\":\"ak_012...\"} must be a string\n");
  CHECK(Reading("\"" + key + "\"").problems() ==
        "1:1: \"ak_012...\" must be an object with the fields \"name\", \"age\", \"tags\"\n");
  CHECK(Reading("{\"" + key + "\": 1}").problems() ==
        "1:2: /ak_012...: unknown field; the fields are \"name\", \"age\", \"tags\"\n");
}

TEST_CASE("a value is redacted before it is truncated") {
  const std::string filler(44, 'x');
  Reading reading("{\"name\": [\"" + filler + "\", \"ak_0123456789abcdef0123456789abcdef\"]}");
  (void)reading.reader.string("name");
  CHECK(reading.problems() == "1:10: /name: [\"" + filler + "\",\"ak_012...\"] must be a string\n");
}

TEST_CASE("unknown fields beyond the first 100 problems are counted") {
  std::string text = "{\"naem\": 1";
  for (int i = 0; i < 150; ++i) text += ", \"x" + std::to_string(i) + "\": 1";
  std::string problems = Reading(text + "}").problems();
  CHECK(problems.starts_with("1:2: /naem: unknown field; did you mean \"name\"?\n"));
  CHECK(problems.find("/x98: ") != std::string::npos);
  CHECK(problems.find("/x99: ") == std::string::npos);
  CHECK(problems.ends_with("and 51 more problems\n"));
}

TEST_CASE("names are listed in quotes") {
  CHECK(json::quoted_list(kModes) == R"("read", "upload", "write", "all")");
  CHECK(json::quoted_list(std::array<std::string_view, 1>{"a"}) == "\"a\"");
  CHECK(json::quoted_list({}).empty());
}
