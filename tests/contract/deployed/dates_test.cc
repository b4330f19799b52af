#include "contract/deployed/dates.h"

#include <doctest/doctest.h>

#include <initializer_list>
#include <string>

#include "base/time_format.h"

// Expected values are from deployed-2026-02.md, section 9, and from Node 20 and PostgreSQL 15.

namespace {

using contract::deployed::DatabaseError;

/// Returns `JAVASCRIPT -> DATABASE`, or for a rejected date `JAVASCRIPT -> CODE MESSAGE`; "invalid"
/// if the value is not a date.
std::string read(const json::Value& value) {
  auto date = contract::deployed::read_date(value);
  if (!date) return "invalid";
  std::string result = base::format_time_with_fraction(date->javascript) + " -> ";
  if (const auto* error = std::get_if<DatabaseError>(&date->database)) {
    return result + error->code + " " + error->message;
  }
  return result + contract::deployed::format_timestamptz(std::get<base::Time>(date->database));
}

/// Checks that both read the string, and an array of it, as this time in UTC.
void check_read(std::string_view str, const std::string& time) {
  CAPTURE(str);
  CHECK(read(str) == time + "Z -> " + time + "+00:00");
  CHECK(read(json::Value::array({str})) == time + "Z -> " + time + "+00:00");
}

void check_invalid(std::initializer_list<std::string_view> strings) {
  for (std::string_view str : strings) {
    CAPTURE(str);
    CHECK(read(str) == "invalid");
    CHECK(read(json::Value::array({str})) == "invalid");
  }
}

const std::string kInvalid = "22007 invalid input syntax for type timestamp with time zone: ";
const std::string kOutOfRange = "22008 date/time field value out of range: ";
const std::string kNoOffset = "22009 time zone displacement out of range: ";

}  // namespace

TEST_CASE("dates of the contract page that can be stored are read") {
  for (const char* str : {"2099-01-01T00:00:00Z", "2099-01-01", "2099-01-01T00:00", "2099-1-1",
                          " 2099-01-01 ", "Jan 1 2099"}) {
    check_read(str, "2099-01-01T00:00:00");
  }
  check_read("2099-01-01T12:00:00+02:00", "2099-01-01T10:00:00");
  check_read("2099-01-01T24:00:00Z", "2099-01-02T00:00:00");
  check_read("99999-01-01", "99999-01-01T00:00:00");
  check_read("275760-01-01", "275760-01-01T00:00:00");
  check_read("2020-01-01", "2020-01-01T00:00:00");
  CHECK(read("2099-01-01T00:00:00.123456789Z") ==
        "2099-01-01T00:00:00.123Z -> 2099-01-01T00:00:00.123457+00:00");
}

TEST_CASE("values of the contract page that are not dates are invalid") {
  check_invalid({"", "zz", "tomorrow", "infinity", "4102444800000", "2099-W01-1"});
  CHECK(read(json::Value::object()) == "invalid");
  CHECK(read(json::Value::array()) == "invalid");
  CHECK(read(nullptr) == "invalid");
}

TEST_CASE("dates that only JavaScript reads get the database's error with the value in quotes") {
  CHECK(read("2099") == "2099-01-01T00:00:00Z -> " + kInvalid + "\"2099\"");
  CHECK(read("2099-06") == "2099-06-01T00:00:00Z -> " + kInvalid + "\"2099-06\"");
  CHECK(read(" 2099 ") == "2099-01-01T00:00:00Z -> " + kInvalid + "\" 2099 \"");
  CHECK(read("2099-02-30") == "2099-03-02T00:00:00Z -> " + kOutOfRange + "\"2099-02-30\"");
  CHECK(read("30 Feb 2096") == "2096-03-01T00:00:00Z -> " + kOutOfRange + "\"30 Feb 2096\"");
  CHECK(read(json::parse(R"(["2099-02-30"])")) ==
        "2099-03-02T00:00:00Z -> " + kOutOfRange + R"("["2099-02-30"]")");
}

TEST_CASE("numbers are milliseconds, and out of range for the database") {
  CHECK(read(4102444800000) == "2100-01-01T00:00:00Z -> " + kOutOfRange + "\"4102444800000\"");
  CHECK(read(4102444800000.75) ==
        "2100-01-01T00:00:00Z -> " + kOutOfRange + "\"4102444800000.75\"");
  CHECK(read(0).starts_with("1970-01-01T00:00:00Z -> "));
  CHECK(read(-1.5).starts_with("1969-12-31T23:59:59.999Z -> "));
  auto date = contract::deployed::read_date(4102444800000);
  REQUIRE(date.has_value());
  CHECK(std::get<DatabaseError>(date->database).hint ==
        "Perhaps you need a different \"datestyle\" setting.");
}

TEST_CASE("booleans are 0 and 1 millisecond") {
  CHECK(read(false) == "1970-01-01T00:00:00Z -> " + kInvalid + "\"false\"");
  CHECK(read(true) == "1970-01-01T00:00:00.001Z -> " + kInvalid + "\"true\"");
}

TEST_CASE("dates of JavaScript end 100,000,000 days after 1970-01-01") {
  check_read("275760-09-13", "275760-09-13T00:00:00");
  check_read("275760-09-13 02:00+02", "275760-09-13T00:00:00");
  check_invalid(
      {"275760-09-14", "275760-09-13 00:00:00.001", "275760-09-13 00:00-00:01", "999999-01-01"});
  CHECK(read(8'640'000'000'000'000).starts_with("275760-09-13T00:00:00Z -> "));
  CHECK(read(8'640'000'000'000'001) == "invalid");
  CHECK(read(-8'640'000'000'000'001) == "invalid");
  // The JSON parser reads 1e400 as this.
  CHECK(read(1.7976931348623157e308) == "invalid");
  CHECK(read(UINT64_MAX) == "invalid");
}

TEST_CASE("ISO 8601 may have a space for the T, and offsets in several forms") {
  for (const char* str :
       {"2099-03-04T10:00+02:00", "2099-03-04T10:00:00+0200", "2099-03-04 10:00+02",
        "2099-03-04 10:00:00+02:00", " 2099-3-4 10:00:00.000+0200 ", "2099-03-04T08:00",
        "2099-03-04 08:00:00", "2099-03-04 08:00Z", "2099-03-04 08:00 UTC", "2099-3-4 08:00:00 GMT",
        "2099-03-03T23:30:00.0-08:30", "2099-03-04t08:00z"}) {
    check_read(str, "2099-03-04T08:00:00");
  }
  check_read("99999-12-31 23:59:59", "99999-12-31T23:59:59");
  check_read("2096-2-29 24:00", "2096-03-01T00:00:00");
  check_read("2099-03-04 24:00:00.0", "2099-03-05T00:00:00");
  check_read("0999-01-01", "0999-01-01T00:00:00");
  check_read("2099-03-04T00:00:00+15:59", "2099-03-03T08:01:00");
}

TEST_CASE("other forms of ISO 8601 with a T are invalid") {
  check_invalid({"2099-01-01T00:00+02", "2099-1-01T00:00", "2099-01-1T00:00", "99999-01-01T00:00",
                 " 2099-01-01T00:00:00Z ", "2099-01-01T0:00", "2099-01-01T00:00 Z"});
}

TEST_CASE("days and times that do not exist are invalid") {
  check_invalid({"2099-13-01", "2099-00-01", "2099-01-32", "2099-01-00", "2099-13",
                 "2099-01-01T24:00:00.5Z", "2099-01-01T24:01", "2099-01-01T25:00",
                 "2099-01-01T10:60", "2099-01-01 23:59:60", "Jan 1 2099 24:00:01",
                 "2099-01-01 10:00+24:00", "2099-01-01T10:00+01:60", "32 Jan 2099", "Foo 1 2099"});
}

TEST_CASE("the database accepts offsets of less than 16 hours") {
  CHECK(read("2099-01-01T00:00:00+16:00") ==
        "2098-12-31T08:00:00Z -> " + kNoOffset + "\"2099-01-01T00:00:00+16:00\"");
  CHECK(read("2099-02-30 00:00-23") ==
        "2099-03-02T23:00:00Z -> " + kNoOffset + "\"2099-02-30 00:00-23\"");
}

TEST_CASE("JavaScript truncates the fraction to milliseconds, and the database rounds it") {
  auto check = [](const std::string& fraction, const std::string& cut, const std::string& rounded) {
    CAPTURE(fraction);
    CHECK(read("2099-01-01T00:00:00." + fraction + "Z") ==
          "2099-01-01T00:00:" + cut + "Z -> 2099-01-01T00:00:" + rounded + "+00:00");
  };
  check("5", "00.5", "00.5");
  check("0005", "00", "00.0005");
  check("1239999", "00.123", "00.124");
  check("0000015", "00", "00.000002");
  check("0000025", "00", "00.000002");
  check("9999999", "00.999", "01");
  CHECK(read("2099-01-01T00:00:00.Z") == "invalid");
}

TEST_CASE("dates in English are read, with or without a time") {
  for (const char* str : {"Mar 4 2099", "March 4, 2099", "4 Mar 2099", "04 march 2099",
                          "MAR 04, 2099", " Mar 4 2099 ", "Mar 4 2099 00:00"}) {
    check_read(str, "2099-03-04T00:00:00");
  }
  check_read("May 31 2099 10:11", "2099-05-31T10:11:00");
  check_read("December 31, 2099 10:11:12", "2099-12-31T10:11:12");
  check_read("1 Sep 99999 23:59:59 UTC", "99999-09-01T23:59:59");
  check_invalid({"Mar 2099", "Mar 4 99", "4 Mar", "Marc 4 2099", "Mar 4 2099 1:00", "3/4/2099",
                 "Mar 4 2099 10 pm", "Mar 4 2099 10:00 EST", "x Mar 4 2099", "Mar 4 2099 (x)"});
}

TEST_CASE("toUTCString() is read by both, and toString() by JavaScript only") {
  check_read("Wed, 04 Mar 2099 10:11:12 GMT", "2099-03-04T10:11:12");
  const std::string utc = "Wed Mar 04 2099 10:11:12 GMT+0000 (Coordinated Universal Time)";
  CHECK(read(utc) == "2099-03-04T10:11:12Z -> " + kInvalid + "\"" + utc + "\"");
  const std::string london = "Mon Jun 01 2099 01:00:00 GMT+0100 (British Summer Time)";
  CHECK(read(london) == "2099-06-01T00:00:00Z -> " + kInvalid + "\"" + london + "\"");
  const std::string tokyo = "Wed Mar 04 2099 10:11:12 GMT+0900 (Japan Standard Time)";
  CHECK(read(tokyo) == "2099-03-04T01:11:12Z -> 22023 time zone \"gmt+0900\" not recognized");
}

TEST_CASE("formats that the emulator does not support are invalid") {
  check_invalid({"+002099-01-01", "-000001-01-01", "2099-01-01 BC", "J2500000",
                 "allballs Jan 1 2099", "2099-01-01Z", "20990101", "2099-001", "today",
                 "2099-01-01 10:00 Europe/Rome", "2099-01-01\n"});
  CHECK(read(json::parse(R"([["2099-01-01"]])")) == "invalid");
  CHECK(read(json::parse(R"(["2099-01-01","2099-01-01"])")) == "invalid");
  CHECK(read(json::parse("[2099]")) == "invalid");
  CHECK(read(json::parse(R"({"date":"2099-01-01"})")) == "invalid");
  // Long values must not take much time or stack.
  CHECK(read("2099-01-01T00:00:00." + std::string(1'000'000, '1') + "Z") == "invalid");
  CHECK(read(std::string(1'000'000, ' ')) == "invalid");
}
