#include <doctest/doctest.h>

#include "json/document.h"

namespace {

/// The only problem of a text that is not JSON.
std::string syntax_error(std::string text) {
  auto lines = json::Document("f", std::move(text)).problem_lines();
  REQUIRE(lines.size() == 1);
  return lines[0] + "\n";
}

}  // namespace

TEST_CASE("a syntax error says what is wrong and what to write instead") {
  struct Row {
    std::string text;
    std::string problem;
  };
  const std::string comment = "comments are not allowed in JSON; remove them";
  const std::string name = "; names are strings in double quotes";
  const std::string end =
      "unexpected end; a closing bracket, a brace or the value after a name is missing";
  for (const Row& row : {
           Row{"{\n  // all\n}", "2:3: is not JSON: " + comment},
           Row{"[1, /* two */ 2]", "1:5: is not JSON: " + comment},
           Row{"# keys\n[]", "1:1: is not JSON: " + comment},
           Row{"{\"a\": 1} // end", "1:10: is not JSON: " + comment},
           Row{"[1,\n]", "2:1: is not JSON: trailing comma; remove the comma before \"]\""},
           Row{"{\"a\": 1, }", "1:10: is not JSON: trailing comma; remove the comma before \"}\""},
           Row{"{'a': 1}", "1:2: is not JSON: strings need double quotes"},
           Row{"[`a`]", "1:2: is not JSON: strings need double quotes"},
           Row{"{keys: []}", "1:2: is not JSON: unexpected \"keys\"" + name},
           Row{"{true: []}", "1:5: is not JSON: unexpected \"true\"" + name},
           Row{"{1: 2}", "1:2: is not JSON: unexpected \"1\"" + name},
           Row{"{\"a\" 1}", "1:6: is not JSON: unexpected \"1\"; expected a colon after the name"},
           Row{"{\"a\": undefined}",
               "1:7: is not JSON: unexpected \"undefined\"; expected a value"},
           Row{"[None]", "1:2: is not JSON: unexpected \"None\"; expected a value"},
           Row{"{\"a\": 1 \"b\": 2}",
               "1:11: is not JSON: unexpected string; expected a comma or \"}\""},
           Row{"[1 2]", "1:4: is not JSON: unexpected \"2\"; expected a comma or \"]\""},
           Row{"[}", "1:2: is not JSON: unexpected \"}\"; expected a value"},
           Row{"[\xE2\x80\x9C"
               "a\xE2\x80\x9D]",
               "1:2: is not JSON: unexpected \"\xE2\x80\x9C"
               "a\xE2\x80\x9D\"; expected a value"},
           Row{"[]\nx", "2:1: is not JSON: unexpected \"x\" after the end of the value"},
           Row{"[] {}", "1:4: is not JSON: unexpected \"{\" after the end of the value"},
           Row{"", "1:1: is not JSON: the text is empty"},
           Row{" \n", "2:1: is not JSON: the text is empty"},
           Row{"{\"a\": [1", "1:9: is not JSON: " + end},
           Row{"{\"a\":", "1:6: is not JSON: " + end},
           Row{"[\"a", "1:4: is not JSON: invalid string: missing closing quote"},
           Row{"[-]", "1:3: is not JSON: invalid number; expected digit after '-'"},
           Row{"[1e400]", "1:6: is not JSON: the number 1e400 is too large"},
       }) {
    CHECK(syntax_error(row.text) == "f:" + row.problem + "\n");
  }
}

TEST_CASE("UTF-16 is recognized, with or without a byte-order mark") {
  using namespace std::string_view_literals;
  for (std::string_view text : {"\xFF\xFE{\0}\0"sv, "\xFE\xFF\0{\0}"sv, "{\0}\0"sv, "\0{\0}"sv}) {
    CHECK(syntax_error(std::string(text)) ==
          "f:1:1: is not JSON: the file is UTF-16; save it as UTF-8\n");
  }
}

TEST_CASE("text in a syntax error is redacted and truncated") {
  const std::string key = "ak_0123456789abcdef0123456789abcdef";
  CHECK(syntax_error("{\"key\": " + key + "}") ==
        "f:1:9: is not JSON: unexpected \"ak_012...\"; expected a value\n");
  for (const std::string& broken : {"[\"" + key, "{\"a\": \"x " + key + "\n\"}", "{\"" + key}) {
    CAPTURE(broken);
    CHECK(syntax_error(broken).find("ak_0123") == std::string::npos);
  }
  CHECK(syntax_error("[" + std::string(100'000, 'a'))
            .starts_with("f:1:2: is not JSON: unexpected \"" + std::string(60, 'a') + "...\"; "));
  CHECK(syntax_error(std::string(100'000, '9')) ==
        "f:1:100000: is not JSON: the number " + std::string(60, '9') + "... is too large\n");
}
