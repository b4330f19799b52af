#include "contract/deployed/javascript.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

// Expected values are from ECMA-262, and the same in Node 20.

namespace {

using contract::deployed::format_javascript_number;
using contract::deployed::is_truthy;
using contract::deployed::javascript_number;
using contract::deployed::javascript_string;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

std::string string_of(std::string_view json_text) {
  return javascript_string(json::parse(json_text));
}

std::string stringified(std::string_view json_text) {
  return contract::deployed::stringify(json::parse_ordered(json_text));
}

}  // namespace

TEST_CASE("null, false, 0 and the empty string are falsy, all else is truthy") {
  for (const char* text : {"null", "false", "0", "-0", "0.0", "0e5", R"("")"}) {
    CAPTURE(text);
    CHECK_FALSE(is_truthy(json::parse(text)));
  }
  for (const char* text : {"true", "1", "-1", "0.1", "5e-324", R"("0")", R"(" ")", "[]", "{}"}) {
    CAPTURE(text);
    CHECK(is_truthy(json::parse(text)));
  }
}

TEST_CASE("values are converted to strings") {
  CHECK(string_of("null") == "null");
  CHECK(string_of("true") == "true");
  CHECK(string_of("3.0") == "3");
  CHECK(string_of("9007199254740993") == "9007199254740992");
  CHECK(javascript_string(kInfinity) == "Infinity");
  CHECK(javascript_string({-kInfinity, 1}) == "-Infinity,1");
  CHECK(string_of("18446744073709551615") == "18446744073709552000");
  CHECK(string_of(R"(" a\u0000\"")") == std::string(" a\0\"", 4));
  CHECK(string_of(R"({"a":1})") == "[object Object]");
}

TEST_CASE("arrays are joined by commas, and null is empty") {
  CHECK(string_of("[]") == "");
  CHECK(string_of("[3]") == "3");
  CHECK(string_of(R"([1,"b",true,{}])") == "1,b,true,[object Object]");
  CHECK(string_of("[null,null]") == ",");
  CHECK(string_of("[[],[]]") == ",");
  CHECK(string_of("[[1,2],[3,[4,null]],5]") == "1,2,3,4,,5");
  CHECK(string_of("[[[]],0]") == ",0");
}

TEST_CASE("JSON is compact, with JavaScript's numbers") {
  CHECK(stringified(R"( { "a" : 1 , "b" : [ true , null , "x" ] } )") ==
        R"({"a":1,"b":[true,null,"x"]})");
  CHECK(stringified("[]") == "[]");
  CHECK(stringified("{}") == "{}");
  CHECK(stringified(R"([{},[],"",[[]]])") == R"([{},[],"",[[]]])");
  CHECK(stringified("[1.0,-0,1e2,1e21,1e-7,9007199254740993,0.1]") ==
        "[1,0,100,1e+21,1e-7,9007199254740992,0.1]");
  CHECK(contract::deployed::stringify(json::Ordered(kInfinity)) == "null");
}

TEST_CASE("members keep their order, but array indexes come first and ascend") {
  CHECK(stringified(R"({"b":1,"10":2,"a":3,"9":4,"0":5})") ==
        R"({"0":5,"9":4,"10":2,"b":1,"a":3})");
  CHECK(stringified(R"({"x":0,"4294967295":1,"4294967294":2,"01":3,"-1":4,"1.5":5,"":6,"+1":7})") ==
        R"({"4294967294":2,"x":0,"4294967295":1,"01":3,"-1":4,"1.5":5,"":6,"+1":7})");
  CHECK(stringified(R"({"a":{"c":1,"1":2},"b":[{"z":0,"y":0}]})") ==
        R"({"a":{"1":2,"c":1},"b":[{"z":0,"y":0}]})");
  CHECK(contract::deployed::stringify(json::parse(R"({"b":1,"10":2,"a":3,"9":4})")) ==
        R"({"9":4,"10":2,"a":3,"b":1})");
}

TEST_CASE("only characters that JSON requires are escaped") {
  CHECK(stringified(R"("\u0000\u0001\b\t\n\u000B\f\r\u001F\"\\\/")") ==
        R"("\u0000\u0001\b\t\n\u000b\f\r\u001f\"\\/")");
  CHECK(stringified(R"("\u007F\u00E9\u2028\uFFFF\uD83D\uDE00<&'")") ==
        "\"\x7F\u00E9\u2028\uFFFF\U0001F600<&'\"");
  CHECK(stringified(R"({"\"\n":1})") == R"({"\"\n":1})");
  CHECK(contract::deployed::stringify(json::Value("\xff")) == "\"\uFFFD\"");
}

TEST_CASE("values may be nested deeper than the stack") {
  constexpr size_t kDepth = 500'000;
  std::string deep = std::string(kDepth, '[') + std::string(kDepth, ']');
  CHECK(string_of(deep) == "");
  CHECK(stringified(deep) == deep);
}

TEST_CASE("a number is written with the fewest digits that read back as it") {
  CHECK(format_javascript_number(0) == "0");
  CHECK(format_javascript_number(-0.0) == "0");
  CHECK(format_javascript_number(123) == "123");
  CHECK(format_javascript_number(-1.5) == "-1.5");
  CHECK(format_javascript_number(100) == "100");
  CHECK(format_javascript_number(0.1 + 0.2) == "0.30000000000000004");
  CHECK(format_javascript_number(123456789012345680000.0) == "123456789012345680000");
  CHECK(format_javascript_number(0.000001) == "0.000001");
  CHECK(format_javascript_number(0.0000123456789) == "0.0000123456789");
  CHECK(format_javascript_number(kInfinity) == "Infinity");
  CHECK(format_javascript_number(-kInfinity) == "-Infinity");
  CHECK(format_javascript_number(std::nan("")) == "NaN");
}

TEST_CASE("a number is written with an exponent from 1e21 on and below 1e-6") {
  CHECK(format_javascript_number(999999999999999900000.0) == "999999999999999900000");
  CHECK(format_javascript_number(1e21) == "1e+21");
  CHECK(format_javascript_number(-1.25e22) == "-1.25e+22");
  CHECK(format_javascript_number(9.9e-7) == "9.9e-7");
  CHECK(format_javascript_number(1e-7) == "1e-7");
  CHECK(format_javascript_number(5e-324) == "5e-324");
  CHECK(format_javascript_number(1.7976931348623157e308) == "1.7976931348623157e+308");
}

TEST_CASE("decimal strings are numbers") {
  CHECK(javascript_number("5") == 5);
  CHECK(javascript_number("00012") == 12);
  CHECK(javascript_number("1e1") == 10);
  CHECK(javascript_number("-1.5") == -1.5);
  CHECK(javascript_number("+.5") == 0.5);
  CHECK(javascript_number("5.") == 5);
  CHECK(javascript_number("5.E-1") == 0.5);
  CHECK(javascript_number("9007199254740993") == 9007199254740992);
  CHECK(javascript_number("1e400") == kInfinity);
  CHECK(javascript_number("-1e99999999999999999999") == -kInfinity);
  CHECK(javascript_number("1e-400") == 0);
  CHECK(javascript_number("Infinity") == kInfinity);
  CHECK(javascript_number("+Infinity") == kInfinity);
  CHECK(javascript_number("-Infinity") == -kInfinity);
}

TEST_CASE("hexadecimal, octal and binary strings are numbers") {
  CHECK(javascript_number("0x5") == 5);
  CHECK(javascript_number("0XfF") == 255);
  CHECK(javascript_number("0o17") == 15);
  CHECK(javascript_number("0B101") == 5);
  CHECK(javascript_number("0x20000000000001") == 9007199254740992);
  CHECK(javascript_number("0x1" + std::string(100'000, '0')) == kInfinity);
}

TEST_CASE("white space around a number is ignored, and an empty string is 0") {
  CHECK(javascript_number("") == 0);
  CHECK(javascript_number(" \t\r\n") == 0);
  CHECK(javascript_number(" 5 ") == 5);
}

TEST_CASE("other strings are not numbers") {
  for (const char* str :
       {"abc",   "NaN",   "infinity", "inf",  "Infinityx", "++Infinity", "1_000", "1,5",
        "1px",   ".",     "-",        "+",    "--1",       "e5",         ".e5",   "1e",
        "1e+",   "1e1.5", "0x",       "0xg",  "-0x5",      "0o8",        "0b2",   "0x1.8",
        "0x1p3", "- 5",   "5 5",      "\xff", "5\xff",     "\u200b5"}) {
    CAPTURE(str);
    CHECK(std::isnan(javascript_number(str)));
  }
  CHECK(std::isnan(javascript_number(std::string_view("5\0", 2))));
}
