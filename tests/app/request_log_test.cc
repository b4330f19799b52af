#include "app/request_log.h"

#include <doctest/doctest.h>

#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "base/time_format.h"

using app::Log;
using app::LogFormat;
using app::RequestLog;
using journal::Exchange;
using std::chrono::milliseconds;

namespace {

/// A text with every digit replaced by 0.
std::string digits_as_zeros(std::string text) {
  for (char& c : text) c = c >= '0' && c <= '9' ? '0' : c;
  return text;
}

/// The output of a log after `use`.
template <typename Use>
std::string lines_of(Log level, LogFormat format, bool colored, const Use& use) {
  std::ostringstream err;
  RequestLog log(level, format, colored, err);
  use(log);
  return err.str();
}

/// The text of a request, without the time of day at the start.
std::string logged(Log level, const http::Request& request, const http::Response& response,
                   const Exchange& exchange) {
  std::string text = lines_of(level, LogFormat::text, false,
                              [&](RequestLog& log) { log.write(request, response, exchange); });
  constexpr size_t kTime = 14;
  REQUIRE(digits_as_zeros(text.substr(0, kTime)) == "00:00:00.000  ");
  return text.substr(kTime);
}

/// The JSON of a request, without the time at the start and without the newline.
std::string logged_json(Log level, const http::Request& request, const http::Response& response,
                        const Exchange& exchange) {
  std::string text = lines_of(level, LogFormat::json, true,
                              [&](RequestLog& log) { log.write(request, response, exchange); });
  const std::string time = "{\"time\":\"0000-00-00T00:00:00.000000Z\",";
  REQUIRE(digits_as_zeros(text.substr(0, time.size())) == time);
  REQUIRE(text.ends_with("}\n"));
  return "{" + text.substr(time.size(), text.size() - time.size() - 1);
}

http::Response with_status(int status) {
  http::Response response;
  response.status = status;
  return response;
}

/// An exchange that took 41 microseconds.
Exchange exchange_of(const std::string& sandbox, const std::string& path,
                     const std::string& rejected_by = "", const std::string& scenario = "",
                     const std::string& reason = "") {
  Exchange exchange;
  exchange.sandbox = sandbox;
  exchange.path = path;
  exchange.rejected_by = rejected_by;
  exchange.scenario = scenario;
  exchange.reason = reason;
  exchange.microseconds = 41;
  return exchange;
}

const http::Request kList = {"GET", "/sandbox/worker-1/apikey/", {}, ""};
const Exchange kListed = exchange_of("worker-1", "/apikey/");

}  // namespace

TEST_CASE("the columns of usual lines are aligned") {
  CHECK(logged(Log::requests, kList, {}, exchange_of("", "/apikey/")) ==
        "-           GET      /apikey/                    200  -                                 "
        "41us\n");
  Exchange rejected =
      exchange_of("worker-1", "/apikey/2/", "require_mode_all", "", "key 2 has mode \"read\"");
  rejected.microseconds = 12345;
  CHECK(
      logged(Log::requests, {"DELETE", "/apikey/2/", {}, ""}, with_status(403), rejected) ==
      "worker-1    DELETE   /apikey/2/                  403  require_mode_all               12345us"
      "  key 2 has mode \"read\"\n");
}

TEST_CASE("the hint of a successful request is logged in place of a reason") {
  Exchange exchange = exchange_of("", "/apikey/");
  exchange.hint = "body field \"modes\" is ignored";
  CHECK(logged(Log::requests, {"POST", "/apikey/", {}, ""}, {}, exchange)
            .ends_with("  41us  body field \"modes\" is ignored\n"));
  CHECK(logged_json(Log::requests, {"POST", "/apikey/", {}, ""}, {}, exchange)
            .ends_with(R"("reason":null,"hint":"body field \"modes\" is ignored"})"));
}

TEST_CASE("values that are longer than their column move the rest") {
  Exchange exchange = exchange_of("worker-1000", "/apikey/000000000000000001/",
                                  "a_step_with_a_name_of_33_letters1", "", "no");
  exchange.microseconds = 1234567;
  CHECK(
      logged(Log::requests, {"PROPPATCH", "/", {}, ""}, with_status(400), exchange) ==
      "worker-1000  PROPPATCH  /apikey/000000000000000001/  400  a_step_with_a_name_of_33_letters1"
      "  1234567us  no\n");
}

TEST_CASE("values that just fit their column do not move the rest") {
  Exchange exchange = exchange_of("worker-100", "/apikey/00000000000000001/");
  exchange.microseconds = 12345678;
  CHECK(logged(Log::requests, {"OPTIONS", "/", {}, ""}, {}, exchange) ==
        "worker-100  OPTIONS  /apikey/00000000000000001/  200  -                             "
        "12345678us\n");
}

TEST_CASE("a path is redacted, and truncated to 120 characters") {
  const std::string whole = "/" + std::string(119, 'p');
  const std::string after = "  200  -                                 41us\n";
  const std::string before = "-           GET      ";
  auto line_of = [](const std::string& path) {
    return logged(Log::requests, kList, {}, exchange_of("", path));
  };
  CHECK(line_of(whole) == before + whole + after);
  CHECK(line_of(whole + "p") == before + whole + "..." + after);
  CHECK(line_of("/apikey/01234567-89ab-cdef-0123-456789abcdef") ==
        before + "/apikey/012345...         " + after);
}

TEST_CASE("a method is redacted, and truncated to 40 characters") {
  struct Row {
    std::string method;
    std::string printed;
  };
  const std::string long_method(40, 'M');
  for (const Row& row :
       {Row{"PROPPATCH", "PROPPATCH"}, Row{"X=ak_0123456789abcdef", "X=ak_012..."},
        Row{long_method, long_method}, Row{long_method + "M", long_method + "..."}}) {
    http::Request request{row.method, "/", {}, ""};
    CHECK(logged(Log::requests, request, {}, exchange_of("", "/")).substr(12) ==
          row.printed + "  /" + std::string(27, ' ') + "200  -" + std::string(33, ' ') + "41us\n");
    CHECK(logged_json(Log::requests, request, {}, kListed)
              .starts_with(R"({"sandbox":"worker-1","method":")" + row.printed + R"(","path":)"));
  }
}

TEST_CASE("a missing value is a hyphen") {
  Exchange exchange;
  exchange.reason = "The request line is not METHOD TARGET";
  CHECK(
      logged(Log::requests, {}, with_status(400), exchange) ==
      "-           -        -                           400  -                                  0us"
      "  The request line is not METHOD TARGET\n");
}

TEST_CASE(
    "a line has the scenario that fired, the step that rejected the request, or both, and the "
    "reason") {
  struct Row {
    std::string rejected_by;
    std::string scenario;
    std::string reason;
    std::string expected;
  };
  for (const Row& row : {
           Row{"", "flaky-create, rule 1", "", "flaky-create, rule 1              41us"},
           Row{"", "flaky-create, rule 1", "error name_required",
               "flaky-create, rule 1              41us  error name_required"},
           Row{"require_name", "slow, rule 2", "name is missing",
               "slow, rule 2 + require_name       41us  name is missing"},
           Row{"require_name", "", "a: b", "require_name                      41us  a: b"},
           Row{"", "", "The mock failed to answer: x",
               "-                                 41us  The mock failed to answer: x"},
       }) {
    CHECK(logged(Log::requests, kList, {},
                 exchange_of("", "/apikey/", row.rejected_by, row.scenario, row.reason)) ==
          "-           GET      /apikey/                    200  " + row.expected + "\n");
  }
}

TEST_CASE("a line ends with the delay and the fault of the response") {
  http::Response response;
  Exchange exchange = kListed;
  auto end = [&] {
    std::string line = logged(Log::requests, kList, response, exchange);
    return line.substr(line.find("41us"));
  };
  response.delay = milliseconds{800};
  CHECK(end() == "41us  (delay 800 ms)\n");
  response.dribble = http::Dribble{5, milliseconds{1000}};
  CHECK(end() == "41us  (delay 800 ms, dribble in 5 pieces over 1000 ms)\n");
  response.fault = http::Fault::connection_reset_by_peer;
  CHECK(end() == "41us  (delay 800 ms, fault CONNECTION_RESET_BY_PEER)\n");
  exchange.reason = "the disk is full";
  CHECK(end() == "41us  the disk is full (delay 800 ms, fault CONNECTION_RESET_BY_PEER)\n");
  exchange.reason = "";
  response.delay = milliseconds{0};
  response.fault = http::Fault::hang;
  CHECK(end() == "41us  (fault HANG)\n");
}

TEST_CASE("at level debug the headers follow, redacted") {
  http::Request request = kList;
  request.headers = {{"capgkey", "ak_9876543210"}, {"Accept", "*/*"}, {"X-Empty", ""}};
  http::Response response;
  response.headers = {{"Content-Type", "text/x"}};
  CHECK(logged(Log::debug, request, response, kListed) ==
        "worker-1    GET      /apikey/                    200  -                                 "
        "41us\n"
        "  > capgkey: ak_987...\n  > Accept: */*\n  > X-Empty:\n  < Content-Type: text/x\n");
  CHECK(logged_json(Log::debug, request, response, kListed) ==
        R"({"sandbox":"worker-1","method":"GET","path":"/apikey/","status":200,"rejected_by":null,)"
        R"("scenario":null,"microseconds":41,"reason":null,"request_headers":)"
        R"({"capgkey":"ak_987...","Accept":"*/*","X-Empty":""},)"
        R"("response_headers":{"Content-Type":"text/x"}})");
}

TEST_CASE("in JSON, the values of headers with the same name are joined") {
  http::Request request = kList;
  request.headers = {{"Via", "a"}, {"Accept", "x"}, {"VIA", "ak_0123456789abcdef"}, {"via", "c"}};
  std::string line = logged_json(Log::debug, request, {}, kListed);
  CHECK(line.substr(line.find("\"request_headers\"")) ==
        R"("request_headers":{"Via":"a, ak_012..., c","Accept":"x"},"response_headers":{}})");
}

TEST_CASE("in JSON, a line has all members, and the delay and the fault if there are any") {
  http::Response response = with_status(403);
  Exchange exchange = exchange_of("worker-1", "/apikey/2/", "require_mode_all", "slow, rule 1",
                                  "key 2 has mode \"read\"");
  const std::string members =
      R"({"sandbox":"worker-1","method":"GET","path":"/apikey/2/","status":403,)"
      R"("rejected_by":"require_mode_all","scenario":"slow, rule 1","microseconds":41,)"
      R"("reason":"key 2 has mode \"read\"")";
  CHECK(logged_json(Log::requests, kList, response, exchange) == members + "}");
  response.delay = milliseconds{800};
  response.dribble = http::Dribble{5, milliseconds{1000}};
  CHECK(logged_json(Log::requests, kList, response, exchange) ==
        members + R"(,"delay_milliseconds":800,"dribble":{"chunks":5,"milliseconds":1000}})");
  response.fault = http::Fault::hang;
  CHECK(logged_json(Log::requests, kList, response, exchange) ==
        members + R"(,"delay_milliseconds":800,"fault":"HANG"})");
}

TEST_CASE("in JSON, a missing value is null, and a long path is complete") {
  CHECK(logged_json(Log::requests, {}, {}, {}) ==
        R"({"sandbox":null,"method":null,"path":null,"status":200,"rejected_by":null,)"
        R"("scenario":null,"microseconds":0,"reason":null})");
  CHECK(logged_json(Log::requests, kList, {}, exchange_of("-", "/"))
            .starts_with(R"({"sandbox":"-",)"));
  const std::string path(1000, 'p');
  CHECK(logged_json(Log::requests, kList, {}, exchange_of("", path)).find(path) !=
        std::string::npos);
}

TEST_CASE("control characters that clients send have no effect on a terminal") {
  const std::string bad = "\x1b[2J\xC2\x9B\x7F\r\n\t|";
  const std::string printed = "?[2J??????|";
  http::Request request{bad, "", {{"X-Bad", bad}}, ""};
  http::Response response;
  response.headers = {{"X-Mock-Reason", bad}};
  Exchange exchange = exchange_of(bad, bad, bad, bad, bad);
  CHECK(logged(Log::debug, request, response, exchange) ==
        printed + "  " + printed + "  " + printed + "                 200  " + printed + " + " +
            printed + "         41us  " + printed + "\n  > X-Bad: " + printed +
            "\n  < X-Mock-Reason: " + printed + "\n");
  for (LogFormat format : {LogFormat::text, LogFormat::json}) {
    std::string text = lines_of(Log::debug, format, false,
                                [&](RequestLog& log) { log.write(request, response, exchange); });
    size_t newlines = 0;
    for (char c : text) {
      newlines += c == '\n' ? 1U : 0U;
      CHECK_MESSAGE((c == '\n' || (c >= ' ' && c <= '~')), text);
    }
    CHECK(newlines == (format == LogFormat::text ? 3 : 1));
  }
}

TEST_CASE("on a terminal the status is colored by its class, and nothing else is moved") {
  struct Row {
    int status;
    std::string expected;
  };
  for (const Row& row :
       {Row{204, "\x1b[32m204\x1b[0m"}, Row{302, "\x1b[36m302\x1b[0m"},
        Row{404, "\x1b[33m404\x1b[0m"}, Row{503, "\x1b[31m503\x1b[0m"}, Row{600, "600"}}) {
    std::string line = lines_of(Log::requests, LogFormat::text, true, [&](RequestLog& log) {
      log.write(kList, with_status(row.status),
                exchange_of("", "/apikey/", "step", "slow, rule 1", "s, rule 1: why"));
    });
    CHECK(digits_as_zeros(line.substr(0, 22)) == "\x1b[0m00:00:00.000\x1b[0m  ");
    CHECK(line.substr(1, 2) == "[2");
    CHECK(line.substr(22) ==
          "-           GET      /apikey/                    " + row.expected +
              "  \x1b[35mslow, rule 1\x1b[0m + step           \x1b[2m    41us\x1b[0m"
              "  s, rule 1: why\n");
  }
}

TEST_CASE("JSON is never colored") {
  auto use = [](RequestLog& log) { log.write(kList, {}, kListed); };
  CHECK(digits_as_zeros(lines_of(Log::debug, LogFormat::json, true, use)) ==
        digits_as_zeros(lines_of(Log::debug, LogFormat::json, false, use)));
}

TEST_CASE("a notice may contain any script, but no control characters") {
  auto use = [](RequestLog& log) { log.warn("schl\u00FCssel.db \x1b[31m\r\t\x7Fnext"); };
  CHECK(lines_of(Log::none, LogFormat::text, true, use) ==
        "mock-capgo: schl\u00FCssel.db ?[31m???next\n");
}

TEST_CASE("a notice is written at every level") {
  for (Log level : {Log::none, Log::errors, Log::requests, Log::debug}) {
    auto use = [](RequestLog& log) { log.warn("rule 2 of \"flaky\" never fired"); };
    CHECK(lines_of(level, LogFormat::text, true, use) ==
          "mock-capgo: rule 2 of \"flaky\" never fired\n");
    CHECK(digits_as_zeros(lines_of(level, LogFormat::json, true, use)) ==
          "{\"time\":\"0000-00-00T00:00:00.000000Z\","
          "\"notice\":\"rule 0 of \\\"flaky\\\" never fired\"}\n");
  }
}

TEST_CASE("at level errors there are only requests that got an error or a fault, at none none") {
  struct Row {
    int status;
    std::optional<http::Fault> fault;
    bool is_logged;
  };
  for (const Row& row :
       {Row{200, {}, false}, Row{399, {}, false}, Row{400, {}, true}, Row{503, {}, true},
        Row{200, http::Fault::hang, true}, Row{200, http::Fault::empty_response, true}}) {
    http::Response response = with_status(row.status);
    response.fault = row.fault;
    auto use = [&](RequestLog& log) { log.write(kList, response, kListed); };
    CHECK(lines_of(Log::errors, LogFormat::text, false, use).empty() != row.is_logged);
    CHECK_FALSE(lines_of(Log::requests, LogFormat::text, false, use).empty());
    for (LogFormat format : {LogFormat::text, LogFormat::json}) {
      CHECK(lines_of(Log::none, format, true, use) == "");
    }
  }
}

TEST_CASE("a control call is logged at level debug only, even if it is rejected") {
  Exchange exchange = exchange_of("", "/__admin/verify");
  exchange.is_control_call = true;
  for (int status : {200, 409}) {
    auto use = [&](RequestLog& log) { log.write(kList, with_status(status), exchange); };
    for (Log level : {Log::none, Log::errors, Log::requests}) {
      CHECK(lines_of(level, LogFormat::text, false, use) == "");
    }
    CHECK(lines_of(Log::debug, LogFormat::text, false, use).find("/__admin/verify") !=
          std::string::npos);
  }
}

TEST_CASE("the time is the real one, in UTC and to the microsecond") {
  auto now = [] {
    return std::chrono::time_point_cast<base::Time::duration>(std::chrono::system_clock::now());
  };
  base::Time before = now();
  std::string line = lines_of(Log::requests, LogFormat::json, false,
                              [](RequestLog& log) { log.write(kList, {}, kListed); });
  base::Time after = now();
  auto logged_time = base::parse_time(line.substr(9, 27));
  REQUIRE(logged_time.has_value());
  CHECK(*logged_time >= before);
  CHECK(*logged_time <= after);
}

TEST_CASE("lines written by several threads at once stay whole") {
  constexpr int kThreads = 4;
  constexpr int kLines = 500;
  std::ostringstream err;
  RequestLog log(Log::requests, LogFormat::text, false, err);
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&log, t] {
      for (int i = 0; i < kLines; ++i) {
        std::string path = "/" + std::to_string(t) + "/" + std::to_string(i);
        log.write({"GET", path, {}, ""}, {}, exchange_of("", path));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  constexpr size_t kTime = 14;
  std::set<std::string> lines;
  std::istringstream text(err.str());
  for (std::string line; std::getline(text, line);) lines.insert(line.substr(kTime));
  CHECK(lines.size() == kThreads * kLines);
  CHECK(
      lines.contains("-           GET      /3/499                      200  -                      "
                     "           41us"));
}
