#include "contract/rate_windows.h"

#include <doctest/doctest.h>

#include <string>

namespace {

using contract::RateWindows;
using std::chrono::microseconds;
using std::chrono::seconds;

constexpr base::Time kStart{seconds{1'707'696'000}};  // 2024-02-12T00:00:00Z
constexpr seconds kLength{60};
constexpr microseconds kTick{1};

/// Writes a window as `3 until 60s`, relative to kStart; `none` if no window is open.
std::string format(const RateWindows::Window& window) {
  if (window.count == 0) {
    CHECK(window.ends == base::Time{});
    return "none";
  }
  auto ends = std::chrono::duration_cast<seconds>(window.ends - kStart);
  CHECK(kStart + ends == window.ends);
  return std::to_string(window.count) + " until " + std::to_string(ends.count()) + "s";
}

/// Rate windows with times relative to kStart.
struct Windows {
  RateWindows windows;

  std::string current(const std::string& name, microseconds after) const {
    return format(windows.current(name, kStart + after));
  }
  std::string fixed(const std::string& name, microseconds after) {
    return format(windows.count_in_fixed_window(name, kStart + after, kLength));
  }
  std::string sliding(const std::string& name, microseconds after) {
    return format(windows.count_in_sliding_window(name, kStart + after, kLength));
  }
};

std::string name_of(int number) { return "key " + std::to_string(number); }

}  // namespace

TEST_CASE("a fixed window ends its length after the first event") {
  Windows all;
  CHECK(all.fixed("a", seconds{0}) == "1 until 60s");
  CHECK(all.fixed("a", seconds{0}) == "2 until 60s");
  CHECK(all.fixed("a", seconds{59}) == "3 until 60s");
  CHECK(all.fixed("a", kLength - kTick) == "4 until 60s");
  CHECK(all.fixed("a", kLength) == "1 until 120s");
  CHECK(all.fixed("a", seconds{61}) == "2 until 120s");
  CHECK(all.fixed("a", seconds{300}) == "1 until 360s");
}

TEST_CASE("a sliding window ends its length after the latest event") {
  Windows all;
  CHECK(all.sliding("a", seconds{0}) == "1 until 60s");
  CHECK(all.sliding("a", seconds{59}) == "2 until 119s");
  CHECK(all.sliding("a", seconds{118}) == "3 until 178s");
  CHECK(all.current("a", seconds{178} - kTick) == "3 until 178s");
  CHECK(all.current("a", seconds{178}) == "none");
  CHECK(all.sliding("a", seconds{178}) == "1 until 238s");
}

TEST_CASE("reading a window neither counts nor opens it") {
  Windows all;
  CHECK(all.current("a", seconds{0}) == "none");
  CHECK(all.current("a", seconds{0}) == "none");
  all.fixed("a", seconds{0});
  CHECK(all.current("a", seconds{30}) == "1 until 60s");
  CHECK(all.current("a", kLength - kTick) == "1 until 60s");
  CHECK(all.current("a", kLength) == "none");
  CHECK(all.fixed("a", seconds{30}) == "2 until 60s");
}

TEST_CASE("each name has its own window") {
  Windows all;
  CHECK(all.fixed("a", seconds{0}) == "1 until 60s");
  CHECK(all.sliding("b", seconds{10}) == "1 until 70s");
  CHECK(all.fixed("a", seconds{20}) == "2 until 60s");
  CHECK(all.current("A", seconds{20}) == "none");
  CHECK(all.current("", seconds{20}) == "none");
  CHECK(all.fixed(std::string("a\0", 2), seconds{20}) == "1 until 80s");
}

TEST_CASE("a removed window counts from 0 again") {
  Windows all;
  all.fixed("a", seconds{0});
  all.fixed("b", seconds{0});
  all.windows.remove("a");
  all.windows.remove("never counted");
  CHECK(all.current("a", seconds{1}) == "none");
  CHECK(all.current("b", seconds{1}) == "1 until 60s");
  CHECK(all.fixed("a", seconds{1}) == "1 until 61s");
}

TEST_CASE("a window is closed if the clock is set back to before it, and open if within it") {
  Windows all;
  all.fixed("a", seconds{100});
  all.sliding("b", seconds{100});
  CHECK(all.current("a", seconds{100} - kTick) == "none");
  CHECK(all.current("b", seconds{100} - kTick) == "none");
  CHECK(all.fixed("a", seconds{130}) == "2 until 160s");
  CHECK(all.fixed("a", seconds{100}) == "3 until 160s");
  CHECK(all.sliding("b", seconds{130}) == "2 until 190s");
  CHECK(all.sliding("b", seconds{110}) == "3 until 170s");
  CHECK(all.fixed("a", seconds{0}) == "1 until 60s");
  CHECK(all.sliding("b", seconds{0}) == "1 until 60s");
  CHECK(all.current("a", seconds{59}) == "1 until 60s");
}

TEST_CASE("no open window is removed, even of many") {
  constexpr int kCount = 5000;
  Windows all;
  for (int name = 0; name < kCount; ++name) all.fixed(name_of(name), seconds{0});
  for (int name = 0; name < kCount; ++name) {
    REQUIRE(all.fixed(name_of(name), seconds{59}) == "2 until 60s");
  }
  CHECK(all.fixed("another", seconds{60}) == "1 until 120s");
  CHECK(all.current(name_of(0), seconds{60}) == "none");
}

TEST_CASE("closed windows of names that were counted once are removed") {
  constexpr int kCount = 100'000;
  Windows all;
  // At any time 60 windows are open.
  for (int name = 0; name < kCount; ++name) all.fixed(name_of(name), seconds{name});
  // At the time of its start, a window is open unless it was removed.
  int remaining = 0;
  for (int name = 0; name < kCount; ++name) {
    if (all.current(name_of(name), seconds{name}) != "none") ++remaining;
  }
  CHECK(remaining >= 60);
  CHECK(remaining <= 2048);
}
