#include "json/document.h"

#include <doctest/doctest.h>

#include <array>

#include "json/body.h"
#include "json/object_reader.h"

namespace {

using json::child_pointer;
using json::Document;
using json::dump;

/// The problems of a document, one per line.
std::string problems_of(const Document& document) {
  std::string text;
  for (const std::string& line : document.problem_lines()) text += line + "\n";
  return text;
}

/// `line:column` of the value at a pointer, or of the member's name.
std::string place_of_value(std::string_view text, const std::string& pointer,
                           bool at_name = false) {
  Document document("f", std::string(text));
  document.add({pointer, "!", at_name});
  std::string line = document.problem_lines().at(0);
  return line.substr(2, line.find(": ") - 2);
}

std::string place_of_name(std::string_view text, const std::string& pointer) {
  return place_of_value(text, pointer, true);
}

/// `line:column` of the syntax error, or `JSON`.
std::string error_in(std::string_view text) {
  Document document("f", std::string(text));
  if (!document.has_problems()) return "JSON";
  auto lines = document.problem_lines();
  REQUIRE(lines.size() == 1);
  size_t place_end = lines[0].find(": is not JSON: ");
  REQUIRE(place_end != std::string::npos);
  CHECK(document.root().is_null());
  return lines[0].substr(2, place_end - 2);
}

constexpr std::string_view kText = R"({
  "a": 1,
  "b": [true, -2.5e3, null, "x"],
  "c": {"d": {}, "e": [[], [7]]}
})";

const std::string kKey = "ak_0123456789abcdef0123456789abcdef";

}  // namespace

TEST_CASE("a document has all members in order") {
  Document document("keys.json", std::string(kText));
  CHECK(dump(document.root()) ==
        R"({"a":1,"b":[true,-2500.0,null,"x"],"c":{"d":{},"e":[[],[7]]}})");
  CHECK_FALSE(document.has_problems());
  CHECK(document.problem_lines().empty());
  CHECK(dump(Document("f", R"({"z":1,"a":2})").root()) == R"({"z":1,"a":2})");
}

TEST_CASE("the items of the root's arrays are visited, and the rest is returned") {
  auto visit_all = [](std::string_view text) {
    std::string visited;
    auto rest = json::parse_items(text, [&](std::string_view list, const json::Ordered& item) {
      visited += std::string(list) + "=" + dump(item) + " ";
      return true;
    });
    return visited + (rest ? dump(*rest) : "nothing");
  };
  CHECK(visit_all(R"([1, {"a": [2]}, [3]])") == R"(=1 ={"a":[2]} =[3] [])");
  CHECK(visit_all(R"({"x": 1, "a": [{"b": [[2]]}, "s"], "y": {"c": [3]}, "d": [null, 4]})") ==
        R"(a={"b":[[2]]} a="s" d=null d=4 {"x":1,"a":[],"y":{"c":[3]},"d":[]})");
  CHECK(visit_all("5") == "5");
  CHECK(visit_all("[1, {]") == "=1 nothing");
  CHECK(visit_all(R"({"a": [1], "a": [2]})") == "a=1 a=2 nothing");
  CHECK(visit_all(R"([{"a": 1, "a": 1}])") == R"(={"a":1} nothing)");
  CHECK(visit_all(std::string(101, '[')) == "nothing");
}

TEST_CASE("no more items are visited once `visit` returns false") {
  int visited = 0;
  auto stop = [&](std::string_view, const json::Ordered&) { return ++visited < 2; };
  CHECK_FALSE(json::parse_items("[1, 2, 3]", stop).has_value());
  CHECK(visited == 2);
}

TEST_CASE("a problem line is file:line:column: pointer: what") {
  Document document("dir/keys.json", "[\n  {\"id\": 1}\n]");
  document.add({"/0/id", "is too small"});
  CHECK(document.has_problems());
  CHECK(problems_of(document) == "dir/keys.json:2:10: /0/id: is too small\n");
}

TEST_CASE("a problem with the whole file has no pointer") {
  Document document("f", "\n  [1]");
  document.add({"", "must be an object"});
  CHECK(problems_of(document) == "f:2:3: must be an object\n");
}

TEST_CASE("the position of every type of value is found") {
  CHECK(place_of_value(kText, "") == "1:1");
  CHECK(place_of_value(kText, "/a") == "2:8");
  CHECK(place_of_value(kText, "/b") == "3:8");
  CHECK(place_of_value(kText, "/b/0") == "3:9");
  CHECK(place_of_value(kText, "/b/1") == "3:15");
  CHECK(place_of_value(kText, "/b/2") == "3:23");
  CHECK(place_of_value(kText, "/b/3") == "3:29");
  CHECK(place_of_value(kText, "/c") == "4:8");
  CHECK(place_of_value(kText, "/c/d") == "4:14");
  CHECK(place_of_value(kText, "/c/e") == "4:23");
  CHECK(place_of_value(kText, "/c/e/0") == "4:24");
  CHECK(place_of_value(kText, "/c/e/1") == "4:28");
  CHECK(place_of_value(kText, "/c/e/1/0") == "4:29");
}

TEST_CASE("the position of a member's name is found") {
  CHECK(place_of_name(kText, "/a") == "2:3");
  CHECK(place_of_name(kText, "/b") == "3:3");
  CHECK(place_of_name(kText, "/c") == "4:3");
  CHECK(place_of_name(kText, "/c/d") == "4:9");
  CHECK(place_of_name(kText, "/c/e") == "4:18");
}

// The parser reports a number only after the next character.
TEST_CASE("positions after a number are correct") {
  CHECK(place_of_value(R"([1,22,{"a":3,"b":4},5])", "/0") == "1:2");
  CHECK(place_of_value(R"([1,22,{"a":3,"b":4},5])", "/1") == "1:4");
  CHECK(place_of_value(R"([1,22,{"a":3,"b":4},5])", "/2") == "1:7");
  CHECK(place_of_value(R"([1,22,{"a":3,"b":4},5])", "/2/b") == "1:18");
  CHECK(place_of_name(R"([1,22,{"a":3,"b":4},5])", "/2/b") == "1:14");
  CHECK(place_of_value(R"([1,22,{"a":3,"b":4},5])", "/3") == "1:21");
  CHECK(place_of_value("[[1],2]", "/1") == "1:6");
  CHECK(place_of_value("[1\n,\n2\n]", "/1") == "3:1");
  CHECK(place_of_value("[-1.5e3 , \"x\"]", "/1") == "1:11");
  CHECK(place_of_value("[1,2,3]", "/2") == "1:6");
  CHECK(place_of_value("42", "") == "1:1");
  CHECK(place_of_value(" 42", "") == "1:2");
}

TEST_CASE("commas, colons and brackets in strings do not matter") {
  constexpr std::string_view kTricky = R"({",: [": ", ]:", "\"": "\\", "b": "x"})";
  CHECK(place_of_name(kTricky, "/,: [") == "1:2");
  CHECK(place_of_value(kTricky, "/,: [") == "1:10");
  CHECK(place_of_name(kTricky, "/\"") == "1:18");
  CHECK(place_of_value(kTricky, "/\"") == "1:24");
  CHECK(place_of_name(kTricky, "/b") == "1:30");
  CHECK(place_of_value(kTricky, "/b") == "1:35");
}

TEST_CASE("lines may end in CRLF") {
  constexpr std::string_view kCrlf = "{\r\n  \"a\": 1,\r\n\r\n  \"b\":\r\n 2\r\n}\r\n";
  CHECK(place_of_value(kCrlf, "/a") == "2:8");
  CHECK(place_of_name(kCrlf, "/b") == "4:3");
  CHECK(place_of_value(kCrlf, "/b") == "5:2");
  CHECK(error_in("{\r\n  \"a\": ?\r\n}") == "2:8");
}

TEST_CASE("columns count bytes") {
  CHECK(place_of_value("{\"\u00E9\": 1}", "/\u00E9") == "1:8");
  CHECK(place_of_value("[\"\U0001F600\", 2]", "/1") == "1:10");
  CHECK(place_of_value("{\t\"a\":\t1}", "/a") == "1:8");
}

TEST_CASE("a byte-order mark at the start of a file is skipped") {
  constexpr std::string_view kMarked = "\xEF\xBB\xBF{\"a\": 1,\n\"b\": 2}";
  Document document("f", std::string(kMarked));
  CHECK(dump(document.root()) == R"({"a":1,"b":2})");
  CHECK_FALSE(document.has_problems());
  CHECK(place_of_value(kMarked, "/a") == "1:10");
  CHECK(place_of_name(kMarked, "/b") == "2:1");
}

TEST_CASE("names with ~ and / are found by their escaped pointers") {
  constexpr std::string_view kEscaped = R"({"a/b": {"m~n": [1]}, "~1": 2, "": 3})";
  CHECK(place_of_value(kEscaped, "/a~1b") == "1:9");
  CHECK(place_of_value(kEscaped, "/a~1b/m~0n") == "1:17");
  CHECK(place_of_value(kEscaped, "/a~1b/m~0n/0") == "1:18");
  CHECK(place_of_value(kEscaped, "/~01") == "1:29");
  CHECK(place_of_value(kEscaped, "/") == "1:36");
}

TEST_CASE("a pointer is made from names and indices") {
  CHECK(child_pointer("", "keys") == "/keys");
  CHECK(child_pointer("/keys", 12) == "/keys/12");
  CHECK(child_pointer("/a", "b/c~d/~") == "/a/b~1c~0d~1~0");
  CHECK(child_pointer("/a", "~1") == "/a/~01");
  CHECK(child_pointer("", "") == "/");
}

TEST_CASE(
    "problems are in the order of the file; those at the same position are in the order they were "
    "added") {
  Document document("f", "{\"a\": 1,\n\"b\": [2, 3]}");
  document.add({"/b/1", "third"});
  document.add({"/b/1", "fourth"});
  document.add({"/b", "second", true});
  document.add({"/a", "first"});
  CHECK(problems_of(document) ==
        "f:1:7: /a: first\n"
        "f:2:1: /b: second\n"
        "f:2:10: /b/1: third\n"
        "f:2:10: /b/1: fourth\n");
}

TEST_CASE("a duplicate member is a problem at its name") {
  CHECK(problems_of(Document("f", "{\"a\": 1,\n \"b\": 2,\n \"a\": 3}")) ==
        "f:3:2: /a: duplicate field; keep one of them\n");
  CHECK(problems_of(Document("f", R"([{"x": {}, "x": {"y": 1, "y": 2}}])")) ==
        "f:1:12: /0/x: duplicate field; keep one of them\n"
        "f:1:26: /0/x/y: duplicate field; keep one of them\n");
  CHECK(problems_of(Document("f", R"({"a": 1, "\u0061": 2})")) ==
        "f:1:10: /a: duplicate field; keep one of them\n");
  CHECK_FALSE(Document("f", R"([{"a": 1}, {"a": 1, "b": {"a": 1}}])").has_problems());
}

TEST_CASE("each further duplicate of a member is a problem at its own name") {
  CHECK(problems_of(Document("f", R"({"a": 1, "a": 2, "a": 3})")) ==
        "f:1:10: /a: duplicate field; keep one of them\n"
        "f:1:18: /a: duplicate field; keep one of them\n");
  CHECK(problems_of(Document("f", R"({"a": {"x": 1, "x": 2}, "a": {"x": 3}})")) ==
        "f:1:16: /a/x: duplicate field; keep one of them\n"
        "f:1:25: /a: duplicate field; keep one of them\n");
}

TEST_CASE("a syntax error is one problem, at its position") {
  CHECK(error_in("") == "1:1");
  CHECK(error_in(" \n ") == "2:2");
  CHECK(error_in("{") == "1:2");
  CHECK(error_in("[1, 2") == "1:6");
  CHECK(error_in("{\"a\": 1") == "1:8");
  CHECK(error_in("[1,]") == "1:4");
  CHECK(error_in("{\"a\": 1,}") == "1:9");
  CHECK(error_in("{\"a\": 1]") == "1:8");
  CHECK(error_in("{\"a\" 1}") == "1:6");
  CHECK(error_in("[1 2]") == "1:4");
  CHECK(error_in("{} x") == "1:4");
  CHECK(error_in("{}{") == "1:3");
  CHECK(error_in("\n\n  ?") == "3:3");
  CHECK(error_in("{'a': 1}") == "1:2");
  CHECK(error_in("[\n  1,\n  -x\n]") == "3:4");
  CHECK(error_in("{\"a\": tru}") == "1:10");
  CHECK(error_in("\"abc") == "1:5");
  CHECK(error_in("[\"a\nb\"]") == "1:4");
  CHECK(error_in("[\"\\x\"]") == "1:4");
  CHECK(error_in("[\"a\xFF\"]") == "1:4");
  CHECK(error_in("// x\n{}") == "1:1");
}

TEST_CASE("a zero byte is a syntax error") {
  CHECK(error_in(std::string_view("{}\0", 3)) == "1:3");
  CHECK(error_in(std::string_view("{}\n\0{", 5)) == "2:1");
  CHECK(error_in(std::string_view("[1,\0 2]", 7)) == "1:4");
}

TEST_CASE("a text nested more than 100 deep is an error, even 100,000 deep") {
  constexpr size_t kDeep = 100'000;
  CHECK(error_in(std::string(100, '[') + std::string(100, ']')) == "JSON");
  CHECK(error_in(std::string(101, '[') + std::string(101, ']')) == "1:101");
  CHECK(error_in(std::string(kDeep, '[')) == "1:101");
  CHECK(error_in(std::string(kDeep, '[') + std::string(kDeep, ']')) == "1:101");
  std::string objects;
  for (size_t i = 0; i < kDeep; ++i) objects += "{\"a\":";
  CHECK(error_in(objects) == "1:501");
}

TEST_CASE("100 problems are listed in the order of the file, and the others counted") {
  std::string text = "[";
  for (int i = 0; i < 1000; ++i) text += "\n1,";
  Document document("f", text + "\n1]");
  for (size_t i = 0; i < 100; ++i) {
    CHECK_FALSE(document.is_full());
    document.add({child_pointer("", 999 - i), "!"});
  }
  CHECK(document.is_full());
  auto lines = document.problem_lines();
  CHECK(lines.size() == 100);
  CHECK(lines.front() == "f:902:1: /900: !");
  CHECK(lines.back() == "f:1001:1: /999: !");
  document.add({"/0", "!"});
  CHECK(document.problem_lines().back() == "f: and 1 more problem");
  document.add({"/1", "!"});
  lines = document.problem_lines();
  REQUIRE(lines.size() == 101);
  CHECK(lines[0] == "f:902:1: /900: !");
  CHECK(lines[100] == "f: and 2 more problems");
}

TEST_CASE("duplicates beyond the first 100 are counted") {
  std::string text = R"({"a": 1)";
  for (int i = 0; i < 101; ++i) text += ",\n\"a\": 1";
  auto lines = Document("f", text + "}").problem_lines();
  REQUIRE(lines.size() == 101);
  CHECK(lines[99] == "f:101:1: /a: duplicate field; keep one of them");
  CHECK(lines[100] == "f: and 1 more problem");
}

// Takes minutes if every name is compared with all others.
TEST_CASE("an object with 200,000 members is read in linear time") {
  std::string text = "{\"x\":0";
  for (int i = 0; i < 200'000; ++i) text += ",\"" + std::to_string(i) + "\":0";
  Document document("f", text + "}");
  CHECK(document.root().size() == 200'001);
  CHECK_FALSE(document.has_problems());
  constexpr std::array<std::string_view, 1> kFields = {"x"};
  json::ObjectReader reader(document, document.root(), "", kFields);
  CHECK(reader.integer("x", {0, 0}) == 0);
  CHECK(document.is_full());
}

// Takes minutes if the pointer of every value is built.
TEST_CASE("problems in a member with a very long name are found in linear time") {
  std::string name(500'000, 'n');
  std::string text = "{\"" + name + "\": [0";
  for (int i = 0; i < 100'000; ++i) text += ",0";
  Document document("f", text + "]}");
  document.add({child_pointer(child_pointer("", name), 100'000), "!"});
  CHECK(problems_of(document) == "f:1:700007: /" + name.substr(0, 59) + ".../100000: !\n");
}

TEST_CASE("the position of a syntax error in a text is found") {
  auto error = json::find_json_error("{\"a\": 1,\n  \"b\": ?}");
  REQUIRE(error.has_value());
  CHECK(error->line == 2);
  CHECK(error->column == 8);
  CHECK_FALSE(json::find_json_error(R"({"a": 1, "a": [2]})").has_value());
  CHECK_FALSE(json::find_json_error(std::string(101, '[') + std::string(101, ']')).has_value());
  error = json::find_json_error(std::string(100'000, '['));
  REQUIRE(error.has_value());
  CHECK(error->column == 100'001);
}

TEST_CASE("credentials in a pointer are redacted, and its position is found") {
  Document document("f", "{\"" + kKey + "\": {\"a/" + kKey + "~56\": [1]}, \"a~1/\": 2}");
  document.add({"/" + kKey + "/a~1" + kKey + "~056/0", "first"});
  document.add({"/a~01~1", "second", true});
  CHECK(problems_of(document) ==
        "f:1:87: /ak_012.../a~1ak_012...~056/0: first\n"
        "f:1:92: /a~01~1: second\n");
  CHECK(problems_of(Document("f", "{\"" + kKey + "\": 1, \"" + kKey + "\": 2}")) ==
        "f:1:44: /ak_012...: duplicate field; keep one of them\n");
}

TEST_CASE("a value in a message is compact JSON, truncated") {
  auto redacted = [](std::string text) {
    return json::redacted_value(Document("f", std::move(text)).root());
  };
  for (const std::string text : {"null", "true", "-2500.0", "\"\"", "[]", "{}",
                                 R"([1,"a\n\u001f\"",{"b":[[]],"c":null}])", "\"\u00E9\""}) {
    CAPTURE(text);
    CHECK(redacted(text) == dump(Document("f", text).root()));
  }
  CHECK(redacted("[" + std::string(58, '1') + "]").ends_with("e+57]"));
  CHECK(redacted("\"" + std::string(58, 'a') + "\"") == "\"" + std::string(58, 'a') + "\"");
  CHECK(redacted("\"" + std::string(60, 'a') + "\"") == "\"" + std::string(60, 'a') + "\"");
  CHECK(redacted("\"" + std::string(61, 'a') + "\"") == "\"" + std::string(60, 'a') + "...\"");
  CHECK(json::redacted_value(json::Ordered("s3cr!t")) == "\"s3cr!t\"");
  CHECK(json::redacted_value(json::Ordered{{"key", kKey}, {kKey, 1}}) ==
        R"({"key":"ak_012...","ak_012...":1})");
}

TEST_CASE("a text is quoted as a JSON string, redacted and then truncated to 60 bytes") {
  CHECK(json::quote("a \"b\"\n") == R"("a \"b\"\n")");
  CHECK(json::quote(std::string(60, 'a')) == "\"" + std::string(60, 'a') + "\"");
  CHECK(json::quote(std::string(61, 'a')) == "\"" + std::string(60, 'a') + "...\"");
  CHECK(json::quote(std::string(59, 'a') + "\u00E9") == "\"" + std::string(59, 'a') + "...\"");
  CHECK(json::quote(std::string(50, ' ') + kKey) == "\"" + std::string(50, ' ') + "ak_012...\"");
}
