#include <doctest/doctest.h>

#include "base/calendar.h"

using base::CalendarDay;

TEST_CASE("days of the calendar are counted from 1970-01-01") {
  CHECK(base::days_from_calendar({1970, 1, 1}) == 0);
  CHECK(base::days_from_calendar({1969, 12, 31}) == -1);
  CHECK(base::days_from_calendar({2024, 2, 29}) == 19782);
  CHECK(base::days_from_calendar({2000, 1, 1}) == 10957);
  // date -u -d @8640000000000000000 is out of reach of most tools; JavaScript's greatest date is
  // 100,000,000 days after 1970-01-01.
  CHECK(base::days_from_calendar({275760, 9, 13}) == 100'000'000);
  CHECK(base::days_from_calendar({-271821, 4, 20}) == -100'000'000);
}

TEST_CASE("a day counted and found again is the same") {
  for (int64_t days = -110'000'000; days < 110'000'000; days += 9973) {
    CalendarDay day = base::calendar_from_days(days);
    REQUIRE(base::days_from_calendar(day) == days);
    REQUIRE(day.day <= base::days_in_month(day.year, day.month));
  }
}

TEST_CASE("leap years are every fourth, but of the hundreds only every fourth") {
  CHECK(base::days_in_month(2024, 2) == 29);
  CHECK(base::days_in_month(2023, 2) == 28);
  CHECK(base::days_in_month(2100, 2) == 28);
  CHECK(base::days_in_month(2000, 2) == 29);
  CHECK(base::days_in_month(275600, 2) == 29);
  CHECK(base::days_in_month(0, 2) == 29);
  CHECK(base::days_in_month(-100, 2) == 28);
  CHECK(base::days_in_month(2023, 12) == 31);
}
