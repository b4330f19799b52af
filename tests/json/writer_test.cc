#include "json/writer.h"

#include <doctest/doctest.h>

#include <cstdint>
#include <limits>
#include <random>
#include <vector>

#include "json/body.h"

namespace {

using json::Writer;

template <typename Value>
std::string written(const Value& value) {
  return Writer().value(value).take();
}

}  // namespace

TEST_CASE("members are in the order of the calls, without spaces") {
  Writer writer;
  writer.open_object().member("z", int64_t{1}).member("a", "x").member("m", true).close_object();
  CHECK(writer.take() == R"({"z":1,"a":"x","m":true})");
}

TEST_CASE("there are commas between values, and only there") {
  Writer writer;
  writer.open_object();
  writer.name("lists").open_array();
  writer.open_array().close_array();
  writer.open_array().value(int64_t{1}).value("2").close_array();
  writer.open_object().close_object();
  writer.open_object().member("a", false).close_object();
  writer.close_array();
  writer.name("empty").open_object().close_object();
  writer.member("last", std::vector<std::string>{});
  writer.close_object();
  CHECK(writer.take() == R"({"lists":[[],[1,"2"],{},{"a":false}],"empty":{},"last":[]})");
}

TEST_CASE("a string that ends like an open bracket is still followed by a comma") {
  CHECK(written(std::vector<std::string>{"{", "[", ":", ",", ""}) == R"(["{","[",":",",",""])");
}

TEST_CASE("all 64-bit integers are written") {
  CHECK(written(int64_t{0}) == "0");
  CHECK(written(-5) == "-5");
  CHECK(written(std::numeric_limits<int64_t>::max()) == "9223372036854775807");
  CHECK(written(std::numeric_limits<int64_t>::min()) == "-9223372036854775808");
}

TEST_CASE("an optional value is written as the value or null") {
  CHECK(written(std::optional<std::string>("a")) == "\"a\"");
  CHECK(written(std::optional<std::string>()) == "null");
  CHECK(written(std::optional<bool>(false)) == "false");
}

TEST_CASE("literals, views and strings are written as strings") {
  CHECK(written("KO") == "\"KO\"");
  CHECK(written(std::string_view("KO?", 2)) == "\"KO\"");
  CHECK(written(std::string("K\0O", 3)) == "\"K\\u0000O\"");
}

TEST_CASE("only what needs it is escaped, and invalid UTF-8 becomes U+FFFD") {
  CHECK(written("a/<'&\x7F") == "\"a/<'&\x7F\"");
  CHECK(written("\"\\\b\f\n\r\t\x1F") == R"("\"\\\b\f\n\r\t\u001f")");
  CHECK(written("\u00FC\u20AC\U0001F600") == "\"\u00FC\u20AC\U0001F600\"");
  CHECK(written("x\xFFy") == "\"x\uFFFDy\"");
  CHECK(Writer().open_array().value("\xC3").value("\xC3").close_array().take() ==
        "[\"\uFFFD\",\"\uFFFD\"]");
}

TEST_CASE("all bytes are written as dump writes them") {
  for (int byte = 0; byte < 256; ++byte) {
    CAPTURE(byte);
    // Eight characters are checked at once, so each place in a text matters.
    for (size_t size : {1U, 7U, 8U, 9U, 17U}) {
      for (size_t place = 0; place < size; ++place) {
        CAPTURE(size);
        CAPTURE(place);
        std::string text(size, 'a');
        text[place] = static_cast<char>(byte);
        REQUIRE(written(text) == json::dump(json::Ordered(text)));
      }
    }
  }
  constexpr std::string_view kParts[] = {"a", "\"", "\\", "\n", "\xC3", "\xA4", "\xE2\x82", "\xF0"};
  std::mt19937_64 random(1);
  for (int i = 0; i < 2000; ++i) {
    std::string text;
    for (uint64_t parts = random() % 6; parts > 0; --parts) text += kParts[random() % 8];
    CAPTURE(text);
    REQUIRE(written(text) == json::dump(json::Ordered(text)));
  }
}
