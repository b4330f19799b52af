#include "transport/event_loop.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "transport/client.h"

using transport::Address;
using transport::always;
using transport::Client;
using transport::echo;
using transport::EventLoop;
using transport::get;
using transport::ListenError;
using transport::RunningServer;

namespace {

ListenError listen_error(EventLoop& loop, const Address& address) {
  try {
    loop.listen(address.host, address.port, echo);
  } catch (const ListenError& error) {
    return error;
  }
  return ListenError("listening succeeded", false);
}

}  // namespace

TEST_CASE("pipelined requests get their responses in order") {
  RunningServer server(echo);
  Client client(server.address);
  std::string requests;
  for (int i = 0; i < 5000; ++i) requests += get("/" + std::to_string(i));
  std::thread sender([&] { client.send(requests); });
  bool in_order = true;
  for (int i = 0; i < 5000; ++i) {
    in_order = in_order && client.read_body() == "GET /" + std::to_string(i) + " ";
  }
  sender.join();
  CHECK(in_order);
}

TEST_CASE("a client that has shut down its sending side still gets its responses") {
  RunningServer server(echo);
  Client client(server.address);
  client.send(get("/1") + get("/2") + "GET /unfinished");
  client.shutdown_sending();
  CHECK(client.read_body() == "GET /1 ");
  CHECK(client.read_body() == "GET /2 ");
  CHECK(client.read_to_end() == "");
}

TEST_CASE("a client that sends thousands of requests at once does not hold up another") {
  std::vector<std::string> served;
  EventLoop loop;
  auto handler = [&](const http::Request& request) {
    served.push_back(request.target);
    if (served.size() == 5001) loop.stop();
    return echo(request);
  };
  Address address = loop.listen("127.0.0.1", 0, handler, {.loops = 1});
  Client many(address);
  Client one(address);
  std::string requests;
  for (int i = 0; i < 5000; ++i) requests += get("/m");
  std::thread sender([&] { many.send(requests); });
  one.send(get("/one"));
  // Both have arrived before the loop runs.
  CHECK_FALSE(many.is_readable(std::chrono::milliseconds{50}));
  std::thread runner([&] { loop.run(); });
  CHECK(one.read_body() == "GET /one ");
  bool complete = true;
  for (int i = 0; i < 5000; ++i) complete = complete && many.read_body() == "GET /m ";
  CHECK(complete);
  sender.join();
  runner.join();
  auto position = std::find(served.begin(), served.end(), "/one") - served.begin();
  CHECK(position < 500);
}

TEST_CASE(
    "large responses reach a slow reader completely, and no more are created until it reads") {
  constexpr int kRequests = 64;
  std::string large(1 << 20, 'l');
  std::atomic<int> created = 0;
  RunningServer server([&](const http::Request& request) {
    if (request.target == "/") return echo(request);
    ++created;
    http::Response response;
    response.body = request.target + large;
    return response;
  });
  Client slow(server.address, 16 * 1024);
  std::string requests;
  for (int i = 0; i < kRequests; ++i) requests += get("/" + std::to_string(i));
  slow.send(requests);
  slow.shutdown_sending();
  Client other(server.address);
  for (int i = 0; i < 10; ++i) {
    other.send(get("/"));
    CHECK(other.read_body() == "GET / ");
  }
  CHECK(created < kRequests);
  bool complete = true;
  for (int i = 0; i < kRequests; ++i) {
    complete = complete && slow.read_body() == "/" + std::to_string(i) + large;
  }
  CHECK(complete);
  CHECK(slow.read_to_end() == "");
  CHECK(created == kRequests);
}

TEST_CASE("clients that disconnect at any time do no harm") {
  std::string large(1 << 20, 'l');
  RunningServer server(always(large));
  for (int i = 0; i < 20; ++i) {
    Client(server.address).send("GET / HT");
    Client(server.address).send(get("/") + get("/") + get("/"));
    Client(server.address).send("BAD\r\n");
    Client(server.address).shutdown_sending();
  }
  Client client(server.address);
  client.send(get("/"));
  CHECK(client.read_body() == large);
}

TEST_CASE("stop ends run while clients are connected, and sends pending responses") {
  std::string large(4 << 20, 'l');
  RunningServer server([&](const http::Request&) {
    http::Response response;
    response.body = large;
    server.loop.stop();
    return response;
  });
  Client idle(server.address);
  {
    Client busy(server.address, 16 * 1024);
    busy.send(get("/"));
    CHECK(busy.read_body() == large);
    CHECK(busy.read_to_end() == "");
  }
  server.stop();
  CHECK(idle.read_to_end() == "");
}

TEST_CASE("run returns immediately after a stop, and an unused loop can be destroyed") {
  EventLoop unused;
  unused.listen("127.0.0.1", 0, echo);
  EventLoop loop;
  Address address = loop.listen("127.0.0.1", 0, echo);
  Client waiting(address);
  loop.stop();
  loop.run();
}

TEST_CASE("listening on a port in use fails") {
  EventLoop first;
  Address address = first.listen("127.0.0.1", 0, echo);
  CHECK(address.url() == "http://127.0.0.1:" + std::to_string(address.port));
  EventLoop second;
  ListenError error = listen_error(second, address);
  CHECK(error.address_taken);
  CHECK(std::string(error.what()) == "cannot listen on " + address.host_and_port() +
                                         ": address already in use; stop the program that listens "
                                         "there, or choose another port (0 for any free port)");
  Address other = second.listen("localhost", 0, echo);
  CHECK((other.host == "127.0.0.1" || other.host == "::1"));
}

TEST_CASE("listening on an invalid address fails") {
  EventLoop loop;
  std::vector<Address> addresses = {
      {"203.0.113.1", 0}, {std::string(300, 'n'), 0}, {"127.0.0.1", 65536}, {"127.0.0.1", -1}};
  for (const Address& address : addresses) {
    ListenError error = listen_error(loop, address);
    CHECK_FALSE(error.address_taken);
    CHECK(std::string(error.what())
              .starts_with("cannot listen on " + address.host_and_port() + ": "));
  }
}

TEST_CASE("the URL of an address is one that clients can connect to") {
  CHECK(Address{"192.0.2.7", 80}.url() == "http://192.0.2.7:80");
  CHECK(Address{"::1", 80}.url() == "http://[::1]:80");
  CHECK(Address{"0.0.0.0", 80}.url() == "http://127.0.0.1:80");
  CHECK(Address{"::", 80}.url() == "http://[::1]:80");
  CHECK(Address{"0.0.0.0", 80}.host_and_port() == "0.0.0.0:80");
}
