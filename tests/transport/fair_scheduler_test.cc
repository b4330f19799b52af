#include "transport/fair_scheduler.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "transport/client.h"

using std::chrono::milliseconds;
using transport::Client;
using transport::EventLoop;
using transport::get;
using transport::RunningServer;
using Clock = std::chrono::steady_clock;

namespace {

/// Keeps the loop busy for some time per request.
transport::Handler busy_for(milliseconds time, std::vector<std::string>& served) {
  return [time, &served](const http::Request& request) {
    served.push_back(request.target);
    for (auto begin = Clock::now(); Clock::now() - begin < time;) {
    }
    return transport::echo(request);
  };
}

}  // namespace

TEST_CASE("a new client is served before all queued requests of another one") {
  constexpr int kMany = 400;
  std::vector<std::string> served;
  RunningServer server(busy_for(milliseconds{5}, served), {.loops = 1});
  Client many(server.address);
  Client one(server.address);
  std::string requests;
  for (int i = 0; i < kMany; ++i) requests += get("/m");
  many.send(requests);
  CHECK(many.read_body() == "GET /m ");
  one.send(get("/one"));
  CHECK(one.read_body() == "GET /one ");
  for (int i = 1; i < kMany; ++i) CHECK(many.read_body() == "GET /m ");
  server.stop();
  CHECK(std::find(served.begin(), served.end(), "/one") - served.begin() < kMany / 2);
}

TEST_CASE("a stop does not wait for all queued connections") {
  constexpr size_t kMany = 100;
  std::vector<std::string> served;
  EventLoop loop;
  auto address = loop.listen("127.0.0.1", 0, busy_for(milliseconds{40}, served), {.loops = 1});
  std::vector<std::unique_ptr<Client>> clients;
  for (size_t i = 0; i < kMany; ++i) {
    clients.push_back(std::make_unique<Client>(address));
    clients.back()->send(get("/"));
  }
  std::thread runner([&] { loop.run(); });
  CHECK(clients.front()->is_readable(milliseconds{20'000}));
  loop.stop();
  runner.join();
  // A stop takes a second at most, which is enough for 25 requests.
  CHECK(served.size() < kMany / 2);
}
