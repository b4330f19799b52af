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

/// `3 until 60s`, counted from kStart; `none` where no window is open.
std::string shown(const RateWindows::Window& window) {
  if (window.count == 0) {
    CHECK(window.ends == base::Time{});
    return "none";
  }
  auto ends = std::chrono::duration_cast<seconds>(window.ends - kStart);
  CHECK(kStart + ends == window.ends);
  return std::to_string(window.count) + " until " + std::to_string(ends.count()) + "s";
}

/// One world's windows, asked so many seconds after kStart.
struct Windows {
  RateWindows windows;

  std::string current(const std::string& name, microseconds after) const {
    return shown(windows.current(name, kStart + after));
  }
  std::string fixed(const std::string& name, microseconds after) {
    return shown(windows.count_in_fixed_window(name, kStart + after, kLength));
  }
  std::string sliding(const std::string& name, microseconds after) {
    return shown(windows.count_in_sliding_window(name, kStart + after, kLength));
  }
};

std::string numbered(int number) { return "key " + std::to_string(number); }

}  // namespace

TEST_CASE("a window counted from the first ends its length after that, however many come") {
  Windows all;
  CHECK(all.fixed("a", seconds{0}) == "1 until 60s");
  CHECK(all.fixed("a", seconds{0}) == "2 until 60s");
  CHECK(all.fixed("a", seconds{59}) == "3 until 60s");
  CHECK(all.fixed("a", kLength - kTick) == "4 until 60s");
  CHECK(all.fixed("a", kLength) == "1 until 120s");
  CHECK(all.fixed("a", seconds{61}) == "2 until 120s");
  CHECK(all.fixed("a", seconds{300}) == "1 until 360s");
}

TEST_CASE("a window counted from the latest ends its length after the last count") {
  Windows all;
  CHECK(all.sliding("a", seconds{0}) == "1 until 60s");
  CHECK(all.sliding("a", seconds{59}) == "2 until 119s");
  CHECK(all.sliding("a", seconds{118}) == "3 until 178s");
  CHECK(all.current("a", seconds{178} - kTick) == "3 until 178s");
  CHECK(all.current("a", seconds{178}) == "none");
  CHECK(all.sliding("a", seconds{178}) == "1 until 238s");
}

TEST_CASE("to look at a window counts nothing and opens none") {
  Windows all;
  CHECK(all.current("a", seconds{0}) == "none");
  CHECK(all.current("a", seconds{0}) == "none");
  all.fixed("a", seconds{0});
  CHECK(all.current("a", seconds{30}) == "1 until 60s");
  CHECK(all.current("a", kLength - kTick) == "1 until 60s");
  CHECK(all.current("a", kLength) == "none");
  CHECK(all.fixed("a", seconds{30}) == "2 until 60s");
}

TEST_CASE("each name has a window of its own") {
  Windows all;
  CHECK(all.fixed("a", seconds{0}) == "1 until 60s");
  CHECK(all.sliding("b", seconds{10}) == "1 until 70s");
  CHECK(all.fixed("a", seconds{20}) == "2 until 60s");
  CHECK(all.current("A", seconds{20}) == "none");
  CHECK(all.current("", seconds{20}) == "none");
  CHECK(all.fixed(std::string("a\0", 2), seconds{20}) == "1 until 80s");
}

TEST_CASE("a forgotten window counts from nothing again") {
  Windows all;
  all.fixed("a", seconds{0});
  all.fixed("b", seconds{0});
  all.windows.remove("a");
  all.windows.remove("never counted");
  CHECK(all.current("a", seconds{1}) == "none");
  CHECK(all.current("b", seconds{1}) == "1 until 60s");
  CHECK(all.fixed("a", seconds{1}) == "1 until 61s");
}

TEST_CASE("a clock set back before a window finds it closed, and one set back within it open") {
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

TEST_CASE("of many open windows none is lost") {
  constexpr int kNames = 5000;
  Windows all;
  for (int name = 0; name < kNames; ++name) all.fixed(numbered(name), seconds{0});
  for (int name = 0; name < kNames; ++name) {
    REQUIRE(all.fixed(numbered(name), seconds{59}) == "2 until 60s");
  }
  CHECK(all.fixed("another", seconds{60}) == "1 until 120s");
  CHECK(all.current(numbered(0), seconds{60}) == "none");
}

TEST_CASE("windows of names seen once do not pile up when they are closed") {
  constexpr int kNames = 100'000;
  Windows all;
  // At any time 60 windows are open.
  for (int name = 0; name < kNames; ++name) all.fixed(numbered(name), seconds{name});
  // A window that is still kept is open to a clock that is set back into it.
  int kept = 0;
  for (int name = 0; name < kNames; ++name) {
    if (all.current(numbered(name), seconds{name}) != "none") ++kept;
  }
  CHECK(kept >= 60);
  CHECK(kept <= 2048);
}

TEST_CASE("after a crowd of open windows has closed, its room is used again") {
  constexpr int kNames = 10'000;
  Windows all;
  for (int name = 0; name < kNames; ++name) all.fixed(numbered(name), seconds{0});
  // As many again, one a second, are enough to see that the first are closed.
  for (int name = 0; name < 2 * kNames; ++name) {
    all.fixed("later " + numbered(name), kLength + seconds{name});
  }
  int kept = 0;
  for (int name = 0; name < kNames; ++name) {
    if (all.current(numbered(name), seconds{0}) != "none") ++kept;
  }
  CHECK(kept == 0);
}
