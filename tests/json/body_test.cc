#include "json/body.h"

#include <doctest/doctest.h>

#include <random>

#include "base/ids.h"

namespace {

using json::dump;
using json::parse_body;
using json::repair_utf8;

/// U+FFFD, repeated.
std::string replaced(int times) {
  std::string text;
  for (int i = 0; i < times; ++i) text += "\uFFFD";
  return text;
}

/// A code point in UTF-8. (RFC 3629)
std::string encoded(unsigned point) {
  auto tail = [&](unsigned shift) { return static_cast<char>(0x80 | ((point >> shift) & 0x3F)); };
  if (point < 0x80) return {static_cast<char>(point)};
  if (point < 0x800) return {static_cast<char>(0xC0 | (point >> 6)), tail(0)};
  if (point < 0x10000) return {static_cast<char>(0xE0 | (point >> 12)), tail(6), tail(0)};
  return {static_cast<char>(0xF0 | (point >> 18)), tail(12), tail(6), tail(0)};
}

/// The UTF-8 decoder of WHATWG's Encoding standard, step by step; returns UTF-8.
std::string decode_by_standard(std::string_view bytes) {
  std::string out;
  unsigned point = 0;
  unsigned seen = 0;
  unsigned needed = 0;
  unsigned lower = 0x80;
  unsigned upper = 0xBF;
  for (size_t i = 0; i < bytes.size(); ++i) {
    auto byte = static_cast<unsigned char>(bytes[i]);
    if (needed == 0) {
      if (byte <= 0x7F) {
        out += bytes[i];
      } else if (byte >= 0xC2 && byte <= 0xDF) {
        needed = 1;
        point = byte & 0x1FU;
      } else if (byte >= 0xE0 && byte <= 0xEF) {
        if (byte == 0xE0) lower = 0xA0;
        if (byte == 0xED) upper = 0x9F;
        needed = 2;
        point = byte & 0xFU;
      } else if (byte >= 0xF0 && byte <= 0xF4) {
        if (byte == 0xF0) lower = 0x90;
        if (byte == 0xF4) upper = 0x8F;
        needed = 3;
        point = byte & 0x7U;
      } else {
        out += replaced(1);
      }
      continue;
    }
    bool fits = byte >= lower && byte <= upper;
    lower = 0x80;
    upper = 0xBF;
    point = (point << 6) | (byte & 0x3FU);
    if (fits && ++seen != needed) continue;
    out += fits ? encoded(point) : replaced(1);
    if (!fits) --i;
    needed = seen = 0;
  }
  return needed == 0 ? out : out + replaced(1);
}

/// The value as text, or `not JSON`.
std::string reread(std::string_view body) {
  auto value = parse_body(body);
  return value ? dump(json::Ordered(*value)) : "not JSON";
}

}  // namespace

TEST_CASE("valid UTF-8 is unchanged, for every character") {
  std::string all;
  for (unsigned point = 0; point <= 0x10FFFF; ++point) {
    if (point < 0xD800 || point > 0xDFFF) all += encoded(point);
  }
  CHECK(repair_utf8("").empty());
  CHECK((repair_utf8(all) == all));
}

// The examples in the Unicode Standard, tables 3-8 to 3-11, which WHATWG follows.
TEST_CASE("each maximal part of an invalid sequence becomes one U+FFFD") {
  CHECK(repair_utf8("\xC0\xAF\xE0\x80\xBF\xF0\x81\x82\x41") == replaced(8) + "A");
  CHECK(repair_utf8("\xED\xA0\x80\xED\xBF\xBF\xED\xAF\x41") == replaced(8) + "A");
  CHECK(repair_utf8("\xF4\x91\x92\x93\xFF\x41\x80\xBF\x42") ==
        replaced(5) + "A" + replaced(2) + "B");
  CHECK(repair_utf8("\xE1\x80\xE2\xF0\x91\x92\xF1\xBF\x41") == replaced(4) + "A");
}

TEST_CASE("all bytes are decoded as in the Encoding standard") {
  uint64_t seed = base::random_seed();
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  // The bytes at which the rules change.
  constexpr std::string_view kEdges =
      "A\x7F\x80\x8F\x90\x9F\xA0\xBF\xC0\xC1\xC2\xDF\xE0\xE1\xEC\xED\xEE\xEF\xF0\xF1\xF3\xF4\xF5"
      "\xFF";
  for (int round = 0; round < 5000; ++round) {
    std::string bytes;
    for (size_t length = random() % 12; bytes.size() < length;) {
      bytes += random() % 4 == 0 ? static_cast<char>(random()) : kEdges[random() % kEdges.size()];
    }
    std::string repaired = repair_utf8(bytes);
    REQUIRE(repaired == decode_by_standard(bytes));
    REQUIRE(repair_utf8(repaired) == repaired);
  }
}

TEST_CASE("a body may be any JSON value") {
  CHECK(reread(R"( {"a": [1, -2.5, true, null, "x"]} )") == R"({"a":[1,-2.5,true,null,"x"]})");
  CHECK(reread("null") == "null");
  CHECK(reread("[]") == "[]");
  CHECK(reread("\"x\"") == "\"x\"");
  CHECK(reread("5") == "5");
  CHECK(reread("\t\r\n{}") == "{}");
  CHECK(reread(R"({"a":"\u0000"})") == R"({"a":"\u0000"})");
}

TEST_CASE("a body that is not JSON has no value") {
  for (std::string_view body :
       {"",          " ",      "{",     "}",        "[1,]",    "{\"a\":1,}",
        "{'a':1}",   "{a:1}",  "nul",   "NaN",      "01",      "+1",
        ".5",        "1.",     "{} {}", "\"a\nb\"", "\"\\x\"", "\"\\u12g4\"",
        "\"\\u12\"", "\"",     "\"\\",  "/**/{}",   "//x\n{}", "name=x&mode=all",
        "\\ud800",   "\"\\ud8"}) {
    CAPTURE(body);
    CHECK(reread(body) == "not JSON");
  }
  CHECK(reread(std::string_view("{}\0", 3)) == "not JSON");
}

TEST_CASE("a byte-order mark is not JSON") {
  CHECK(reread("\xEF\xBB\xBF{}") == "not JSON");
  CHECK(reread("\xEF\xBB\xBF") == "not JSON");
  CHECK(reread("\xEF\xBB\xBF\xEF\xBB\xBF{}") == "not JSON");
  CHECK(reread(" \xEF\xBB\xBF{}") == "not JSON");
  CHECK(reread("{\"a\":\"\xEF\xBB\xBF\"}") == "{\"a\":\"\xEF\xBB\xBF\"}");
}

TEST_CASE("invalid bytes in a string become U+FFFD; elsewhere the body is not JSON") {
  CHECK(reread("{\"a\":\"x\xFFy\"}") == "{\"a\":\"x\uFFFDy\"}");
  CHECK(reread("{\"\xE0\x80\":1}") == "{\"\uFFFD\uFFFD\":1}");
  // The incomplete sequence does not include the closing quote.
  CHECK(reread("\"\xF0\x9F\x98\"") == "\"\uFFFD\"");
  CHECK(reread("{}\xFF") == "not JSON");
}

TEST_CASE("the last of duplicate members counts") {
  CHECK(reread(R"({"a":1,"b":2,"a":{"c":3}})") == R"({"a":{"c":3},"b":2})");
  CHECK(reread(R"({"a":{"c":3},"a":null})") == R"({"a":null})");
  CHECK(reread(R"({"a":1,"\u0061":2})") == R"({"a":2})");
}

TEST_CASE(
    "a body keeps the order of its members, with the last duplicate at the position of the first") {
  auto reread_in_order = [](std::string_view body) {
    auto value = json::parse_body_in_order(body);
    return value ? dump(*value) : "not JSON";
  };
  CHECK(reread_in_order(R"({"z":1,"a":[{"y":2,"b":null}]})") ==
        R"({"z":1,"a":[{"y":2,"b":null}]})");
  CHECK(reread_in_order(R"({"z":1,"a":2,"z":{"c":3},"\u007a":4})") == R"({"z":4,"a":2})");
  CHECK(reread_in_order(R"({"z":1,"z":2}, 1)") == "not JSON");
  CHECK(reread_in_order("\xEF\xBB\xBF{}") == "not JSON");
  CHECK(reread_in_order("[\"\\ud800\xFF\"]") == "[\"\uFFFD\uFFFD\"]");
  CHECK(reread_in_order("[1e400]") != "not JSON");
}

TEST_CASE("a body is parsed once, on first use") {
  std::string text = R"({"a":1})";
  json::Body body(text);
  CHECK(body.text() == text);
  text[5] = '2';
  REQUIRE(body.value().has_value());
  CHECK((*body.value())["a"] == 2);
  text[5] = '3';
  CHECK((*body.value())["a"] == 2);
  json::Body broken("{");
  CHECK_FALSE(broken.value().has_value());
  CHECK_FALSE(broken.value().has_value());
}

TEST_CASE("the escape of half a surrogate pair becomes U+FFFD") {
  CHECK(reread(R"("\ud800")") == "\"\uFFFD\"");
  CHECK(reread(R"("\uDBFF")") == "\"\uFFFD\"");
  CHECK(reread(R"("a\udc00b")") == "\"a\uFFFDb\"");
  CHECK(reread(R"("\uDFFF\ud800")") == "\"\uFFFD\uFFFD\"");
  CHECK(reread(R"("\ud83dx\ude00")") == "\"\uFFFDx\uFFFD\"");
  CHECK(reread(R"("\ud83d\ud83d\ude00")") == "\"\uFFFD\U0001F600\"");
  CHECK(reread(R"("\ud83d\u0041")") == "\"\uFFFDA\"");
  CHECK(reread(R"("\ud83d\n")") == "\"\uFFFD\\n\"");
  CHECK(reread(R"({"\ud800":1})") == "{\"\uFFFD\":1}");
}

TEST_CASE("other escapes are unchanged") {
  CHECK(reread(R"("\ud83d\ude00")") == "\"\U0001F600\"");
  CHECK(reread(R"("\uD83D\uDE00\uD83D\uDE00")") == "\"\U0001F600\U0001F600\"");
  CHECK(reread(R"("\ud7ff\ue000")") == "\"\uD7FF\uE000\"");
  CHECK(reread(R"("\\ud800")") == R"("\\ud800")");
  CHECK(reread(R"("\\\ud800")") == "\"\\\\\uFFFD\"");
  CHECK(reread(R"("\\\\ud800")") == R"("\\\\ud800")");
  CHECK(reread(R"("\ud83d\\ude00")") == "\"\uFFFD\\\\ude00\"");
  CHECK(reread(R"("\"\ud83d\ude00\"")") == "\"\\\"\U0001F600\\\"\"");
}

TEST_CASE("a body may be nested 100,000 deep") {
  constexpr size_t kDeep = 100'000;
  std::string open(kDeep, '[');
  CHECK_FALSE(parse_body(open).has_value());
  auto value = parse_body(open + std::string(kDeep, ']'));
  REQUIRE(value.has_value());
  CHECK(value->is_array());
  CHECK(value->size() == 1);
  std::string objects;
  for (size_t i = 0; i < kDeep; ++i) objects += "{\"a\":";
  CHECK_FALSE(parse_body(objects).has_value());
  CHECK(parse_body(objects + "1" + std::string(kDeep, '}')).has_value());
  CHECK(json::parse_body_in_order(objects + "1" + std::string(kDeep, '}')).has_value());
  std::string ends;
  for (size_t i = 0; i < kDeep; ++i) ends += ",\"b\":1}";
  CHECK(json::parse_body_in_order(objects + "1" + ends).has_value());
}

TEST_CASE("a value is written compactly, in order, and with few escapes") {
  json::Ordered value = {{"z", 1}, {"a", {true, nullptr, "\u20AC/<\"\\\n"}}};
  CHECK(dump(value) == "{\"z\":1,\"a\":[true,null,\"\u20AC/<\\\"\\\\\\n\"]}");
  CHECK(dump(json::Ordered::object()) == "{}");
}

TEST_CASE("invalid UTF-8 in a value is written as U+FFFD") {
  CHECK(dump(json::Ordered("x\xFFy")) == "\"x\uFFFDy\"");
  CHECK(dump(json::Ordered::object({{"\xC3", 1}})) == "{\"\uFFFD\":1}");
}

TEST_CASE("numbers beyond double are infinity, as in JavaScript") {
  std::string long_number(5001, '9');
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  for (const std::string& number : {std::string("1e999"), std::string("-1e999"), long_number}) {
    CAPTURE(number);
    double expected = number.starts_with('-') ? -kInfinity : kInfinity;
    auto body = parse_body(R"({"a\"1e999":[)" + number + R"(,true],"name":"1e999 \\"})");
    REQUIRE(body.has_value());
    CHECK((*body)["a\"1e999"][0] == expected);
    CHECK((*body)["a\"1e999"][1] == true);
    CHECK((*body)["name"] == "1e999 \\");
  }
  CHECK(json::parse_body_in_order("[1,1e999]")->at(1) == kInfinity);
  CHECK(parse_body("1e-999") == json::Value(0.0));
  for (std::string_view broken :
       {"1e999x", "1e999,", "[1e999", "\"1e999", "1e999 1", "+1e999", "01e999", "1.e999", "1e999.5",
        ".1e999", "--1e999", "1e999-", "1e999e1", "1ee999", "[+1e999, 1e999]", "[1e999 1e999]"}) {
    CAPTURE(broken);
    CHECK(reread(broken) == "not JSON");
  }
}
