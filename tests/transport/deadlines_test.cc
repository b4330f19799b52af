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

/// Whether a new client is served within 5 s.
bool accepts_client(const transport::Address& address) {
  for (auto begin = Clock::now(); Clock::now() - begin < milliseconds{5'000};) {
    Client next(address);
    next.send(get("/"));
    if (next.read_body() == "GET / ") return true;
  }
  return false;
}

}  // namespace

TEST_CASE("a request that is not complete in time is rejected, even if bytes keep arriving") {
  RunningServer server(echo, timeouts(milliseconds{150}, kLong));
  Client client(server.address);
  client.send(get("/"));
  CHECK(client.read_body() == "GET / ");
  auto begin = Clock::now();
  client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n");
  while (!client.is_readable(milliseconds{5})) client.send("x");
  CHECK(Clock::now() - begin >= milliseconds{150});
  std::string response = client.read_to_end();
  CHECK(response.starts_with("HTTP/1.1 408 Request Timeout\r\n"));
  CHECK(response.find("\r\nConnection: close\r\n") != std::string::npos);
  CHECK(
      response.ends_with("{\"error\":\"The request was not complete 150 ms after its first byte; "
                         "send it faster.\"}"));
}

TEST_CASE("the time limit of a request starts with its own first byte") {
  RunningServer server(echo, timeouts(milliseconds{400}, kLong));
  Client client(server.address);
  // Two requests together take longer than the limit.
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

TEST_CASE("an idle connection is closed without a response") {
  RunningServer server(echo, timeouts(kLong, milliseconds{100}));
  Client unused(server.address);
  Client used(server.address);
  auto begin = Clock::now();
  used.send(get("/"));
  CHECK(used.read_body() == "GET / ");
  CHECK(unused.read_to_end() == "");
  CHECK(used.read_to_end() == "");
  CHECK(Clock::now() - begin >= milliseconds{99});
}

TEST_CASE("a connection with regular requests is not idle") {
  RunningServer server(echo, timeouts(kLong, milliseconds{400}));
  Client client(server.address);
  for (int i = 0; i < 6; ++i) {
    CHECK_FALSE(client.is_readable(milliseconds{150}));
    client.send(get("/"));
    CHECK(client.read_body() == "GET / ");
  }
}

TEST_CASE("a client that reads nothing of a response is disconnected, a slow reader is not") {
  std::string large(16 << 20, 'l');
  RunningServer server(always(large), timeouts(kLong, milliseconds{600}));
  Client stuck(server.address, 16 * 1024);
  Client slow(server.address, 16 * 1024);
  stuck.send(get("/"));
  slow.send(get("/"));
  std::string received = slow.read_until("\r\n\r\n");
  size_t head = received.size();
  auto begin = Clock::now();
  // Four times the idle time.
  while (Clock::now() - begin < milliseconds{2400}) {
    received += slow.read(1 << 19);
    std::this_thread::sleep_for(milliseconds{100});
  }
  received += slow.read(head + large.size() - received.size());
  CHECK(received.size() == head + large.size());
  CHECK(stuck.read_to_end().size() < large.size());
}

TEST_CASE("a hanging response sends nothing until its client leaves, and does not delay a stop") {
  auto hang = [](const http::Request&) {
    http::Response response;
    response.fault = http::Fault::hang;
    return response;
  };
  RunningServer server(hang, timeouts(milliseconds{20}, milliseconds{20}));
  Client leaving(server.address);
  Client staying(server.address);
  leaving.send(get("/"));
  staying.send(get("/"));
  CHECK_FALSE(staying.is_readable(milliseconds{200}));
  leaving.shutdown_sending();
  CHECK(leaving.read_to_end() == "");
  auto begin = Clock::now();
  server.stop();
  CHECK(Clock::now() - begin < milliseconds{900});
  CHECK(staying.read_to_end() == "");
}

TEST_CASE("a connection beyond the limit is rejected, until another one closes") {
  RunningServer server(echo, {.max_connections = 3, .loops = 2});
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < 3; ++i) {
    clients.push_back(std::make_unique<Client>(server.address));
    clients.back()->send(get("/"));
    CHECK(clients.back()->read_body() == "GET / ");
  }
  Client rejected(server.address);
  rejected.send(get("/"));
  std::string response = rejected.read_to_end();
  CHECK(response.starts_with("HTTP/1.1 503 Service Unavailable\r\n"));
  CHECK(response.ends_with("{\"error\":\"There are too many connections; the limit is 3.\"}"));
  clients.front()->shutdown_sending();
  CHECK(clients.front()->read_to_end() == "");
  CHECK(accepts_client(server.address));  // The rejected connection is still open.
}

TEST_CASE("while responses that nobody reads exceed the limit, requests of all clients get a 503") {
  const std::string large(8 << 20, 'l');  // More than the system buffers.
  RunningServer server(
      [&](const http::Request& request) {
        return request.target == "/large" ? always(large)(request) : echo(request);
      },
      {.max_pending_bytes = 2 << 20, .loops = 2});
  auto unread = std::make_unique<Client>(server.address, 4096);
  auto other_loop = std::make_unique<Client>(server.address, 4096);
  for (Client* client : {unread.get(), other_loop.get()}) {
    client->send(get("/large"));
    CHECK(client->is_readable(kLong));
  }
  Client rejected(server.address);
  rejected.send(get("/"));
  std::string response = rejected.read_to_end();
  CHECK(response.starts_with("HTTP/1.1 503 Service Unavailable\r\n"));
  CHECK(
      response.ends_with("{\"error\":\"Too many bytes of responses wait until clients read them; "
                         "read or close them.\"}"));
  CHECK(unread->read_body() == large);
  other_loop.reset();
  CHECK(accepts_client(server.address));
}

TEST_CASE("a client that resets after its request makes room, even if its response is delayed") {
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
  CHECK(accepts_client(server.address));
}

TEST_CASE("connections are distributed evenly over the loops") {
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
