#include "base/time_format.h"

#include <doctest/doctest.h>

#include <ctime>
#include <random>
#include <vector>

#include "base/ids.h"

namespace {

using base::format_time;
using base::format_time_with_fraction;
using base::parse_time;
using base::Time;
using std::chrono::microseconds;
using std::chrono::seconds;

/// The time as microseconds since 1970, `std::nullopt` if it is rejected.
std::optional<int64_t> parsed(std::string_view text) {
  auto time = parse_time(text);
  if (!time) return std::nullopt;
  return time->time_since_epoch().count();
}

/// A time with this many microseconds after 2024-01-31T12:34:56Z.
Time with_fraction(int64_t fraction) {
  return Time{seconds{1'706'704'496} + microseconds{fraction}};
}

/// A time as the C library formats it, for years with four digits.
std::string format_with_c_library(Time time, const char* format) {
  auto whole_seconds = std::chrono::floor<seconds>(time).time_since_epoch().count();
  std::time_t c_time{whole_seconds};
  std::tm parts{};
  gmtime_r(&c_time, &parts);
  std::string text(32, '\0');
  text.resize(std::strftime(text.data(), text.size(), format, &parts));
  return text;
}

struct Row {
  std::string_view text;
  int64_t microseconds;
};

}  // namespace

TEST_CASE("every accepted form of a time is parsed") {
  for (const Row& row : std::vector<Row>{
           {"2024-01-31", 1'706'659'200'000'000},
           {"2024-01-31T12:34", 1'706'704'440'000'000},
           {"2024-01-31T12:34Z", 1'706'704'440'000'000},
           {"2024-01-31T12:34+00:00", 1'706'704'440'000'000},
           {"2024-01-31T12:34:56", 1'706'704'496'000'000},
           {"2024-01-31T12:34:56Z", 1'706'704'496'000'000},
           {"2024-01-31T12:34:56.5", 1'706'704'496'500'000},
           {"2024-01-31T12:34:56.5Z", 1'706'704'496'500'000},
           {"2024-01-31T12:34:56.5-00:00", 1'706'704'496'500'000},
           {"2024-01-31T00:00:00Z", 1'706'659'200'000'000},
           {"2024-01-31T23:59:59.999999Z", 1'706'745'599'999'999},
           {"1970-01-01T00:00:00Z", 0},
           {"1969-12-31T23:59:59.999999Z", -1},
           {"0001-01-01", -62'135'596'800'000'000},
           {"9999-12-31T23:59:59Z", 253'402'300'799'000'000},
       }) {
    CAPTURE(row.text);
    CHECK(parsed(row.text) == row.microseconds);
  }
}

TEST_CASE("an offset ahead of UTC is subtracted, one behind it is added") {
  for (const Row& row : std::vector<Row>{
           {"2024-01-31T12:34:56+01:00", 1'706'700'896'000'000},
           {"2024-01-31T12:34:56-01:00", 1'706'708'096'000'000},
           {"2024-01-31T18:04:56+05:30", 1'706'704'496'000'000},
           {"2024-01-31T09:04:56-03:30", 1'706'704'496'000'000},
           {"2024-02-01T02:34:56.25+14:00", 1'706'704'496'250'000},
           {"2024-01-30T12:35:56-23:59", 1'706'704'496'000'000},
           {"2024-02-01T12:33:56+23:59", 1'706'704'496'000'000},
           {"2024-03-01T00:30+01:00", 1'709'249'400'000'000},
           {"2024-01-31T12:34:56+01", 1'706'700'896'000'000},
           {"2024-01-31T18:04:56+0530", 1'706'704'496'000'000},
           {"2024-01-31T12:34-01", 1'706'708'040'000'000},
       }) {
    CAPTURE(row.text);
    CHECK(parsed(row.text) == row.microseconds);
  }
}

TEST_CASE("a fraction is parsed to the microsecond") {
  for (const Row& row : std::vector<Row>{
           {"2024-01-31T12:34:56.1Z", 100'000},
           {"2024-01-31T12:34:56.12Z", 120'000},
           {"2024-01-31T12:34:56.123456Z", 123'456},
           {"2024-01-31T12:34:56.1234569Z", 123'456},
           {"2024-01-31T12:34:56.000000Z", 0},
           {"2024-01-31T12:34:56.000001Z", 1},
           {"2024-01-31T12:34:56.9999999999999999999999999999Z", 999'999},
       }) {
    CAPTURE(row.text);
    CHECK(parse_time(row.text) == with_fraction(row.microseconds));
  }
}

TEST_CASE("February 29 exists in leap years") {
  CHECK(parsed("2024-02-29") == 1'709'164'800'000'000);
  CHECK(parsed("2000-02-29") == 951'782'400'000'000);
}

TEST_CASE("dates and times that do not exist, and any other text, are rejected") {
  for (std::string_view text : {
           "2023-02-29",
           "2100-02-29",
           "1900-02-29",
           "2024-02-30",
           "2024-00-10",
           "2024-13-10",
           "2024-01-00",
           "2024-01-32",
           "2024-04-31",
           "2024-01-31T24:00",
           "2024-01-31T24:00:00Z",
           "2024-01-31T12:60Z",
           "2024-01-31T12:34:60Z",
           "2024-01-31T12:34:61Z",
           "2024-01-31T12:34:56+24:00",
           "2024-01-31T12:34:56-01:60",
           "",
           " ",
           "now",
           "1706704496",
           "Jan 31 2024",
           "2024",
           "2024-01",
           "2024-1-31",
           "2024-01-3",
           "24-01-31",
           "02024-01-31",
           "+2024-01-31",
           "-2024-01-31",
           "2024/01/31",
           "20240131",
           "2024-01-31Z",
           "2024-01-31+01:00",
           "2024-01-31T",
           "2024-01-31TZ",
           "2024-01-31T12",
           "2024-01-31T12Z",
           "2024-01-31T1:34Z",
           "2024-01-31T12:3Z",
           "2024-01-31T12:34:",
           "2024-01-31T12:34:5Z",
           "2024-01-31T12:34:56.",
           "2024-01-31T1234Z",
           "2024-01-31T12:34:56.Z",
           "2024-01-31T12:34:56,5Z",
           "2024-01-31T12:34:56.5.5Z",
           "2024-01-31t12:34:56Z",
           "2024-01-31T12:34:56z",
           "2024-01-31 12:34:56Z",
           "2024-01-31T12:34:56+1:00",
           "2024-01-31T12:34:56+1",
           "2024-01-31T12:34:56+010",
           "2024-01-31T12:34:56+01:",
           "2024-01-31T12:34:56+01000",
           "2024-01-31T12:34:56+24",
           "2024-01-31T12:34:56+0160",
           "2024-01-31T12:34:56+01:0",
           "2024-01-31T12:34:56ZZ",
           "2024-01-31T12:34:56Z+01:00",
           "2024-01-31T12:34:56+01:00Z",
           "2024-01-31T12:34:56Z ",
           " 2024-01-31",
           "2024-01-31 ",
           "2024-01-31T12:34:56 Z",
           "2024-01-31x",
           "2024-01-31T12:34:56UTC",
           "2024-01--1",
           "2024-01-31T-1:34Z",
           "2024-01-31T12:34:56.-5Z",
           "2024-W05-3",
           "2024-031",
       }) {
    CAPTURE(text);
    CHECK(parsed(text) == std::nullopt);
  }
  CHECK(parsed(std::string_view("2024-01-31\0", 11)) == std::nullopt);
}

TEST_CASE("a time is written in UTC to the second, without its fraction") {
  CHECK(format_time(with_fraction(0)).str() == "2024-01-31T12:34:56Z");
  CHECK(format_time(with_fraction(1)).str() == "2024-01-31T12:34:56Z");
  CHECK(format_time(with_fraction(999'999)).str() == "2024-01-31T12:34:56Z");
  CHECK(format_time(Time{}).str() == "1970-01-01T00:00:00Z");
  CHECK(format_time(Time{microseconds{-1}}).str() == "1969-12-31T23:59:59Z");
  CHECK(format_time(Time{seconds{-62'135'596'800}}).str() == "0001-01-01T00:00:00Z");
  CHECK(format_time(Time{seconds{253'402'300'799}}).str() == "9999-12-31T23:59:59Z");
}

TEST_CASE("the years that JavaScript and PostgreSQL reach are written in full") {
  CHECK(format_time(Time{seconds{253'402'300'800}}).str() == "10000-01-01T00:00:00Z");
  // The last date of ECMAScript is 100,000,000 days after 1970-01-01.
  constexpr int64_t kLastSecond = 8'640'000'000'000;
  CHECK(format_time(Time{seconds{kLastSecond}}).str() == "275760-09-13T00:00:00Z");
  CHECK(base::format_http_date(Time{seconds{kLastSecond}}).str() ==
        "Sat, 13 Sep 275760 00:00:00 GMT");
  CHECK(format_time(Time{seconds{kLastSecond - 1}}).str() == "275760-09-12T23:59:59Z");
}

TEST_CASE("an exact time has as many fraction digits as needed") {
  for (const auto& [fraction, text] :
       std::vector<std::pair<int64_t, std::string>>{{0, ""},
                                                    {500'000, ".5"},
                                                    {120'000, ".12"},
                                                    {123'456, ".123456"},
                                                    {1, ".000001"},
                                                    {10'020, ".01002"}}) {
    CHECK(format_time_with_fraction(with_fraction(fraction)) == "2024-01-31T12:34:56" + text + "Z");
  }
  CHECK(format_time_with_fraction(Time{microseconds{-1}}) == "1969-12-31T23:59:59.999999Z");
}

TEST_CASE("times are written as the C library writes them, and parse back unchanged") {
  uint64_t seed = base::random_seed();
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  constexpr int64_t kYear1000 = -30'610'224'000'000'000;
  constexpr int64_t kYear9999End = 253'402'300'799'999'999;
  std::uniform_int_distribution<int64_t> any_time(kYear1000, kYear9999End);
  for (int i = 0; i < 2000; ++i) {
    Time time{microseconds{any_time(random)}};
    Time whole_second = std::chrono::floor<seconds>(time);
    CAPTURE(time.time_since_epoch().count());
    REQUIRE(format_time(time).str() == format_with_c_library(time, "%Y-%m-%dT%H:%M:%SZ"));
    auto milliseconds = std::chrono::floor<std::chrono::milliseconds>(time - whole_second).count();
    REQUIRE(base::format_time_of_day(time) == format_with_c_library(time, "%H:%M:%S.") +
                                                  std::to_string(1000 + milliseconds).substr(1));
    REQUIRE(base::format_http_date(time).str() ==
            format_with_c_library(time, "%a, %d %b %Y %H:%M:%S GMT"));
    REQUIRE(parse_time(format_time(time)) == whole_second);
    REQUIRE(parse_time(format_time_with_fraction(time)) == time);
  }
}

TEST_CASE("an offset cannot lead outside the years 0000 to 9999") {
  CHECK_FALSE(parse_time("9999-12-31T23:59:59-00:01").has_value());
  CHECK_FALSE(parse_time("0000-01-01T00:00:59+00:01").has_value());
  for (const char* text : {"9999-12-31T22:58:59Z", "0000-01-01T00:00:00Z"}) {
    REQUIRE(parse_time(text).has_value());
    CHECK(format_time(*parse_time(text)).str() == text);
  }
  CHECK(parse_time("9999-12-31T22:58:59-01:01").has_value());
  CHECK(parse_time("0000-01-01T01:01:00+01:01").has_value());
}

TEST_CASE("times after the year 9999 are written in full and parse back") {
  for (const char* text : {"99999-01-01T00:00:00Z", "275760-09-13T00:00:00.000001Z",
                           "294246-12-31T23:59:59.999999Z", "10000-02-29T12:00:00Z"}) {
    CAPTURE(text);
    auto time = base::parse_extended_time(text);
    REQUIRE(time);
    CHECK(base::format_time_with_fraction(*time) == text);
    CHECK_FALSE(base::parse_time(text));
  }
  CHECK(base::parse_extended_time("2024-02-29") == base::parse_time("2024-02-29"));
  for (const char* text : {"294247-01-01", "999999-01-01", "1000000-01-01", "999-01-01", "-1-01-01",
                           "0000-01-01T00:00:00+00:01"}) {
    CAPTURE(text);
    CHECK_FALSE(base::parse_extended_time(text));
  }
}

TEST_CASE("a typed time may have a space, lower-case letters, or be seconds since 1970") {
  auto typed = [](std::string_view text) { return base::parse_typed_time(text); };
  const Time noon{seconds{1'706'702'400}};
  for (std::string_view text : {"2024-01-31T12:00:00Z", "2024-01-31 12:00", "2024-01-31t12:00z",
                                "2024-01-31 12:00:00z", "2024-01-31 13:00+01:00", "1706702400"}) {
    CAPTURE(text);
    CHECK(typed(text) == noon);
  }
  CHECK(typed("2024-01-31") == parse_time("2024-01-31"));
  CHECK(typed("0") == Time{seconds{0}});
  CHECK(typed("253402300799") == parse_time("9999-12-31T23:59:59Z"));
  for (std::string_view text :
       {"", " ", "yesterday", "253402300800", "99999999999999999999", "-1", "+1", "1.5", "1e9",
        "2024-01-31  12:00", "2024-01-31 ", "2024-01-31z", "2023-02-29 12:00", " 2024-01-31"}) {
    CAPTURE(text);
    CHECK(!typed(text).has_value());
  }
}
