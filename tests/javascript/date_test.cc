#include "javascript/date.h"

#include <doctest/doctest.h>

#include <span>
#include <string>

#include "base/time_text.h"

using namespace std::string_view_literals;

// Every value here was observed with Node 20 (V8 11.3), TZ=UTC.

namespace {

constexpr auto kInvalid = "Invalid Date"sv;

std::string shown(std::optional<base::Time> moment) {
  return moment ? base::format_time_exactly(*moment) : std::string(kInvalid);
}

struct Case {
  std::string_view text;
  std::string_view moment;
};

void check(std::span<const Case> cases) {
  for (const Case& example : cases) {
    CAPTURE(example.text);
    CHECK(shown(javascript::parse_date(example.text)) == example.moment);
  }
}

base::Time at_milliseconds(int64_t count) { return base::Time{std::chrono::milliseconds{count}}; }

std::string date_of(std::string_view json_text) {
  return shown(javascript::to_date(json::parse(json_text)));
}

}  // namespace

TEST_CASE("the expiration dates of the deployed contract's table are read as the service does") {
  // deployed-2026-02.md, section 9
  constexpr Case kCases[] = {
      {"2099-01-01T00:00:00Z", "2099-01-01T00:00:00Z"},
      {"2099-01-01", "2099-01-01T00:00:00Z"},
      {"2099-01-01T00:00", "2099-01-01T00:00:00Z"},
      {"2099-1-1", "2099-01-01T00:00:00Z"},
      {" 2099-01-01 ", "2099-01-01T00:00:00Z"},
      {"Jan 1 2099", "2099-01-01T00:00:00Z"},
      {"2099-01-01T12:00:00+02:00", "2099-01-01T10:00:00Z"},
      {"2099-01-01T00:00:00.123456789Z", "2099-01-01T00:00:00.123Z"},
      {"2099-01-01T24:00:00Z", "2099-01-02T00:00:00Z"},
      {"99999-01-01", "99999-01-01T00:00:00Z"},
      {"275760-01-01", "275760-01-01T00:00:00Z"},
      {"", kInvalid},
      {"zz", kInvalid},
      {"tomorrow", kInvalid},
      {"infinity", kInvalid},
      {"4102444800000", kInvalid},
      {"2099-W01-1", kInvalid},
      {"2020-01-01", "2020-01-01T00:00:00Z"},
      {"2099", "2099-01-01T00:00:00Z"},
      {"2099-06", "2099-06-01T00:00:00Z"},
      {"2099-02-30", "2099-03-02T00:00:00Z"},
  };
  check(kCases);
  CHECK(date_of(R"(["2099-01-01"])") == "2099-01-01T00:00:00Z");
  CHECK(date_of("4102444800000") == "2100-01-01T00:00:00Z");
  CHECK(date_of("0") == "1970-01-01T00:00:00Z");
  CHECK(date_of("false") == "1970-01-01T00:00:00Z");
  CHECK(date_of("true") == "1970-01-01T00:00:00.001Z");
  CHECK(date_of("{}") == kInvalid);
  CHECK(date_of("[]") == kInvalid);
}

TEST_CASE("ISO 8601 is read strictly once it has come to the time of day") {
  constexpr Case kCases[] = {
      {"2099-01-01T24:00:01Z", kInvalid},
      {"2099-01-01T24:00:00.0Z", "2099-01-02T00:00:00Z"},
      {"2099-01-01T23:59:60Z", kInvalid},
      {"2099-01-01T00:00:00+0200", "2098-12-31T22:00:00Z"},
      {"2099-01-01T00:00:00+02", kInvalid},
      {"2099-01-01T00:00Z ", kInvalid},
      {"2099-01-01T00:00:00.Z", kInvalid},
      {"2099-01-01t00:00z", "2099-01-01T00:00:00Z"},
      {"2099-01-01 00:00:00.5+02", "2098-12-31T22:00:00.5Z"},
      {"2099-13-01", kInvalid},
      {"2099-00-01", kInvalid},
      {"2099-01-32", kInvalid},
      {"+002099-01-01", "2099-01-01T00:00:00Z"},
      {"-000000-01-01", "2001-01-01T00:00:00Z"},
  };
  check(kCases);
}

TEST_CASE("text that is not ISO 8601 is read by V8's own rules") {
  constexpr Case kCases[] = {
      {"1/2/2099", "2099-01-02T00:00:00Z"},
      {"31/1/2099", kInvalid},
      {"13/1/2099", kInvalid},
      {"1/2/49", "2049-01-02T00:00:00Z"},
      {"1/2/50", "1950-01-02T00:00:00Z"},
      {"1/2", "2001-01-02T00:00:00Z"},
      {"Jan 2", "2001-01-02T00:00:00Z"},
      {"1", "2001-01-01T00:00:00Z"},
      {"12", "2001-12-01T00:00:00Z"},
      {"13", kInvalid},
      {"32", "2032-01-01T00:00:00Z"},
      {"1 2 3 4", kInvalid},
      {"000000002099-1-1", "2099-01-01T00:00:00Z"},
      {"Jan 1 999999999", kInvalid},
      {"January1 2099", "2099-01-01T00:00:00Z"},
      {"Janitor 1 2099", "2099-01-01T00:00:00Z"},
      {"Thu, 01 Jan 2099 00:00:00 GMT", "2099-01-01T00:00:00Z"},
      {"foo Jan 1 2099", "2099-01-01T00:00:00Z"},
      {"foo1 Jan 2099", kInvalid},
      {"1 foo 2099", kInvalid},
      {"(foo) 1 (b(a)r) Jan 2099", "2099-01-01T00:00:00Z"},
      {"1 Jan (2099", "2001-01-01T00:00:00Z"},
      {"Jan 1 2099)", kInvalid},
      {"2099-01-01\u2028", kInvalid},
      {"2099-01-01 \u00a0\ufeff", "2099-01-01T00:00:00Z"},
      {"2099-01-01\0junk"sv, "2099-01-01T00:00:00Z"},
      {"\xff", kInvalid},
  };
  check(kCases);
}

TEST_CASE("times of day and zones are read by V8's own rules") {
  constexpr Case kCases[] = {
      {"Jan 1 2099 5:30 pm", "2099-01-01T17:30:00Z"},
      {"Jan 1 2099 12:30 am", "2099-01-01T00:30:00Z"},
      {"Jan 1 2099 13:30 pm", kInvalid},
      {"Jan 1 2099 5 pm", kInvalid},
      {"5:30 Jan 1 2099", "2099-01-01T05:30:00Z"},
      {"Jan 1 2099 5::30", "2099-01-01T05:00:30Z"},
      {"Jan 1 2099 5:30:15.5", "2099-01-01T05:30:15.5Z"},
      {"Jan 1 2099 5.30", kInvalid},
      {"Jan 1 2099 EST", "2099-01-01T05:00:00Z"},
      {"Jan 1 2099 ESTX", kInvalid},
      {"Jan 1 2099 UTC-8", "2099-01-01T08:00:00Z"},
      {"Jan 1 2099 UTC+12345", kInvalid},
      {"Jan 1 2099 5:00 -08:30", "2099-01-01T13:30:00Z"},
      {"Thu Jan 01 2099 00:00:00 GMT+0100 (Central European Standard Time)",
       "2098-12-31T23:00:00Z"},
      // V8 counts the seconds of an offset in 32 bits.
      {"Jan 1 2099 00:00 +1193047:", "2098-12-31T23:28:16Z"},
      {"Jan 1 2099 00:00 +999999999:", "2073-02-05T07:47:28Z"},
  };
  check(kCases);
}

TEST_CASE("dates reach 100,000,000 days from 1970-01-01, in milliseconds") {
  constexpr int64_t kGreatest = 8'640'000'000'000'000;
  CHECK(javascript::parse_date("+275760-09-13T00:00:00.000Z") == at_milliseconds(kGreatest));
  CHECK(javascript::parse_date("+275760-09-13T00:00:00.001Z") == std::nullopt);
  CHECK(javascript::parse_date("-271821-04-20") == at_milliseconds(-kGreatest));
  CHECK(javascript::parse_date("-271821-04-19") == std::nullopt);
  CHECK(javascript::parse_date("-000001-01-01") == at_milliseconds(-62'198'755'200'000));
  CHECK(javascript::to_date(8.64e15) == at_milliseconds(kGreatest));
  CHECK(javascript::to_date(8'640'000'000'000'001) == std::nullopt);
  CHECK(javascript::to_date(UINT64_MAX) == std::nullopt);
  CHECK(javascript::to_date(1e300) == std::nullopt);
}

TEST_CASE("a number is a count of milliseconds, and what is no number or text becomes one") {
  CHECK(date_of("4102444800000.9") == "2100-01-01T00:00:00Z");
  CHECK(date_of("-0.5") == "1970-01-01T00:00:00Z");
  CHECK(date_of("null") == "1970-01-01T00:00:00Z");
  CHECK(date_of(R"("2099-01-01")") == "2099-01-01T00:00:00Z");
  CHECK(date_of("[2099]") == "2099-01-01T00:00:00Z");
  CHECK(date_of("[2099,6,1]") == "2099-06-01T00:00:00Z");
  CHECK(date_of(R"([[["2099-01-01"]]])") == "2099-01-01T00:00:00Z");
  CHECK(date_of("[null]") == kInvalid);
  CHECK(date_of("[{}]") == kInvalid);
  CHECK(date_of(R"({"date":"2099-01-01"})") == kInvalid);
}
