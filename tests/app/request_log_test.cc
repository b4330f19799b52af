#include "app/request_log.h"

#include <doctest/doctest.h>

#include <set>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

using app::Log;
using app::RequestLog;
using std::chrono::milliseconds;

namespace {

std::string logged(Log level, const http::Request& request, const http::Response& response) {
  std::ostringstream err;
  RequestLog(level, err).write(request, response);
  return err.str();
}

const http::Request kDelete = {
    "DELETE", "/apikey/ak_0123456789/?x=1", {{"capgkey", "ak_9876543210"}}, ""};

}  // namespace

TEST_CASE("a line says method, target and status, and why the request was refused") {
  CHECK(logged(Log::requests, kDelete, {}) == "DELETE /apikey/ak_012.../?x=1 200\n");
  http::Response refused;
  refused.status = 403;
  refused.headers = {{"X-Mock-Reason", "require_mode_all: key 2"}};
  CHECK(logged(Log::requests, kDelete, refused) ==
        "DELETE /apikey/ak_012.../?x=1 403 require_mode_all: key 2\n");
  CHECK(logged(Log::none, kDelete, refused) == "");
}

TEST_CASE("what could not be read of a request is a hyphen") {
  http::Response refused;
  refused.status = 400;
  CHECK(logged(Log::requests, {}, refused) == "- - 400\n");
}

TEST_CASE("a line ends with what the answer does on the wire") {
  http::Response response;
  response.delay = milliseconds{800};
  CHECK(logged(Log::requests, {"GET", "/", {}, ""}, response) == "GET / 200 (delay 800 ms)\n");
  response.dribble = http::Dribble{5, milliseconds{1000}};
  CHECK(logged(Log::requests, {"GET", "/", {}, ""}, response) ==
        "GET / 200 (delay 800 ms, dribble in 5 pieces over 1000 ms)\n");
  response.fault = http::Fault::connection_reset_by_peer;
  CHECK(logged(Log::requests, {"GET", "/", {}, ""}, response) ==
        "GET / 200 (delay 800 ms, fault CONNECTION_RESET_BY_PEER)\n");
  response.delay = milliseconds{0};
  response.fault = http::Fault::hang;
  CHECK(logged(Log::requests, {"GET", "/", {}, ""}, response) == "GET / 200 (fault HANG)\n");
}

TEST_CASE("at level debug the headers follow, secrets shortened") {
  http::Response response;
  response.headers = {{"Content-Type", "text/x"}};
  CHECK(logged(Log::debug, kDelete, response) ==
        "DELETE /apikey/ak_012.../?x=1 200\n  > capgkey: ak_987...\n  < Content-Type: text/x\n");
}

TEST_CASE("lines written by several threads at once stay whole") {
  constexpr int kThreads = 4;
  constexpr int kLines = 500;
  std::ostringstream err;
  RequestLog log(Log::requests, err);
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&log, t] {
      for (int i = 0; i < kLines; ++i) {
        log.write({"GET", "/" + std::to_string(t) + "/" + std::to_string(i), {}, ""}, {});
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::set<std::string> lines;
  std::istringstream text(err.str());
  for (std::string line; std::getline(text, line);) lines.insert(line);
  CHECK(lines.size() == kThreads * kLines);
  CHECK(lines.contains("GET /3/499 200"));
}
