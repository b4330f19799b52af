#include "javascript/number.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

using javascript::number_text;
using javascript::to_number;

// Every value here was observed with Node 20 (V8 11.3).

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

}  // namespace

TEST_CASE("a number is written with the fewest digits that tell it") {
  CHECK(number_text(0) == "0");
  CHECK(number_text(-0.0) == "0");
  CHECK(number_text(123) == "123");
  CHECK(number_text(-1.5) == "-1.5");
  CHECK(number_text(0.1 + 0.2) == "0.30000000000000004");
  CHECK(number_text(4294967295) == "4294967295");
  CHECK(number_text(kInfinity) == "Infinity");
  CHECK(number_text(-kInfinity) == "-Infinity");
  CHECK(number_text(std::nan("")) == "NaN");
}

TEST_CASE("a number is written with an exponent from 1e21 on and below 0.000001") {
  CHECK(number_text(123456789012345680000.0) == "123456789012345680000");
  CHECK(number_text(1e21) == "1e+21");
  CHECK(number_text(-1.25e22) == "-1.25e+22");
  CHECK(number_text(0.000001) == "0.000001");
  CHECK(number_text(0.0000123456789) == "0.0000123456789");
  CHECK(number_text(1e-7) == "1e-7");
  CHECK(number_text(1.5e-10) == "1.5e-10");
  CHECK(number_text(5e-324) == "5e-324");
  CHECK(number_text(1.7976931348623157e308) == "1.7976931348623157e+308");
}

TEST_CASE("decimal text is a number") {
  CHECK(to_number("5") == 5);
  CHECK(to_number("00012") == 12);
  CHECK(to_number("1e1") == 10);
  CHECK(to_number("-1.5") == -1.5);
  CHECK(to_number("+.5") == 0.5);
  CHECK(to_number("5.") == 5);
  CHECK(to_number("5.e-1") == 0.5);
  CHECK(to_number("9007199254740993") == 9007199254740992);
  CHECK(to_number("Infinity") == kInfinity);
  CHECK(to_number("-Infinity") == -kInfinity);
  CHECK(std::signbit(to_number("-0")));
}

TEST_CASE("a number too great is infinite, and one too small is 0") {
  CHECK(to_number("1.7976931348623158e308") == 1.7976931348623157e308);
  CHECK(to_number("1.7976931348623159e308") == kInfinity);
  CHECK(to_number("-1e99999999999999999999") == -kInfinity);
  CHECK(to_number("2.4703282292062328e-324") == 5e-324);
  CHECK(to_number("2.4703282292062327e-324") == 0);
  CHECK(to_number("1e-99999999999999999999") == 0);
  CHECK(to_number("0e99999999999999999999") == 0);
  CHECK(to_number("0." + std::string(400, '0') + "1e401") == 1);
  CHECK(to_number("1" + std::string(400, '0') + "e-400") == 1);
}

TEST_CASE("hexadecimal, octal and binary text is a number, of any length") {
  CHECK(to_number("0x5") == 5);
  CHECK(to_number("0XfF") == 255);
  CHECK(to_number("0o17") == 15);
  CHECK(to_number("0B101") == 5);
  // Rounded half to even, and up for any bit set further on.
  CHECK(to_number("0x20000000000001") == 9007199254740992);
  CHECK(to_number("0x20000000000003") == 9007199254740996);
  CHECK(to_number("0x200000000000010000000000000000") == 0x1p117);
  CHECK(to_number("0x200000000000010000000000000001") == 0x1.0000000000001p117);
  CHECK(to_number("0x1" + std::string(255, '0')) == 0x1p1020);
  CHECK(to_number("0x1" + std::string(100'000, '0')) == kInfinity);
}

TEST_CASE("white space around a number does not count, and nothing but that is 0") {
  CHECK(to_number("") == 0);
  CHECK(to_number(" \t\r\n") == 0);
  CHECK(to_number(" 5 ") == 5);
  CHECK(to_number("\ufeff\u00a0\u2028 0x5\u3000\u2029\v\f") == 5);
  CHECK(std::isnan(to_number("\u200b5")));
  CHECK(std::isnan(to_number("5 5")));
}

TEST_CASE("other text is no number") {
  for (const char* text :
       {"abc",  "NaN", "infinity", "inf",   "Infinityx", "1_000", "1,5",   "1px",  ".",   "-",
        "+",    "--1", "e5",       ".e5",   "1e",        "1e+",   "1e1.5", "0x",   "0xg", "-0x5",
        "+0x5", "0o8", "0b2",      "0x1.8", "0x1p3",     "- 5",   "\xff",  "5\xff"}) {
    CAPTURE(text);
    CHECK(std::isnan(to_number(text)));
  }
}
