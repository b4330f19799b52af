#include "app/world.h"

#include <doctest/doctest.h>

#include "base/time_text.h"

TEST_CASE("a frozen clock stands at --now, to the microsecond") {
  app::Options options;
  options.freeze = true;
  options.now = base::parse_time("2024-02-12T00:00:00Z");
  base::Clock clock = app::make_clock(options);
  CHECK(clock.now() == *options.now);
  CHECK(clock.now() == *options.now);
}

TEST_CASE("a clock that is not frozen goes on from --now") {
  app::Options options;
  options.now = base::parse_time("2024-02-12T00:00:00Z");
  base::Clock clock = app::make_clock(options);
  base::Time first = clock.now();
  CHECK(first >= *options.now);
  while (clock.now() == first) {
  }
  CHECK(clock.now() > first);
}
