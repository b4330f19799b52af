#include "postgres/timestamp.h"

#include <doctest/doctest.h>

#include <random>
#include <vector>

#include "base/ids.h"
#include "base/time_text.h"

// What the tables of this file expect was observed on PostgreSQL 15.18, with the time zone UTC.

namespace {

using base::Time;
using postgres::Error;
using postgres::read_timestamptz;
using postgres::timestamptz_text;
using Read = std::variant<Time, Error>;

/// The text as the database gives it back, or its code and message.
std::string stored(std::string_view text, Time now = Time{}) {
  const Read read = read_timestamptz(text, now);
  if (const Error* error = std::get_if<Error>(&read)) {
    return std::string(error->code) + " " + error->message;
  }
  return timestamptz_text(std::get<Time>(read));
}

struct Stored {
  std::string_view text;
  std::string_view given_back;
};

void check_stored(const std::vector<Stored>& cases, Time now = Time{}) {
  for (const Stored& expected : cases) {
    CAPTURE(expected.text);
    CHECK(stored(expected.text, now) == expected.given_back);
  }
}

std::string quoted(std::string_view text) { return "\"" + std::string(text) + "\""; }

Error no_date(std::string_view text) {
  return {.code = "22007",
          .message = "invalid input syntax for type timestamp with time zone: " + quoted(text)};
}

Error no_such_date(std::string_view text) {
  return {.code = "22008", .message = "date/time field value out of range: " + quoted(text)};
}

Error no_such_month_or_day(std::string_view text) {
  Error error = no_such_date(text);
  error.hint = "Perhaps you need a different \"datestyle\" setting.";
  return error;
}

Error no_such_offset(std::string_view text) {
  return {.code = "22009", .message = "time zone displacement out of range: " + quoted(text)};
}

}  // namespace

TEST_CASE("the dates of the contract page are stored as it says") {
  // deployed contract 2026-02, section 9
  check_stored({
      {"2099-01-01T00:00:00Z", "2099-01-01T00:00:00+00:00"},
      {"2099-01-01", "2099-01-01T00:00:00+00:00"},
      {"2099-01-01T00:00", "2099-01-01T00:00:00+00:00"},
      {"2099-1-1", "2099-01-01T00:00:00+00:00"},
      {" 2099-01-01 ", "2099-01-01T00:00:00+00:00"},
      {"Jan 1 2099", "2099-01-01T00:00:00+00:00"},
      {"[\"2099-01-01\"]", "2099-01-01T00:00:00+00:00"},
      {"2099-01-01T12:00:00+02:00", "2099-01-01T10:00:00+00:00"},
      {"2099-01-01T00:00:00.123456789Z", "2099-01-01T00:00:00.123457+00:00"},
      {"2099-01-01T24:00:00Z", "2099-01-02T00:00:00+00:00"},
      {"99999-01-01", "99999-01-01T00:00:00+00:00"},
      {"275760-01-01", "275760-01-01T00:00:00+00:00"},
  });
}

TEST_CASE("the dates of the contract page that only JavaScript reads are refused as it says") {
  // deployed contract 2026-02, section 9
  CHECK(read_timestamptz("2099") == Read{no_date("2099")});
  CHECK(read_timestamptz("2099-06") == Read{no_date("2099-06")});
  CHECK(read_timestamptz("2099-02-30") == Read{no_such_date("2099-02-30")});
  CHECK(read_timestamptz("4102444800000") == Read{no_such_month_or_day("4102444800000")});
}

TEST_CASE("the forms of ISO 8601 are read") {
  check_stored({
      {"2099-01-01 10:00", "2099-01-01T10:00:00+00:00"},
      {"2099-01-01t10:00:00z", "2099-01-01T10:00:00+00:00"},
      {"2099-01-01T10:00:00+0230", "2099-01-01T07:30:00+00:00"},
      {"2099-01-01T10:00:00-08", "2099-01-01T18:00:00+00:00"},
      {"2099-01-01T10:00:00+02:00:30", "2099-01-01T07:59:30+00:00"},
      {"20990102", "2099-01-02T00:00:00+00:00"},
      {"2099-01-01T10:00:00+15:59", "2098-12-31T18:01:00+00:00"},
      {"2099-01-01 10:11.5", "2099-01-01T00:10:11.5+00:00"},
      {"2099-01-01 10:", "2099-01-01T10:00:00+00:00"},
      {"2099-01-01 T 10:00", "2099-01-01T10:00:00+00:00"},
      {"20990101T101112", "2099-01-01T10:11:12+00:00"},
      {"2099-01-01 101112-08", "2099-01-01T18:11:12+00:00"},
      {"2099-01-01 1011", "2099-01-01T10:11:00+00:00"},
      {"2099-01-01 9999", "2099-01-05T04:39:00+00:00"},
      {"2099-366", "2100-01-01T00:00:00+00:00"},
      {"2096.366", "2096-12-31T00:00:00+00:00"},
      {"2099 001", "2099-01-01T00:00:00+00:00"},
  });
}

TEST_CASE("dates in English are read") {
  check_stored({
      {"1 January 2099 10:00 PM", "2099-01-01T22:00:00+00:00"},
      {"January 1, 2099 12:00 AM", "2099-01-01T00:00:00+00:00"},
      {"Jan 1 2099 12:30 pm", "2099-01-01T12:30:00+00:00"},
      {"Fri, 01 Jan 2099 00:00:00 GMT", "2099-01-01T00:00:00+00:00"},
      {"Fri Jan 1 2099", "2099-01-01T00:00:00+00:00"},
      {"Friday, January 1, 2099", "2099-01-01T00:00:00+00:00"},
      {"Jan-1-2099", "2099-01-01T00:00:00+00:00"},
      {"1-Jan-99", "1999-01-01T00:00:00+00:00"},
      {"2099-Jan-01", "2099-01-01T00:00:00+00:00"},
      {"Jan 2099 1", "2099-01-01T00:00:00+00:00"},
      {"2099 Jan 1", "2099-01-01T00:00:00+00:00"},
      {"00:00:00 Jan 1 2099", "2099-01-01T00:00:00+00:00"},
      {"on 1 Jan 2099", "2099-01-01T00:00:00+00:00"},
      {"at 1 Jan 2099 10:00", "2099-01-01T10:00:00+00:00"},
      {"1 Jan 2099 at", "2099-01-01T00:00:00+00:00"},
  });
}

TEST_CASE("numbers are month, day, year, unless a long one comes first") {
  check_stored({
      {"1/2/2099", "2099-01-02T00:00:00+00:00"},
      {"2099/01/02", "2099-01-02T00:00:00+00:00"},
      {"1-2-2099", "2099-01-02T00:00:00+00:00"},
      {"1.2.2099", "2099-01-02T00:00:00+00:00"},
      {"1 2 2099", "2099-01-02T00:00:00+00:00"},
      {"2099 1 1", "2099-01-01T00:00:00+00:00"},
  });
}

TEST_CASE("a year of two digits is one from 1970 to 2069") {
  check_stored({
      {"1/1/30", "2030-01-01T00:00:00+00:00"},
      {"1/1/69", "2069-01-01T00:00:00+00:00"},
      {"1/1/70", "1970-01-01T00:00:00+00:00"},
      {"Jan 1 0", "2000-01-01T00:00:00+00:00"},
  });
}

TEST_CASE("brackets, quotes and commas of a JSON array only separate") {
  check_stored({
      {"[2099,1,2]", "2099-01-02T00:00:00+00:00"},
      {"[1,2,2099]", "2099-01-02T00:00:00+00:00"},
      {"\"2099-01-01\"", "2099-01-01T00:00:00+00:00"},
  });
}

TEST_CASE("every abbreviation of a zone that JavaScript knows moves the time") {
  check_stored({
      {"Jan 1 2099 10:00 UT", "2099-01-01T10:00:00+00:00"},
      {"Jan 1 2099 10:00 UTC", "2099-01-01T10:00:00+00:00"},
      {"Jan 1 2099 10:00 Z", "2099-01-01T10:00:00+00:00"},
      {"Jan 1 2099 10:00 EST", "2099-01-01T15:00:00+00:00"},
      {"Jan 1 2099 10:00 EDT", "2099-01-01T14:00:00+00:00"},
      {"Jan 1 2099 10:00 CST", "2099-01-01T16:00:00+00:00"},
      {"Jan 1 2099 10:00 CDT", "2099-01-01T15:00:00+00:00"},
      {"Jan 1 2099 10:00 MST", "2099-01-01T17:00:00+00:00"},
      {"Jan 1 2099 10:00 MDT", "2099-01-01T16:00:00+00:00"},
      {"Jan 1 2099 10:00 PST", "2099-01-01T18:00:00+00:00"},
      {"Jan 1 2099 10:00 PDT", "2099-01-01T17:00:00+00:00"},
      {"Jan 1 2099 10:00 EST DST", "2099-01-01T14:00:00+00:00"},
      {"Jan 1 2099 10:00 (CET)", "2099-01-01T09:00:00+00:00"},
  });
}

TEST_CASE("an offset after GMT counts the other way round, and up to a week") {
  check_stored({
      {"Jan 1 2099 +5", "2098-12-31T19:00:00+00:00"},
      {"Jan 1 2099 GMT+5", "2099-01-01T05:00:00+00:00"},
      {"Jan 1 2099 GMT-5", "2098-12-31T19:00:00+00:00"},
      {"Jan 1 2099 10:00 UTC+2", "2099-01-01T12:00:00+00:00"},
      {"Thu Jan 01 2099 01:00:00 GMT+0100", "2099-01-05T05:00:00+00:00"},
  });
}

TEST_CASE("a zone with two abbreviations has daylight saving time") {
  check_stored({
      {"Jan 1 2099 10:00 EST5EDT", "2099-01-01T15:00:00+00:00"},
      {"Jul 1 2099 10:00 EST5EDT", "2099-07-01T14:00:00+00:00"},
      {"Jul 1 2099 10:00 est5", "2099-07-01T15:00:00+00:00"},
      {"Jul 1 2099 est5foo3", "2099-07-01T03:00:00+00:00"},
      {"Jul 1 2099 est-27edt", "2099-06-29T20:00:00+00:00"},
      {"Mar 8 2099 01:59:59 est5edt", "2099-03-08T06:59:59+00:00"},
      {"Mar 8 2099 02:30 est5edt", "2099-03-08T07:30:00+00:00"},
      {"Mar 8 2099 03:00 est5edt", "2099-03-08T07:00:00+00:00"},
      {"Nov 1 2099 00:59:59 est5edt", "2099-11-01T04:59:59+00:00"},
      {"Nov 1 2099 01:00 est5edt", "2099-11-01T06:00:00+00:00"},
      {"Nov 1 2099 02:00 est5edt", "2099-11-01T07:00:00+00:00"},
  });
}

TEST_CASE("fractions are rounded to the microsecond, as doubles are") {
  check_stored({
      {"2099-01-01T00:00:00.Z", "2099-01-01T00:00:00+00:00"},
      {"2099-01-01T00:00:00.5Z", "2099-01-01T00:00:00.5+00:00"},
      {"2099-01-01T00:00:00.0000005Z", "2099-01-01T00:00:00+00:00"},
      {"2099-01-01T00:00:00.0000015Z", "2099-01-01T00:00:00.000002+00:00"},
      {"2099-01-01T00:00:00.0000025Z", "2099-01-01T00:00:00.000002+00:00"},
      {"2099-01-01T00:00:00.1234565Z", "2099-01-01T00:00:00.123456+00:00"},
      {"2099-01-01T00:00:00.9999995Z", "2099-01-01T00:00:01+00:00"},
      {"2099-12-31T23:59:59.9999999999999999999999999999Z", "2100-01-01T00:00:00+00:00"},
  });
}

TEST_CASE("a leap second and the end of a day belong to the next day") {
  check_stored({
      {"2099-01-01T23:59:60Z", "2099-01-02T00:00:00+00:00"},
      {"2099-01-01T24:00:00.0000004Z", "2099-01-02T00:00:00+00:00"},
  });
}

TEST_CASE("words of its own mean something to the database") {
  check_stored({
      {"y2099 m1 d2", "2099-01-02T00:00:00+00:00"},
      {"Y 2099 Jan 2", "2099-01-02T00:00:00+00:00"},
      {"Jan 1 2099 (h)", "2099-01-01T00:00:00+00:00"},
      {"Jan 1 2099 AD", "2099-01-01T00:00:00+00:00"},
      {"Jan 1 2099 BC", "2099-01-01T00:00:00+00:00 BC"},
      {"J 99999", "4440-09-08T00:00:00+00:00 BC"},
      {"julian 2500000.75", "2132-08-31T18:00:00+00:00"},
      {"allballs Jan 1 2099", "2099-01-01T00:00:00+00:00"},
      {"epoch Jan 1 2099", "1970-01-01T00:00:00+00:00"},
  });
}

TEST_CASE("infinity hides a date beside it, but not a wrong one") {
  check_stored({
      {"infinity Jan 1 2099", "infinity"},
      {"-infinity Jan 1 2099", "-infinity"},
  });
  CHECK(read_timestamptz("infinity Jan 32 2099") ==
        Read{no_such_month_or_day("infinity Jan 32 2099")});
}

TEST_CASE("today and its like start from the moment given") {
  const Time now = *base::parse_time("2026-12-31T10:11:12.5Z");
  // JavaScript takes the number for a year, the database for hours and minutes.
  check_stored(
      {
          {"today 2059", "2026-12-31T20:59:00+00:00"},
          {"tomorrow 2099", "2027-01-01T21:39:00+00:00"},
          {"yesterday 2099-01", "2026-12-30T22:39:00+00:00"},
          {"now", "2026-12-31T10:11:12.5+00:00"},
      },
      now);
}

TEST_CASE("what is no date is refused with 22007") {
  for (std::string_view text : {
           "Thu Jan 01 2099 00:00:00 GMT+0000 (Coordinated Universal Time)",
           "Thu Jan 01 2099 01:00:00 GMT+0100 (Central European Standard Time)",
           "Fri 2099-01-01",
           "Fri Sat Jan 1 2099",
           "Fridag Jan 1 2099",
           "[2099,1]",
           "[[2099,1]]",
           "{\"a\":\"2099-01-01\"}",
           "Jan 1 2099 10:00 (nobody knows)",
           "Jan 1 2099 10:00 DST",
           "2099-01-01T00:00:00,5Z",
           "Jan 1 2099.5",
           "foo 1 Jan 2099",
           "T 1 Jan 2099",
           "10:00 2099-01-01",
           "Jan 1 99999999999",
           "é 1 Jan 2099",
           "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26",
       }) {
    CAPTURE(text);
    CHECK(read_timestamptz(text) == Read{no_date(text)});
  }
}

TEST_CASE("a time or year that does not exist is refused with 22008") {
  for (std::string_view text : {
           "Jan 1 2099 13:00 PM",
           "2099-01-01T23:59:61Z",
           "2099-01-01T24:00:00.001Z",
           "2099-01-01T10:60",
           "0000-01-01",
           "99999999999-01-01",
       }) {
    CAPTURE(text);
    CHECK(read_timestamptz(text) == Read{no_such_date(text)});
  }
}

TEST_CASE("a month or day that does not exist is refused with 22008 and a hint") {
  for (std::string_view text : {
           "209901",
           "13/1/2099",
           "1/32/2099",
           "Jan 1.5 2099",
           "2099-00-01",
       }) {
    CAPTURE(text);
    CHECK(read_timestamptz(text) == Read{no_such_month_or_day(text)});
  }
}

TEST_CASE("a date beyond the calendar is refused with 22008 and words of its own") {
  for (std::string_view text : {"9999999-01-01", "294277-01-01"}) {
    CAPTURE(text);
    CHECK(read_timestamptz(text) ==
          Read{Error{.code = "22008", .message = "timestamp out of range: " + quoted(text)}});
  }
}

TEST_CASE("an offset of 16 hours or more is refused with 22009, a signed year for one") {
  for (std::string_view text : {
           "+002099-01-01",
           "+275760-01-01T00:00:00Z",
           "2099-01-01T10:00:00+16:00",
           "2099-01-01T10:00:00+14:60",
           "2099-01-01T10:00:00+99999999999",
           "2099-01-01T10:00:00+5:-3",
       }) {
    CAPTURE(text);
    CHECK(read_timestamptz(text) == Read{no_such_offset(text)});
  }
}

TEST_CASE("an unknown time zone is refused with 22023, in lower case") {
  auto unknown = [](std::string_view zone) {
    return Error{.code = "22023", .message = "time zone " + quoted(zone) + " not recognized"};
  };
  CHECK(read_timestamptz("Jan 1 2099 Foo/Bar") == Read{unknown("foo/bar")});
  CHECK(read_timestamptz("Jan 1 2099 EST168") == Read{unknown("est168")});
}

TEST_CASE("a text longer than the database's buffer for it is no date") {
  // 152 characters, of which each field takes one more than it has.
  const std::string zeros(139, '0');
  CHECK(stored("2099-01-01 1:" + zeros) == "2099-01-01T01:00:00+00:00");
  const std::string longer = "2099-01-01 1:0" + zeros;
  CHECK(read_timestamptz(longer) == Read{no_date(longer)});
  CHECK(stored("2099-01-01" + std::string(1000, ' ')) == "2099-01-01T00:00:00+00:00");
}

TEST_CASE("a moment is given back in UTC with no more digits than it needs") {
  auto text_of = [](int64_t microseconds) {
    return timestamptz_text(Time{std::chrono::microseconds{microseconds}});
  };
  CHECK(text_of(0) == "1970-01-01T00:00:00+00:00");
  CHECK(text_of(1) == "1970-01-01T00:00:00.000001+00:00");
  CHECK(text_of(500'000) == "1970-01-01T00:00:00.5+00:00");
  CHECK(text_of(1'404'000) == "1970-01-01T00:00:01.404+00:00");
  CHECK(text_of(-1) == "1969-12-31T23:59:59.999999+00:00");
  CHECK(text_of(253'402'300'800'000'000) == "10000-01-01T00:00:00+00:00");
  CHECK(text_of(-62'135'596'800'000'000) == "0001-01-01T00:00:00+00:00");
  CHECK(text_of(-62'135'596'800'000'001) == "0001-12-31T23:59:59.999999+00:00 BC");
  CHECK(text_of(-210'866'803'200'000'000) == "4714-11-24T00:00:00+00:00 BC");
  CHECK(timestamptz_text(Time::max()) == "infinity");
  CHECK(timestamptz_text(Time::min()) == "-infinity");
}

TEST_CASE("what is given back is read as the same moment") {
  uint64_t seed = base::random_seed();
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  std::uniform_int_distribution<int64_t> any_moment(-210'866'803'200'000'000,
                                                    9'223'371'244'799'999'999);
  for (int i = 0; i < 2000; ++i) {
    const Time moment{std::chrono::microseconds{any_moment(random)}};
    CAPTURE(timestamptz_text(moment));
    REQUIRE(read_timestamptz(timestamptz_text(moment)) == Read{moment});
  }
}
