#include <doctest/doctest.h>

#include <chrono>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "transport/client.h"

using std::chrono::milliseconds;
using transport::always;
using transport::Client;
using transport::echo;
using transport::get;
using transport::RunningServer;
using transport::ServerOptions;
using Clock = std::chrono::steady_clock;

namespace {

ServerOptions timeouts(milliseconds request_time, milliseconds idle_time) {
  return {.request_time = request_time, .idle_time = idle_time};
}

constexpr milliseconds kLong{60'000};

/// Whether a new client is served, sooner or later.
bool has_room_within(const transport::Address& address, milliseconds time) {
  for (auto begin = Clock::now(); Clock::now() - begin < time;) {
    Client next(address);
    next.send(get("/"));
    if (next.read_body() == "GET / ") return true;
  }
  return false;
}

}  // namespace

TEST_CASE("a request that is not complete in time is rejected, however it trickles in") {
  RunningServer server(echo, timeouts(milliseconds{150}, kLong));
  Client client(server.address);
  client.send(get("/"));
  CHECK(client.read_body() == "GET / ");
  auto begin = Clock::now();
  client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n");
  while (!client.is_readable(milliseconds{5})) client.send("x");
  CHECK(Clock::now() - begin >= milliseconds{150});
  std::string answer = client.read_to_end();
  CHECK(answer.starts_with("HTTP/1.1 408 Request Timeout\r\n"));
  CHECK(answer.find("\r\nConnection: close\r\n") != std::string::npos);
  CHECK(
      answer.ends_with("{\"error\":\"The request was not complete 150 ms after its first byte; "
                       "send it faster.\"}"));
}

TEST_CASE("the time of a request counts from its own first byte") {
  RunningServer server(echo, timeouts(milliseconds{400}, kLong));
  Client client(server.address);
  // Each request takes most of the time, and all of them more than it.
  for (int i = 0; i < 4; ++i) {
    client.send("GET / HTTP/1.1\r\n");
    CHECK_FALSE(client.is_readable(milliseconds{150}));
    client.send("Host: a\r\n\r\nGET / HTTP/1.1\r\n");
    CHECK(client.read_body() == "GET / ");
    CHECK_FALSE(client.is_readable(milliseconds{150}));
    client.send("Host: a\r\n\r\n");
    CHECK(client.read_body() == "GET / ");
  }
}

TEST_CASE("a client that sends nothing between requests is closed, without an answer") {
  RunningServer server(echo, timeouts(kLong, milliseconds{100}));
  Client silent(server.address);
  Client kept(server.address);
  auto begin = Clock::now();
  kept.send(get("/"));
  CHECK(kept.read_body() == "GET / ");
  CHECK(silent.read_to_end() == "");
  CHECK(kept.read_to_end() == "");
  CHECK(Clock::now() - begin >= milliseconds{99});
}

TEST_CASE("a client that sends requests again and again is not idle") {
  RunningServer server(echo, timeouts(kLong, milliseconds{400}));
  Client client(server.address);
  for (int i = 0; i < 6; ++i) {
    CHECK_FALSE(client.is_readable(milliseconds{150}));
    client.send(get("/"));
    CHECK(client.read_body() == "GET / ");
  }
}

TEST_CASE("a client that reads nothing of an answer is closed, one that reads slowly is not") {
  std::string large(16 << 20, 'l');
  RunningServer server(always(large), timeouts(kLong, milliseconds{600}));
  Client stuck(server.address, 16 * 1024);
  Client slow(server.address, 16 * 1024);
  stuck.send(get("/"));
  slow.send(get("/"));
  std::string taken = slow.read_through("\r\n\r\n");
  size_t head = taken.size();
  auto begin = Clock::now();
  // Four times the idle time.
  while (Clock::now() - begin < milliseconds{2400}) {
    taken += slow.read(1 << 19);
    std::this_thread::sleep_for(milliseconds{100});
  }
  taken += slow.read(head + large.size() - taken.size());
  CHECK(taken.size() == head + large.size());
  CHECK(stuck.read_to_end().size() < large.size());
}

TEST_CASE("a connection beyond the limit is rejected; one that closes makes room") {
  RunningServer server(echo, {.max_connections = 3, .loops = 2});
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < 3; ++i) {
    clients.push_back(std::make_unique<Client>(server.address));
    clients.back()->send(get("/"));
    CHECK(clients.back()->read_body() == "GET / ");
  }
  Client rejected(server.address);
  rejected.send(get("/"));
  std::string answer = rejected.read_to_end();
  CHECK(answer.starts_with("HTTP/1.1 503 Service Unavailable\r\n"));
  CHECK(answer.ends_with("{\"error\":\"There are too many connections; the limit is 3.\"}"));
  clients.front()->finish_safter();
  CHECK(clients.front()->read_to_end() == "");
  CHECK(has_room_within(server.address, milliseconds{5'000}));  // Though the rejected one stays.
}

TEST_CASE("a client that resets along with its request is gone, though its answer is due later") {
  RunningServer server(
      [](const http::Request& request) {
        http::Response response = echo(request);
        if (request.target == "/late") response.delay = kLong;
        return response;
      },
      {.max_connections = 20});
  for (int i = 0; i < 20; ++i) {
    Client client(server.address);
    client.send(get("/late"));
    client.reset();
  }
  CHECK(has_room_within(server.address, milliseconds{5'000}));
}

TEST_CASE("connections are spread evenly over the loops, which answer at the same time") {
  std::mutex mutex;
  std::multiset<std::thread::id> served_by;
  RunningServer server(
      [&](const http::Request& request) {
        std::lock_guard lock(mutex);
        served_by.insert(std::this_thread::get_id());
        return echo(request);
      },
      {.loops = 3});
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < 12; ++i) clients.push_back(std::make_unique<Client>(server.address));
  for (auto& client : clients) client->send(get("/"));
  for (auto& client : clients) CHECK(client->read_body() == "GET / ");
  std::lock_guard lock(mutex);
  std::set<std::thread::id> loops(served_by.begin(), served_by.end());
  CHECK(loops.size() == 3);
  for (std::thread::id loop : loops) CHECK(served_by.count(loop) == 4);
}
