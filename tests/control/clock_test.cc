#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "base/time_format.h"
#include "engine/requests.h"

using engine_tests::ask;
using engine_tests::kBadBody;
using engine_tests::rejection;
using engine_tests::rejection_bytes;
using engine_tests::shown;

namespace {

constexpr const char* kClock = "/__admin/clock";
constexpr const char* kAdvance = "/__admin/clock/advance";

/// The clock of a new sandbox.
constexpr std::string_view kInitialClock = R"({"now":"2024-02-12T00:00:00Z","frozen":true})";

std::string get_clock(engine::Engine& engine) { return ask(engine, "GET", kClock); }

/// The response of a frozen clock: `200 {"now":"...","frozen":true}`.
std::string frozen_at(const std::string& time) {
  return "200 {\"now\":\"" + time + "\",\"frozen\":true}";
}

/// The body of a call, and the details of its rejection.
struct InvalidCall {
  std::string body;
  std::vector<std::string> details;
};

/// Checks that calls are rejected and do not change the clock.
void check_rejected(const char* method, const char* path, const std::vector<InvalidCall>& calls) {
  engine::Engine engine = test_engine::make_engine();
  for (const InvalidCall& call : calls) {
    CAPTURE(call.body);
    CHECK(engine_tests::bytes(engine_tests::send(engine, method, path, call.body)) ==
          rejection_bytes(400, kBadBody, call.details));
    CHECK(get_clock(engine) == "200 " + std::string(kInitialClock));
  }
}

/// The time of a running clock.
base::Time running_time(const std::string& answer) {
  REQUIRE(answer.starts_with("200 "));
  auto body = json::parse(answer.substr(4));
  CHECK(body["frozen"] == false);
  auto time = base::parse_time(body["now"].get<std::string>());
  REQUIRE(time.has_value());
  return *time;
}

/// Checks that a clock runs, and that it was at this time less than a minute ago.
void check_runs_from(engine::Engine& engine, const char* text) {
  base::Time start = *base::parse_time(text);
  base::Time first = running_time(get_clock(engine));
  CHECK(first >= start);
  CHECK(first < start + std::chrono::minutes{1});
  base::Time later = first;
  while (later == first) later = running_time(get_clock(engine));
  CHECK(later > first);
}

}  // namespace

TEST_CASE("HEAD returns the clock like GET, without the body") {
  engine::Engine engine = test_engine::make_engine();
  auto answer = engine.handle({"GET", kClock, {}, ""});
  CHECK(answer.status == 200);
  CHECK(answer.body == kInitialClock);
  CHECK(ask(engine, "HEAD", kClock) == shown(answer));
}

TEST_CASE("a frozen clock is set to a time in any accepted format, to the microsecond") {
  engine::Engine engine = test_engine::make_engine();
  struct Row {
    std::string given;
    std::string expected;
  };
  for (const Row& row : {Row{R"("2024-03-01")", "2024-03-01T00:00:00Z"},
                         Row{R"("2024-03-01T12:30")", "2024-03-01T12:30:00Z"},
                         Row{R"("2024-03-01T12:30:15.123456Z")", "2024-03-01T12:30:15.123456Z"},
                         Row{R"("2024-03-01T12:30:15.5+02:00")", "2024-03-01T10:30:15.5Z"},
                         Row{R"("0000-01-01")", "0000-01-01T00:00:00Z"},
                         Row{R"("9999-12-31T23:59:59.999999Z")", "9999-12-31T23:59:59.999999Z"},
                         Row{R"("1706702400")", "2024-01-31T12:00:00Z"},
                         Row{"1706702400", "2024-01-31T12:00:00Z"}}) {
    CAPTURE(row.given);
    CHECK(ask(engine, "PUT", kClock, "{\"now\":" + row.given + "}") == frozen_at(row.expected));
    CHECK(get_clock(engine) == frozen_at(row.expected));
  }
}

TEST_CASE("a clock is frozen and unfrozen, with or without a time") {
  engine::Engine engine = test_engine::make_engine();
  running_time(ask(engine, "PUT", kClock, R"({"frozen":false})"));
  check_runs_from(engine, "2024-02-12T00:00:00Z");
  running_time(ask(engine, "PUT", kClock, R"({"now":"2030-01-01"})"));
  check_runs_from(engine, "2030-01-01T00:00:00Z");
  CHECK(ask(engine, "PUT", kClock, R"({"now":"2025-01-01T00:00:00Z","frozen":true})") ==
        frozen_at("2025-01-01T00:00:00Z"));
  CHECK(get_clock(engine) == frozen_at("2025-01-01T00:00:00Z"));
  running_time(ask(engine, "PUT", kClock, R"({"frozen":false,"now":"2020-01-01"})"));
  check_runs_from(engine, "2020-01-01T00:00:00Z");
  std::string frozen = ask(engine, "PUT", kClock, R"({"frozen":true})");
  CHECK(frozen.ends_with(R"(,"frozen":true})"));
  CHECK(frozen.starts_with(R"(200 {"now":"2020-01-01T00:0)"));
  CHECK(get_clock(engine) == frozen);
}

TEST_CASE("a running clock that is set and frozen in one call stops at exactly that time") {
  engine::Engine engine = test_engine::make_engine();
  // If the clock were set before it is frozen, a microsecond might pass in between. Try often.
  for (int i = 0; i < 200; ++i) {
    ask(engine, "PUT", kClock, R"({"frozen":false})");
    CHECK(ask(engine, "PUT", kClock, R"({"now":"2025-01-01","frozen":true})") ==
          frozen_at("2025-01-01T00:00:00Z"));
  }
}

TEST_CASE("null counts as absent, and setting the current state again is allowed") {
  engine::Engine engine = test_engine::make_engine();
  CHECK(ask(engine, "PUT", kClock, R"({"now":null,"frozen":true})") ==
        frozen_at("2024-02-12T00:00:00Z"));
  CHECK(ask(engine, "PUT", kClock, R"({"now":"2024-02-12","frozen":null})") ==
        frozen_at("2024-02-12T00:00:00Z"));
  running_time(ask(engine, "PUT", kClock, R"({"frozen":false})"));
  running_time(ask(engine, "PUT", kClock, R"({"frozen":false})"));
  check_runs_from(engine, "2024-02-12T00:00:00Z");
}

TEST_CASE("an invalid body does not set the clock, and every problem is reported") {
  const std::string invalid_time =
      " is not a valid time; write a date (2024-01-31), a date and time (2024-01-31T12:00:00Z), or "
      "seconds since 1970 (1706702400)";
  const std::string nothing = "body:1:1: the object is empty; set \"now\", \"frozen\" or both";
  const std::string no_object = " must be an object with the fields \"now\", \"frozen\"";
  check_rejected(
      "PUT", kClock,
      {
          {"{}", {nothing}},
          {R"({"now":null})", {nothing}},
          {R"({"now":null,"frozen":null})", {nothing}},
          {"[]", {"body:1:1: []" + no_object}},
          {"null", {"body:1:1: null" + no_object}},
          {R"("2024-01-01")", {R"(body:1:1: "2024-01-01")" + no_object}},
          {R"({"now":"tomorrow"})", {R"(body:1:8: /now: "tomorrow")" + invalid_time}},
          {R"({"now":""})", {R"(body:1:8: /now: "")" + invalid_time}},
          {R"({"now":"2023-02-29"})", {R"(body:1:8: /now: "2023-02-29")" + invalid_time}},
          {R"({"now":"10000-01-01"})", {R"(body:1:8: /now: "10000-01-01")" + invalid_time}},
          {R"({"now":-1})", {"body:1:8: /now: -1" + invalid_time}},
          {R"({"now":1704067200.5})", {"body:1:8: /now: 1704067200.5" + invalid_time}},
          {R"({"now":true})", {"body:1:8: /now: true" + invalid_time}},
          {R"({"frozen":"yes"})", {R"(body:1:11: /frozen: "yes" must be true or false)"}},
          {R"({"frozen":0})", {"body:1:11: /frozen: 0 must be true or false"}},
          {R"({"nwo":"2024-01-01"})", {R"(body:1:2: /nwo: unknown field; did you mean "now"?)"}},
          {R"({"freeze":true})", {R"(body:1:2: /freeze: unknown field; did you mean "frozen"?)"}},
          {R"({"now":"2025-01-01","by":"1d"})",
           {R"(body:1:21: /by: unknown field; the fields are "now", "frozen")"}},
          {R"({"now":"2025-01-01","now":"2026-01-01"})",
           {"body:1:21: /now: duplicate field; keep one of them"}},
          // A valid field has no effect if the other is invalid.
          {R"({"now":"2025-01-01","frozen":1})", {"body:1:30: /frozen: 1 must be true or false"}},
          {R"({"frozen":false,"now":"x"})", {R"(body:1:23: /now: "x")" + invalid_time}},
          {"{\n  \"now\": 1,\n  \"frozen\": 2\n}", {"body:3:13: /frozen: 2 must be true or false"}},
      });
}

TEST_CASE("a frozen clock advances by exactly the given duration, and stays frozen") {
  engine::Engine engine = test_engine::make_engine();
  struct Row {
    std::string by;
    std::string expected;
  };
  for (const Row& row :
       {Row{"0s", "2024-02-12T00:00:00Z"}, Row{"17d", "2024-02-29T00:00:00Z"},
        Row{"P1Y", "2025-02-28T00:00:00Z"}, Row{"12h", "2025-02-28T12:00:00Z"},
        Row{"1d12h", "2025-03-02T00:00:00Z"}, Row{"PT0.000001S", "2025-03-02T00:00:00.000001Z"},
        Row{"250ms", "2025-03-02T00:00:00.250001Z"}}) {
    CAPTURE(row.by);
    CHECK(ask(engine, "POST", kAdvance, R"({"by":")" + row.by + "\"}") == frozen_at(row.expected));
    CHECK(get_clock(engine) == frozen_at(row.expected));
  }
}

TEST_CASE("a running clock advances and keeps running") {
  engine::Engine engine = test_engine::make_engine();
  running_time(ask(engine, "PUT", kClock, R"({"frozen":false})"));
  running_time(ask(engine, "POST", kAdvance, R"({"by":"31d"})"));
  check_runs_from(engine, "2024-03-14T00:00:00Z");
}

TEST_CASE("an invalid body does not advance the clock, and every problem is reported") {
  const std::string invalid_duration =
      " is not a valid duration; write one such as 31d, 12h, 15m, 90s, 2w or P1DT12H, up to ten "
      "thousand years, or set the clock with PUT /__admin/clock";
  const std::string missing = "body:1:1: \"by\" is missing; give it a value";
  const std::string no_object = " must be an object with the fields \"by\"";
  check_rejected(
      "POST", kAdvance,
      {
          {"{}", {missing}},
          {R"({"by":null})", {missing}},
          {"[]", {"body:1:1: []" + no_object}},
          {R"("31d")", {R"(body:1:1: "31d")" + no_object}},
          {R"({"by":""})", {R"(body:1:7: /by: "")" + invalid_duration}},
          {R"({"by":"-1d"})", {R"(body:1:7: /by: "-1d")" + invalid_duration}},
          {R"({"by":"31 days"})", {R"(body:1:7: /by: "31 days")" + invalid_duration}},
          {R"({"by":"10001w9999999d"})", {R"(body:1:7: /by: "10001w9999999d")" + invalid_duration}},
          {R"({"by":31})",
           {R"(body:1:7: /by: 31 is not a valid duration; write "31s" for that many seconds)"}},
          {R"({"by":["31d"]})", {R"(body:1:7: /by: ["31d"])" + invalid_duration}},
          {R"({"by":86400})",
           {R"(body:1:7: /by: 86400 is not a valid duration; write "86400s" for that many )"
            R"(seconds)"}},
          {R"({"by":-1})", {"body:1:7: /by: -1" + invalid_duration}},
          {R"({"by":true})", {"body:1:7: /by: true" + invalid_duration}},
          // As seconds, it is more than ten thousand years.
          {R"({"by":999999999999})", {"body:1:7: /by: 999999999999" + invalid_duration}},
          {R"({"by":"31d","now":"2024-01-01"})",
           {R"(body:1:13: /now: unknown field; the fields are "by")"}},
          {R"({"by":"1d","by":"2d"})", {"body:1:12: /by: duplicate field; keep one of them"}},
      });
}

TEST_CASE("a clock advances to the end of the year 9999 and no further") {
  engine::Engine engine = test_engine::make_engine();
  const std::string error = "the clock cannot go beyond the year 9999; nothing was changed";
  CHECK(ask(engine, "POST", kAdvance, R"({"by":"P7976Y"})") ==
        rejection(400, error, {"the time is 2024-02-12T00:00:00Z"}));
  CHECK(get_clock(engine) == "200 " + std::string(kInitialClock));
  ask(engine, "PUT", kClock, R"({"now":"9999-12-31T23:59:58.5Z"})");
  CHECK(ask(engine, "POST", kAdvance, R"({"by":"1500ms"})") ==
        rejection(400, error, {"the time is 9999-12-31T23:59:58.5Z"}));
  CHECK(ask(engine, "POST", kAdvance, R"({"by":"P10000Y"})") ==
        rejection(400, error, {"the time is 9999-12-31T23:59:58.5Z"}));
  CHECK(ask(engine, "POST", kAdvance, R"({"by":"500ms"})") == frozen_at("9999-12-31T23:59:59Z"));
  CHECK(ask(engine, "POST", kAdvance, R"({"by":"PT0.999999S"})") ==
        frozen_at("9999-12-31T23:59:59.999999Z"));
  CHECK(ask(engine, "POST", kAdvance, R"({"by":"0s"})") ==
        frozen_at("9999-12-31T23:59:59.999999Z"));
  CHECK(ask(engine, "POST", kAdvance, R"({"by":"PT0.000001S"})") ==
        rejection(400, error, {"the time is 9999-12-31T23:59:59.999999Z"}));
  CHECK(ask(engine, "PUT", kClock, R"({"now":"2024-02-12"})") ==
        "200 " + std::string(kInitialClock));
}

TEST_CASE("keys expire by the clock, forwards and back") {
  test_engine::Options options;
  options.fixture =
      R"([{"key":"ak_1","mode":"all","name":"k","expires_at":"2024-02-12T00:01:00Z"}])";
  engine::Engine engine = test_engine::make_engine(options);
  http::Request list{"GET", "/apikey/", {{"authorization", "ak_1"}}, ""};
  CHECK(engine.handle(list).status == 200);
  ask(engine, "POST", kAdvance, R"({"by":"61s"})");
  CHECK(engine.handle(list).status == 401);
  ask(engine, "PUT", kClock, R"({"now":"2024-02-12"})");
  CHECK(engine.handle(list).status == 200);
  ask(engine, "PUT", kClock, R"({"now":"2024-02-14T10:00:00Z"})");
  CHECK(engine.handle(list).status == 401);
}

TEST_CASE("each sandbox has its own clock, with the base path before or after the sandbox") {
  test_engine::Options options;
  options.base_path = "/functions/v1";
  engine::Engine engine = test_engine::make_engine(options);
  CHECK(ask(engine, "POST", "/sandbox/a/__admin/clock/advance", R"({"by":"1d"})") ==
        frozen_at("2024-02-13T00:00:00Z"));
  CHECK(ask(engine, "PUT", "/functions/v1/sandbox/b/__admin/clock", R"({"now":"2030-01-01"})") ==
        frozen_at("2030-01-01T00:00:00Z"));
  CHECK(ask(engine, "GET", "/sandbox/a/functions/v1/__admin/clock") ==
        frozen_at("2024-02-13T00:00:00Z"));
  CHECK(ask(engine, "GET", "/sandbox/b/__admin/clock") == frozen_at("2030-01-01T00:00:00Z"));
  CHECK(ask(engine, "GET", "/sandbox/c/__admin/clock") == "200 " + std::string(kInitialClock));
  CHECK(get_clock(engine) == "200 " + std::string(kInitialClock));
}
