#include <doctest/doctest.h>

#include "base/time_format.h"

namespace {

/// The time this duration after a time; "none" if the duration is invalid.
std::string after(const char* time, std::string_view duration) {
  auto parsed = base::parse_duration(duration);
  if (!parsed) return "none";
  return base::format_time_with_fraction(base::add(*base::parse_time(time), *parsed));
}

}  // namespace

TEST_CASE("short durations are numbers with units, the largest unit first") {
  const char* start = "2024-02-12T00:00:00Z";
  CHECK(after(start, "31d") == "2024-03-14T00:00:00Z");
  CHECK(after(start, "12h") == "2024-02-12T12:00:00Z");
  CHECK(after(start, "90s") == "2024-02-12T00:01:30Z");
  CHECK(after(start, "2w") == "2024-02-26T00:00:00Z");
  CHECK(after(start, "15m") == "2024-02-12T00:15:00Z");
  CHECK(after(start, "250ms") == "2024-02-12T00:00:00.25Z");
  CHECK(after(start, "0s") == start);
  CHECK(after(start, "1w2d3h4m5s6ms") == "2024-02-21T03:04:05.006Z");
  CHECK(after("2024-02-28T12:00:00.5Z", "1d") == "2024-02-29T12:00:00.5Z");
}

TEST_CASE("ISO 8601 durations can have months and years") {
  const char* start = "2024-01-31T10:00:00Z";
  CHECK(after(start, "P1D") == "2024-02-01T10:00:00Z");
  CHECK(after(start, "P2W") == "2024-02-14T10:00:00Z");
  CHECK(after(start, "PT36H") == "2024-02-01T22:00:00Z");
  CHECK(after(start, "P1DT12H30M1.25S") == "2024-02-01T22:30:01.25Z");
  CHECK(after(start, "PT0.0000019S") == "2024-01-31T10:00:00.000001Z");
  CHECK(after(start, "P1M") == "2024-02-29T10:00:00Z");
  CHECK(after(start, "P13M") == "2025-02-28T10:00:00Z");
  CHECK(after(start, "P1Y") == "2025-01-31T10:00:00Z");
  CHECK(after(start, "P1Y2M3W4DT5H6M7S") == "2025-04-25T15:06:07Z");
  CHECK(after("2024-12-15T00:00:00Z", "P1M") == "2025-01-15T00:00:00Z");
}

TEST_CASE("an invalid duration is rejected") {
  for (const char* text : {"",       "d",
                           "31",     "31 d",
                           " 31d",   "31D",
                           "-1d",    "+1d",
                           "1.5h",   "1h1d",
                           "1d1d",   "1y",
                           "P",      "PT",
                           "P1",     "P1H",
                           "PT1D",   "P1DT",
                           "PT1.5M", "PT.5S",
                           "PT1.S",  "P-1D",
                           "p1d",    "P1M1Y",
                           "1e3s",   "999999999999999999999s",
                           "1d\n"}) {
    CAPTURE(text);
    CHECK_FALSE(base::parse_duration(text));
  }
}

TEST_CASE("the longest duration is ten thousand years, in each form") {
  // 400 years are 146,097 days, so ten thousand are 3,652,425.
  const char* start = "0000-01-01T00:00:00Z";
  for (const char* text : {"3652425d", "P3652425D", "P10000Y", "P120000M", "87658200h",
                           "PT315569520000S", "PT315569519999.999999S"}) {
    CAPTURE(text);
    CHECK(after(start, text) == (std::string_view(text).find('.') == std::string_view::npos
                                     ? "10000-01-01T00:00:00Z"
                                     : "9999-12-31T23:59:59.999999Z"));
  }
  for (const char* text : {"3652425d1ms", "P3652425DT0.000001S", "P120001M", "P10000Y1M",
                           "87658201h", "521776w", "PT315569520001S"}) {
    CAPTURE(text);
    CHECK_FALSE(base::parse_duration(text));
  }
  CHECK(after(start, "P10000Y3652425D") == "20000-01-01T00:00:00Z");
}

TEST_CASE("each part of an ISO 8601 duration is optional, and their order is fixed") {
  const char* start = "2024-01-31T10:00:00Z";
  CHECK(after(start, "P0D") == start);
  CHECK(after(start, "PT0S") == start);
  CHECK(after(start, "P0Y0M0W0DT0H0M0.0S") == start);
  CHECK(after(start, "P1MT1M") == "2024-02-29T10:01:00Z");
  CHECK(after(start, "007d") == "2024-02-07T10:00:00Z");
  for (const char* text :
       {"T1H", "P1S", "PT1W", "PT1Y", "P1D1W", "PT1S1H", "P1DT1H1H", "P1DTT1H", "PP1D", "PT1.5H",
        "PT0.5", "PT1.2.3S", "P1.0D", "1d 12h", "1\xC2\xB5s", "\u0661d", "1min", "1ms1s"}) {
    CAPTURE(text);
    CHECK_FALSE(base::parse_duration(text));
  }
  CHECK_FALSE(base::parse_duration(std::string_view("1d\0", 3)));
}

TEST_CASE("months are added before the rest, from any time and in any year") {
  CHECK(after("2024-01-31T00:00:00Z", "P1M1D") == "2024-03-01T00:00:00Z");
  CHECK(after("2023-12-31T23:59:59.999999Z", "P2M") == "2024-02-29T23:59:59.999999Z");
  CHECK(after("2024-02-29T12:00:00Z", "P4Y") == "2028-02-29T12:00:00Z");
  CHECK(after("2096-02-29T12:00:00Z", "P4Y") == "2100-02-28T12:00:00Z");
  CHECK(after("1969-12-31T23:59:59.5Z", "P1M") == "1970-01-31T23:59:59.5Z");
  CHECK(after("0000-01-31T00:00:00Z", "P1M") == "0000-02-29T00:00:00Z");
  CHECK(after("9999-12-31T00:00:00Z", "P1M") == "10000-01-31T00:00:00Z");
}
