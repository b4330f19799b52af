#include "app/request_log.h"

#include <doctest/doctest.h>

#include <set>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "base/time_text.h"

using app::Log;
using app::LogFormat;
using app::RequestLog;
using engine::Trace;
using std::chrono::milliseconds;

namespace {

/// A text with each digit as a 0.
std::string digits_as_zeros(std::string text) {
  for (char& letter : text) letter = letter >= '0' && letter <= '9' ? '0' : letter;
  return text;
}

/// What is in a log after `use` of it.
template <typename Use>
std::string lines_of(Log level, LogFormat format, bool coloured, const Use& use) {
  std::ostringstream err;
  RequestLog log(level, format, coloured, err);
  use(log);
  return err.str();
}

/// The text without the time of day it begins with.
std::string logged(Log level, const http::Request& request, const http::Response& response,
                   const Trace& trace) {
  std::string text = lines_of(level, LogFormat::text, false,
                              [&](RequestLog& log) { log.write(request, response, trace); });
  constexpr size_t kTime = 14;
  REQUIRE(digits_as_zeros(text.substr(0, kTime)) == "00:00:00.000  ");
  return text.substr(kTime);
}

/// The JSON without the time it begins with, and without its newline.
std::string logged_json(Log level, const http::Request& request, const http::Response& response,
                        const Trace& trace) {
  std::string text = lines_of(level, LogFormat::json, true,
                              [&](RequestLog& log) { log.write(request, response, trace); });
  const std::string time = "{\"time\":\"0000-00-00T00:00:00.000000Z\",";
  REQUIRE(digits_as_zeros(text.substr(0, time.size())) == time);
  REQUIRE(text.ends_with("}\n"));
  return "{" + text.substr(time.size(), text.size() - time.size() - 1);
}

/// A refusal with this reason.
http::Response refused(int status, const std::string& reason) {
  http::Response response;
  response.status = status;
  response.headers = {{"X-Mock-Reason", reason}};
  return response;
}

const http::Request kList = {"GET", "/sandbox/worker-1/apikey/", {}, ""};
const Trace kListed = {"worker-1", "/apikey/", "", "", 41};

}  // namespace

TEST_CASE("the columns of usual lines stand below each other") {
  CHECK(logged(Log::requests, kList, {}, {"-", "/apikey/", "", "", 7}) ==
        "-           GET      /apikey/                    200  -                                  "
        "7us\n");
  CHECK(
      logged(Log::requests, {"DELETE", "/apikey/2/", {}, ""},
             refused(403, "require_mode_all: key 2 has mode \"read\""),
             {"worker-1", "/apikey/2/", "require_mode_all", "", 12345}) ==
      "worker-1    DELETE   /apikey/2/                  403  require_mode_all               12345us"
      "  key 2 has mode \"read\"\n");
}

TEST_CASE("values that are longer than their column push the rest") {
  CHECK(
      logged(Log::requests, {"PROPPATCH", "/", {}, ""},
             refused(400, "a_step_with_a_name_of_33_letters1: no"),
             {"worker-1000", "/apikey/000000000000000001/", "a_step_with_a_name_of_33_letters1", "",
              1234567}) ==
      "worker-1000  PROPPATCH  /apikey/000000000000000001/  400  a_step_with_a_name_of_33_letters1"
      "  1234567us  no\n");
}

TEST_CASE("a path is cut at 120 characters") {
  const std::string whole = "/" + std::string(119, 'p');
  const std::string after = "  200  -                                 41us\n";
  const std::string before = "-           GET      ";
  CHECK(logged(Log::requests, kList, {}, {"-", whole, "", "", 41}) == before + whole + after);
  CHECK(logged(Log::requests, kList, {}, {"-", whole + "p", "", "", 41}) ==
        before + whole.substr(0, 117) + "..." + after);
}

TEST_CASE("values that just fit their column push nothing") {
  CHECK(logged(Log::requests, {"OPTIONS", "/", {}, ""}, {},
               {"worker-100", "/apikey/00000000000000001/", "", "", 12345678}) ==
        "worker-100  OPTIONS  /apikey/00000000000000001/  200  -                             "
        "12345678us\n");
}

TEST_CASE("a method longer than usual has its secrets shortened, and is cut at 40 characters") {
  struct Row {
    std::string method;
    std::string shown;
  };
  const std::string longest(40, 'M');
  for (const Row& row :
       {Row{"PROPPATCH", "PROPPATCH"}, Row{"ak_0123456789", "ak_012..."},
        Row{"01234567-89ab-cdef-0123-456789abcdef", "012345..."}, Row{longest, longest},
        Row{longest + "M", longest + "..."}, Row{longest + longest, longest + "..."},
        Row{"ak_" + longest + longest, "ak_MMM..."}, Row{"X=ak_0123456789", "X=ak_012..."}}) {
    http::Request request{row.method, "/", {}, ""};
    CHECK(logged(Log::requests, request, {}, {"-", "/", "", "", 1}).substr(12) ==
          row.shown + "  /" + std::string(27, ' ') + "200  -" + std::string(34, ' ') + "1us\n");
    CHECK(logged_json(Log::requests, request, {}, kListed)
              .starts_with(R"({"sandbox":"worker-1","method":")" + row.shown + R"(","path":)"));
  }
}

TEST_CASE("of methods only those that are not usual are held against the secrets") {
  auto shown = [](const std::string& method) {
    std::string text = lines_of(Log::requests, LogFormat::json, false, [&](RequestLog& log) {
      log.know_secrets([](std::string_view, std::string_view) { return true; });
      log.write({method, "/", {}, ""}, {}, kListed);
    });
    return text.substr(text.find("\"method\":"), 10 + method.size() + 2);
  };
  for (const std::string usual : {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}) {
    CHECK(shown(usual) == R"("method":")" + usual + "\",");
  }
  CHECK(shown("hunter") == R"("method":"hun...",)");
  CHECK(shown("delete") == R"("method":"del...",)");
}

TEST_CASE("what is not known of a request is a hyphen") {
  CHECK(
      logged(Log::requests, {}, refused(400, "The request line is not METHOD TARGET"), {}) ==
      "-           -        -                           400  -                                  0us"
      "  The request line is not METHOD TARGET\n");
}

TEST_CASE("a line says which scenario acted, which step refused, or both") {
  struct Row {
    std::string refused_by;
    std::string scenario;
    std::string header;
    std::string wanted;
  };
  for (const Row& row : {
           Row{"", "flaky-create, rule 1", "", "flaky-create, rule 1              41us"},
           Row{"", "flaky-create, rule 1", "scenario flaky-create, rule 1: error name_required",
               "flaky-create, rule 1              41us  error name_required"},
           Row{"require_name", "slow, rule 2", "require_name: name is missing",
               "slow, rule 2 + require_name       41us  name is missing"},
           Row{"", "caf\xC3\xA9, rule 1", "scenario caf??, rule 1: respond",
               "caf??, rule 1                     41us  respond"},
           Row{"require_name", "", "another: reason",
               "require_name                      41us  another: reason"},
           Row{"require_name", "", "require_name",
               "require_name                      41us  "
               "require_name"},
           Row{"", "", "The mock failed to answer: x",
               "-                                 41us  The mock failed to answer: x"},
       }) {
    http::Response response;
    if (!row.header.empty()) response.headers = {{"X-Mock-Reason", row.header}};
    CHECK(logged(Log::requests, kList, response,
                 {"-", "/apikey/", row.refused_by, row.scenario, 41}) ==
          "-           GET      /apikey/                    200  " + row.wanted + "\n");
  }
}

TEST_CASE("a line ends with what the answer does on the wire") {
  http::Response response;
  auto end = [&] {
    std::string line = logged(Log::requests, kList, response, kListed);
    return line.substr(line.find("41us"));
  };
  response.delay = milliseconds{800};
  CHECK(end() == "41us  (delay 800 ms)\n");
  response.dribble = http::Dribble{5, milliseconds{1000}};
  CHECK(end() == "41us  (delay 800 ms, dribble in 5 pieces over 1000 ms)\n");
  response.fault = http::Fault::connection_reset_by_peer;
  CHECK(end() == "41us  (delay 800 ms, fault CONNECTION_RESET_BY_PEER)\n");
  response.headers = {{"X-Mock-Reason", "store: the disk is full"}};
  CHECK(end() == "41us  store: the disk is full (delay 800 ms, fault CONNECTION_RESET_BY_PEER)\n");
  response.headers = {};
  response.delay = milliseconds{0};
  response.fault = http::Fault::hang;
  CHECK(end() == "41us  (fault HANG)\n");
}

TEST_CASE("at level debug the headers follow, secrets shortened") {
  http::Request request = kList;
  request.headers = {{"capgkey", "ak_9876543210"}, {"Accept", "*/*"}, {"X-Empty", ""}};
  http::Response response;
  response.headers = {{"Content-Type", "text/x"}};
  CHECK(logged(Log::debug, request, response, kListed) ==
        "worker-1    GET      /apikey/                    200  -                                 "
        "41us\n"
        "  > capgkey: ak_987...\n  > Accept: */*\n  > X-Empty:\n  < Content-Type: text/x\n");
  CHECK(logged_json(Log::debug, request, response, kListed) ==
        R"({"sandbox":"worker-1","method":"GET","path":"/apikey/","status":200,"refused_by":null,)"
        R"("scenario":null,"microseconds":41,"reason":null,"request_headers":)"
        R"({"capgkey":"ak_987...","Accept":"*/*","X-Empty":""},)"
        R"("response_headers":{"Content-Type":"text/x"}})");
}

TEST_CASE("secrets that the log was told of are shortened in every header at level debug") {
  http::Request request = kList;
  request.headers = {{"X-Note", "with hush-hush-key, twice"}};
  http::Response response;
  response.headers = {{"X-Echo", "hush-hush-key"}};
  for (LogFormat format : {LogFormat::text, LogFormat::json}) {
    auto headers = [&](bool knows) {
      std::string text = lines_of(Log::debug, format, false, [&](RequestLog& log) {
        if (knows)
          log.know_secrets([](std::string_view sandbox, std::string_view word) {
            return sandbox == "worker-1" && word == "hush-hush-key";
          });
        log.write(request, response, kListed);
      });
      return text.substr(text.find(format == LogFormat::text ? "\n" : ",\"request_headers\""));
    };
    bool is_text = format == LogFormat::text;
    CHECK(headers(true) == (is_text ? "\n  > X-Note: with hush-h..., twice\n  < X-Echo: hush-h...\n"
                                    : ",\"request_headers\":{\"X-Note\":\"with hush-h..., twice\"},"
                                      "\"response_headers\":{\"X-Echo\":\"hush-h...\"}}\n"));
    CHECK(headers(false) ==
          (is_text ? "\n  > X-Note: with hush-hush-key, twice\n  < X-Echo: hush-hush-key\n"
                   : ",\"request_headers\":{\"X-Note\":\"with hush-hush-key, twice\"},"
                     "\"response_headers\":{\"X-Echo\":\"hush-hush-key\"}}\n"));
  }
}

TEST_CASE("as JSON, the values of headers with one name are joined") {
  http::Request request = kList;
  request.headers = {{"Via", "a"}, {"Accept", "x"}, {"VIA", "ak_0123456789"}, {"via", "c"}};
  std::string line = logged_json(Log::debug, request, {}, kListed);
  CHECK(line.substr(line.find("\"request_headers\"")) ==
        R"("request_headers":{"Via":"a, ak_012..., c","Accept":"x"},"response_headers":{}})");
}

TEST_CASE("as JSON, a line has every member, and those of the wire where something happens") {
  http::Response response = refused(403, "require_mode_all: key 2 has mode \"read\"");
  Trace trace{"-", "/apikey/2/", "require_mode_all", "slow, rule 1", 41};
  const std::string members =
      R"({"sandbox":null,"method":"GET","path":"/apikey/2/","status":403,)"
      R"("refused_by":"require_mode_all","scenario":"slow, rule 1","microseconds":41,)"
      R"("reason":"key 2 has mode \"read\"")";
  CHECK(logged_json(Log::requests, kList, response, trace) == members + "}");
  response.delay = milliseconds{800};
  response.dribble = http::Dribble{5, milliseconds{1000}};
  CHECK(logged_json(Log::requests, kList, response, trace) ==
        members + R"(,"delay_milliseconds":800,"dribble":{"chunks":5,"milliseconds":1000}})");
  response.fault = http::Fault::hang;
  CHECK(logged_json(Log::requests, kList, response, trace) ==
        members + R"(,"delay_milliseconds":800,"fault":"HANG"})");
}

TEST_CASE("as JSON, what is not known of a request is null, and a long path is whole") {
  CHECK(logged_json(Log::requests, {}, {}, {}) ==
        R"({"sandbox":null,"method":null,"path":null,"status":200,"refused_by":null,)"
        R"("scenario":null,"microseconds":0,"reason":null})");
  const std::string path(1000, 'p');
  CHECK(logged_json(Log::requests, kList, {}, {"-", path, "", "", 0}).find(path) !=
        std::string::npos);
}

TEST_CASE("nothing that others sent reaches a terminal raw") {
  const std::string bad = "\x1b[2J\xC2\x9B\x7F\r\n\t|";
  const std::string shown = "?[2J??????|";
  http::Request request{bad, "", {{"X-Bad", bad}}, ""};
  http::Response response = refused(200, bad);
  Trace trace{bad, bad, bad, bad, 1};
  CHECK(logged(Log::debug, request, response, trace) ==
        shown + "  " + shown + "  " + shown + "                 200  " + shown + " + " + shown +
            "          1us  " + shown + "\n  > X-Bad: " + shown + "\n  < X-Mock-Reason: " + shown +
            "\n");
  for (LogFormat format : {LogFormat::text, LogFormat::json}) {
    std::string text = lines_of(Log::debug, format, false,
                                [&](RequestLog& log) { log.write(request, response, trace); });
    size_t newlines = 0;
    for (char letter : text) {
      newlines += letter == '\n' ? 1U : 0U;
      CHECK_MESSAGE((letter == '\n' || (letter >= ' ' && letter <= '~')), text);
    }
    CHECK(newlines == (format == LogFormat::text ? 3 : 1));
  }
}

TEST_CASE("on a terminal the status is coloured by its class, and nothing else is moved") {
  struct Row {
    int status;
    std::string wanted;
  };
  for (const Row& row :
       {Row{204, "\x1b[32m204\x1b[0m"}, Row{302, "\x1b[36m302\x1b[0m"},
        Row{404, "\x1b[33m404\x1b[0m"}, Row{503, "\x1b[31m503\x1b[0m"}, Row{600, "600"}}) {
    http::Response response = refused(row.status, "s, rule 1: why");
    std::string line = lines_of(Log::requests, LogFormat::text, true, [&](RequestLog& log) {
      log.write(kList, response, {"-", "/apikey/", "step", "slow, rule 1", 41});
    });
    CHECK(digits_as_zeros(line.substr(0, 22)) == "\x1b[0m00:00:00.000\x1b[0m  ");
    CHECK(line.substr(1, 2) == "[2");
    CHECK(line.substr(22) ==
          "-           GET      /apikey/                    " + row.wanted +
              "  \x1b[35mslow, rule 1\x1b[0m + step           \x1b[2m    41us\x1b[0m"
              "  s, rule 1: why\n");
  }
}

TEST_CASE("JSON is never coloured") {
  auto use = [](RequestLog& log) { log.write(kList, {}, kListed); };
  CHECK(digits_as_zeros(lines_of(Log::debug, LogFormat::json, true, use)) ==
        digits_as_zeros(lines_of(Log::debug, LogFormat::json, false, use)));
}

TEST_CASE("a notice may name a file in any script, and does nothing to a terminal") {
  auto use = [](RequestLog& log) { log.notice("schl\u00FCssel.db \x1b[31m\r\t\x7Fnext"); };
  CHECK(lines_of(Log::none, LogFormat::text, true, use) ==
        "mock-capgo: schl\u00FCssel.db ?[31m???next\n");
}

TEST_CASE("a notice is told at every level") {
  for (Log level : {Log::none, Log::requests, Log::debug}) {
    auto use = [](RequestLog& log) { log.notice("rule 2 of \"flaky\" never acted"); };
    CHECK(lines_of(level, LogFormat::text, true, use) ==
          "mock-capgo: rule 2 of \"flaky\" never acted\n");
    CHECK(digits_as_zeros(lines_of(level, LogFormat::json, true, use)) ==
          "{\"time\":\"0000-00-00T00:00:00.000000Z\","
          "\"notice\":\"rule 0 of \\\"flaky\\\" never acted\"}\n");
  }
}

TEST_CASE("at level none there are no lines for requests") {
  for (LogFormat format : {LogFormat::text, LogFormat::json}) {
    CHECK(lines_of(Log::none, format, true,
                   [](RequestLog& log) { log.write(kList, {}, kListed); }) == "");
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
  auto told = base::parse_time(line.substr(9, 27));
  REQUIRE(told.has_value());
  CHECK(*told >= before);
  CHECK(*told <= after);
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
        log.write({"GET", path, {}, ""}, {}, {"-", path, "", "", 1});
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
                     "            1us"));
}
