#include "javascript/value.h"

#include <doctest/doctest.h>

#include <limits>

// Every value here was observed with Node 20 (V8 11.3), but for what Node's stack cannot bear.

namespace {

std::string text_of(std::string_view json_text) {
  return javascript::to_text(json::parse(json_text));
}

bool truth_of(std::string_view json_text) { return javascript::is_truthy(json::parse(json_text)); }

std::string stringified(std::string_view json_text) {
  return javascript::stringify(json::parse_ordered(json_text));
}

/// Arrays in arrays.
std::string nested(size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); }

constexpr size_t kDeep = 100'000;

}  // namespace

TEST_CASE("values become text") {
  CHECK(text_of("null") == "null");
  CHECK(text_of("true") == "true");
  CHECK(text_of("false") == "false");
  CHECK(text_of("3") == "3");
  CHECK(text_of("3.0") == "3");
  CHECK(text_of("-0") == "0");
  CHECK(text_of("9007199254740993") == "9007199254740992");
  CHECK(text_of("18446744073709551615") == "18446744073709552000");
  CHECK(text_of("1000000000000000000000") == "1e+21");
  CHECK(text_of(R"("")") == "");
  CHECK(text_of(R"(" a\u0000\"")") == std::string(" a\0\"", 4));
  CHECK(text_of("{}") == "[object Object]");
  CHECK(text_of(R"({"a":1})") == "[object Object]");
}

TEST_CASE("arrays become their items' texts, and null in them nothing") {
  CHECK(text_of("[]") == "");
  CHECK(text_of("[3]") == "3");
  CHECK(text_of(R"([1,"b",true,{}])") == "1,b,true,[object Object]");
  CHECK(text_of("[null]") == "");
  CHECK(text_of("[null,null]") == ",");
  CHECK(text_of("[[],[]]") == ",");
  CHECK(text_of("[[1,2],[3,[4,null]],5]") == "1,2,3,4,,5");
  CHECK(text_of("[[[]],0]") == ",0");
}

TEST_CASE("null, false, 0 and the empty string are false, all else is true") {
  for (const char* text : {"null", "false", "0", "-0", "0.0", "0e5", R"("")"}) {
    CAPTURE(text);
    CHECK_FALSE(truth_of(text));
  }
  for (const char* text : {"true", "1", "-1", "0.1", "5e-324", R"("0")", R"(" ")", "[]", "{}"}) {
    CAPTURE(text);
    CHECK(truth_of(text));
  }
  CHECK_FALSE(javascript::is_truthy(std::numeric_limits<double>::quiet_NaN()));
}

TEST_CASE("JSON is written compact, with numbers as JavaScript has them") {
  CHECK(stringified(R"( { "a" : 1 , "b" : [ true , null , "x" ] } )") ==
        R"({"a":1,"b":[true,null,"x"]})");
  CHECK(stringified("[]") == "[]");
  CHECK(stringified("{}") == "{}");
  CHECK(stringified(R"([{},[],"",[[]]])") == R"([{},[],"",[[]]])");
  CHECK(stringified("123") == "123");
  CHECK(stringified("[1.0,-0,1e2,1e21,1e-7,9007199254740993,0.1]") ==
        "[1,0,100,1e+21,1e-7,9007199254740992,0.1]");
  CHECK(javascript::stringify(json::Ordered(std::numeric_limits<double>::infinity())) == "null");
}

TEST_CASE("members come in their order, but array indices first and in ascending order") {
  CHECK(stringified(R"({"b":1,"a":2})") == R"({"b":1,"a":2})");
  CHECK(stringified(R"({"b":1,"10":2,"a":3,"9":4,"0":5})") ==
        R"({"0":5,"9":4,"10":2,"b":1,"a":3})");
  CHECK(stringified(R"({"x":0,"4294967295":1,"4294967294":2,"01":3,"-1":4,"1.5":5,"":6,"+1":7})") ==
        R"({"4294967294":2,"x":0,"4294967295":1,"01":3,"-1":4,"1.5":5,"":6,"+1":7})");
  CHECK(stringified(R"({"a":1,"b":2,"a":3})") == R"({"a":3,"b":2})");
}

TEST_CASE("strings are escaped only where JSON must") {
  CHECK(stringified(R"("\u0000\u0001\b\t\n\u000B\f\r\u001F\"\\\/")") ==
        R"("\u0000\u0001\b\t\n\u000b\f\r\u001f\"\\/")");
  CHECK(stringified(R"("\u007F\u0080\u00E9\u2028\uFFFF\uD83D\uDE00<&'")") ==
        "\"\x7F\u0080\u00E9\u2028\uFFFF\U0001F600<&'\"");
  CHECK(stringified(R"({"\"\n":1})") == R"({"\"\n":1})");
}

TEST_CASE("values nested deeper than the stack are written too") {
  std::string deep = nested(kDeep);
  CHECK(text_of(deep) == "");
  CHECK(stringified(deep) == deep);
}
