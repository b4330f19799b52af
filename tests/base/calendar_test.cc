#include <doctest/doctest.h>

#include <initializer_list>

#include "base/calendar.h"

using base::CalendarDay;

TEST_CASE("days are counted from 1970-01-01") {
  CHECK(base::days_from_calendar({1970, 1, 1}) == 0);
  CHECK(base::days_from_calendar({1969, 12, 31}) == -1);
  CHECK(base::days_from_calendar({2024, 2, 29}) == 19782);
  CHECK(base::days_from_calendar({2000, 1, 1}) == 10957);
  // ECMAScript's dates reach 100,000,000 days from 1970-01-01, either way.
  CHECK(base::days_from_calendar({275760, 9, 13}) == 100'000'000);
  CHECK(base::days_from_calendar({-271821, 4, 20}) == -100'000'000);
}

TEST_CASE("converting a date to days and back returns the same date") {
  for (int64_t days = -110'000'000; days < 110'000'000; days += 9973) {
    CalendarDay day = base::calendar_from_days(days);
    REQUIRE(base::days_from_calendar(day) == days);
    REQUIRE(day.day <= base::days_in_month(day.year, day.month));
  }
}

TEST_CASE("leap years follow the Gregorian rules") {
  CHECK(base::days_in_month(2024, 2) == 29);
  CHECK(base::days_in_month(2023, 2) == 28);
  CHECK(base::days_in_month(2100, 2) == 28);
  CHECK(base::days_in_month(2000, 2) == 29);
  CHECK(base::days_in_month(275600, 2) == 29);
  CHECK(base::days_in_month(0, 2) == 29);
  CHECK(base::days_in_month(-100, 2) == 28);
  CHECK(base::days_in_month(2023, 12) == 31);
}

TEST_CASE("the next day is in the same month, or the first of the next month") {
  for (int64_t start : {-800'000'000, -719'600, -1000, 10'900, 47'400, 106'000'000}) {
    CalendarDay day = base::calendar_from_days(start);
    for (int64_t days = start + 1; days < start + 3000; ++days) {
      CalendarDay next = day;
      if (++next.day > base::days_in_month(day.year, day.month)) {
        next.day = 1;
        if (++next.month > 12) next = {day.year + 1, 1, 1};
      }
      day = base::calendar_from_days(days);
      REQUIRE((day == next));
    }
  }
}

TEST_CASE("every month has the right number of days") {
  constexpr unsigned kLengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  for (unsigned month = 1; month <= 12; ++month) {
    CHECK(base::days_in_month(2023, month) == kLengths[month - 1]);
    CHECK(base::days_in_month(-294'277, month) == kLengths[month - 1]);
  }
}
