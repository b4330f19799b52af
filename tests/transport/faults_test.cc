#include <doctest/doctest.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "transport/client.h"

using http::Fault;
using std::chrono::milliseconds;
using transport::Client;
using transport::echo;
using transport::get;
using transport::RunningServer;
using Clock = std::chrono::steady_clock;

namespace {

/// Applies these to every answer but those to `/`.
transport::Handler faulty(milliseconds delay, std::optional<Fault> fault = {},
                          std::optional<http::Dribble> dribble = {}) {
  return [=](const http::Request& request) {
    http::Response response = echo(request);
    if (request.target == "/") return response;
    response.delay = delay;
    response.fault = fault;
    response.dribble = dribble;
    return response;
  };
}

}  // namespace

TEST_CASE("1,000 requests delayed by half a second are answered together, and no sooner") {
  constexpr milliseconds kDelay{500};
  RunningServer server(faulty(kDelay));
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < 250; ++i) clients.push_back(std::make_unique<Client>(server.address));
  auto begin = Clock::now();
  for (auto& client : clients) client->send(get("/1") + get("/2") + get("/3") + get("/4"));
  CHECK_FALSE(clients.front()->is_readable(kDelay / 2));
  bool in_order = true;
  for (auto& client : clients) {
    for (const char* target : {"/1", "/2", "/3", "/4"}) {
      in_order = in_order && client->read_body() == std::string("GET ") + target + " ";
      in_order = in_order && Clock::now() - begin >= kDelay;
    }
  }
  CHECK(in_order);
  CHECK(Clock::now() - begin < 20 * kDelay);
}

TEST_CASE("others are answered while an answer waits") {
  RunningServer server(faulty(milliseconds{20'000}));
  Client delayed(server.address);
  delayed.send(get("/delayed"));
  for (int i = 0; i < 100; ++i) {
    Client other(server.address);
    other.send(get("/"));
    CHECK(other.read_body() == "GET / ");
  }
  CHECK_FALSE(delayed.is_readable(milliseconds{0}));
}

TEST_CASE("a connection goes on after a delayed and a dribbled answer") {
  RunningServer server(faulty(milliseconds{20}, {}, http::Dribble{3, milliseconds{60}}));
  Client client(server.address);
  for (int i = 0; i < 3; ++i) {
    auto begin = Clock::now();
    client.send(get("/slow"));
    CHECK(client.read_through("\r\n\r\n").starts_with("HTTP/1.1 200 OK\r\n"));
    CHECK(Clock::now() - begin >= milliseconds{20});
    CHECK(client.read(10) == "GET /slow ");
    CHECK(Clock::now() - begin >= milliseconds{80});
    client.send(get("/"));
    CHECK(client.read_body() == "GET / ");
  }
}

TEST_CASE("a fault comes after the answers before it, and nothing after it") {
  const std::vector<std::pair<Fault, std::string>> faults = {
      {Fault::connection_reset_by_peer, "(reset)"}, {Fault::empty_response, ""}};
  for (const auto& fault : faults) {
    const std::string& end = fault.second;
    CAPTURE(end);
    RunningServer server(faulty(milliseconds{30}, fault.first));
    Client client(server.address);
    client.send(get("/") + get("/fault") + get("/"));
    CHECK(client.read_body() == "GET / ");
    CHECK(client.read_to_end() == end);
  }
}

TEST_CASE("a hanging answer sends nothing until its client leaves, and does not delay a stop") {
  transport::ServerOptions options;
  options.idle_time = options.request_time = milliseconds{20};
  RunningServer server(faulty(milliseconds{0}, Fault::hang), options);
  Client leaving(server.address);
  Client staying(server.address);
  leaving.send(get("/hang"));
  staying.send(get("/hang"));
  CHECK_FALSE(staying.is_readable(milliseconds{200}));
  leaving.finish_safter();
  CHECK(leaving.read_to_end() == "");
  auto begin = Clock::now();
  server.stop();
  CHECK(Clock::now() - begin < milliseconds{900});
  CHECK(staying.read_to_end() == "");
}

TEST_CASE("a stop lets answers finish that are due soon, and drops those that are not") {
  RunningServer server([](const http::Request& request) {
    http::Response response = echo(request);
    response.delay = milliseconds{request.target == "/soon" ? 300 : 30'000};
    return response;
  });
  Client soon(server.address);
  Client late(server.address);
  soon.send(get("/soon"));
  late.send(get("/late"));
  CHECK_FALSE(late.is_readable(milliseconds{100}));  // Both requests are there by now.
  server.loop.stop();
  CHECK(soon.read_body() == "GET /soon ");
  CHECK(soon.read_to_end() == "");
  CHECK(late.read_to_end() == "");
}
