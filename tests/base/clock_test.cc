#include "base/clock.h"

#include <doctest/doctest.h>

#include <utility>

namespace {

using base::Clock;
using base::Time;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr Time kThen{seconds{1'704'067'200}};      // 2024-01-01T00:00:00Z
constexpr Time kFarAhead{seconds{4'102'444'800}};  // 2100-01-01T00:00:00Z

Time real_time() {
  return std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
}

/// Waits until the real clock has another microsecond.
void wait_a_microsecond() {
  Time start = real_time();
  while (real_time() <= start) {
  }
}

/// The time of the clock, before and after a microsecond of real time.
std::pair<Time, Time> read_twice(const Clock& clock) {
  Time first = clock.now();
  wait_a_microsecond();
  return {first, clock.now()};
}

}  // namespace

TEST_CASE("a new clock has the real time and runs") {
  Clock clock;
  Time before = real_time();
  auto [first, second] = read_twice(clock);
  Time after = real_time();
  CHECK(before <= first);
  CHECK(first < second);
  CHECK(second <= after);
}

TEST_CASE("a clock that was set continues from there") {
  for (Time time : {kThen, kFarAhead}) {
    Clock clock;
    clock.set(time);
    auto [first, second] = read_twice(clock);
    CHECK(time <= first);
    CHECK(first < second);
    CHECK(second < time + minutes{1});
  }
}

TEST_CASE("freezing a clock stops it at its current time") {
  Clock clock;
  Time before = real_time();
  clock.freeze();
  Time after = real_time();
  auto [first, second] = read_twice(clock);
  CHECK(before <= first);
  CHECK(first <= after);
  CHECK(first == second);
}

TEST_CASE("a frozen clock that is set stays exactly there") {
  Clock clock;
  clock.freeze();
  for (Time time : {kThen, kFarAhead, Time{}, kThen + std::chrono::microseconds{1}}) {
    clock.set(time);
    auto [first, second] = read_twice(clock);
    CHECK(first == time);
    CHECK(second == time);
  }
}

TEST_CASE("a clock that is set and then frozen stays near where it was set") {
  Clock clock;
  clock.set(kFarAhead);
  clock.freeze();
  auto [first, second] = read_twice(clock);
  CHECK(kFarAhead <= first);
  CHECK(first < kFarAhead + minutes{1});
  CHECK(first == second);
}

TEST_CASE("a thawed clock continues from where it stopped") {
  for (Time time : {kThen, kFarAhead}) {
    Clock clock;
    clock.freeze();
    clock.set(time);
    wait_a_microsecond();
    clock.thaw();
    auto [first, second] = read_twice(clock);
    CHECK(time <= first);
    CHECK(first < second);
    CHECK(second < time + minutes{1});
  }
}

TEST_CASE("thawing a running clock changes nothing") {
  Clock clock;
  clock.set(kThen);
  Time before = clock.now();
  clock.thaw();
  auto [first, second] = read_twice(clock);
  CHECK(before <= first);
  CHECK(first < second);
  CHECK(second < kThen + minutes{1});
}

TEST_CASE("a clock reports whether it is frozen") {
  Clock clock;
  CHECK_FALSE(clock.is_frozen());
  clock.set(kThen);
  CHECK_FALSE(clock.is_frozen());
  clock.freeze();
  CHECK(clock.is_frozen());
  clock.set(kFarAhead);
  CHECK(clock.is_frozen());
  clock.thaw();
  CHECK_FALSE(clock.is_frozen());
  clock.thaw();
  CHECK_FALSE(clock.is_frozen());
  clock.freeze();
  CHECK(clock.is_frozen());
}
