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

TEST_CASE("pipelined requests are answered in order") {
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

TEST_CASE("a client that has shut down its side still gets its answers") {
  RunningServer server(echo);
  Client client(server.address);
  client.send(get("/1") + get("/2") + "GET /unfinished");
  client.finish_safter();
  CHECK(client.read_body() == "GET /1 ");
  CHECK(client.read_body() == "GET /2 ");
  CHECK(client.read_to_end() == "");
}

TEST_CASE("100 Continue is sent to a client that waits for it, once and in order") {
  RunningServer server(echo);
  Client client(server.address);
  client.send(get("/1") +
              "POST /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n");
  CHECK(client.read_body() == "GET /1 ");
  CHECK(client.read_through("\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("bo");
  client.send("dy");
  CHECK(client.read_through("\r\n") == "HTTP/1.1 200 OK\r\n");
  CHECK(client.read_body() == "POST /2 body");
}

TEST_CASE("bad bytes get an error that can be read, after the answers before it, then a close") {
  RunningServer server(echo);
  Client client(server.address);
  client.send(get("/1") + "BAD\r\n\r\n" + get("/2"));
  CHECK(client.read_body() == "GET /1 ");
  std::string rest = client.read_to_end();
  CHECK(rest.starts_with("HTTP/1.1 400 Bad Request\r\n"));
  CHECK(rest.find("\r\nConnection: close\r\n") != std::string::npos);
  CHECK(rest.find("\r\nX-Mock-Reason: The request line is invalid; send METHOD TARGET") !=
        std::string::npos);
  CHECK(rest.ends_with("%20.\"}"));
}

TEST_CASE("a client that sends on after an error is not reset before it has read it") {
  RunningServer server(echo);
  Client client(server.address);
  client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4000000\r\n\r\n");
  CHECK(client.send(std::string(4'000'000, 'x')));
  client.finish_safter();
  std::string answer = client.read_to_end();
  CHECK(answer.starts_with("HTTP/1.1 413 "));
  CHECK(answer.ends_with("\"}"));
}

TEST_CASE("HTTP/1.0 is answered and closed, or kept on request") {
  RunningServer server(echo);
  Client closing(server.address);
  closing.send("GET /1 HTTP/1.0\r\n\r\n");
  std::string answer = closing.read_to_end();
  CHECK(answer.find("\r\nConnection: close\r\n") != std::string::npos);
  CHECK(answer.ends_with("GET /1 "));

  Client kept(server.address);
  kept.send("GET /1 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  CHECK(kept.read_body() == "GET /1 ");
  kept.send("GET /2 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n" + get("/never"));
  CHECK(kept.read_to_end().ends_with("\r\n\r\nGET /2 "));
}

TEST_CASE("a client that sends byte by byte does not hinder another") {
  RunningServer server(echo);
  Client slow(server.address);
  Client quick(server.address);
  for (char byte : get("/slow")) {
    slow.send({&byte, 1});
    quick.send(get("/quick"));
    CHECK(quick.read_body() == "GET /quick ");
  }
  CHECK(slow.read_body() == "GET /slow ");
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
  // Both are there before the first is served.
  CHECK_FALSE(many.is_readable(std::chrono::milliseconds{50}));
  std::thread runner([&] { loop.run(); });
  CHECK(one.read_body() == "GET /one ");
  bool whole = true;
  for (int i = 0; i < 5000; ++i) whole = whole && many.read_body() == "GET /m ";
  CHECK(whole);
  sender.join();
  runner.join();
  auto position = std::find(served.begin(), served.end(), "/one") - served.begin();
  CHECK(position < 500);
}

TEST_CASE("large answers reach a slow reader whole, and wait for it before more are made") {
  constexpr int kRequests = 64;
  std::string large(1 << 20, 'l');
  std::atomic<int> made = 0;
  RunningServer server([&](const http::Request& request) {
    if (request.target == "/") return echo(request);
    ++made;
    http::Response response;
    response.body = request.target + large;
    return response;
  });
  Client slow(server.address, 16 * 1024);
  std::string requests;
  for (int i = 0; i < kRequests; ++i) requests += get("/" + std::to_string(i));
  slow.send(requests);
  slow.finish_safter();
  Client other(server.address);
  for (int i = 0; i < 10; ++i) {
    other.send(get("/"));
    CHECK(other.read_body() == "GET / ");
  }
  CHECK(made < kRequests);
  bool whole = true;
  for (int i = 0; i < kRequests; ++i) {
    whole = whole && slow.read_body() == "/" + std::to_string(i) + large;
  }
  CHECK(whole);
  CHECK(slow.read_to_end() == "");
  CHECK(made == kRequests);
}

TEST_CASE("clients that go away in the midst of anything do no harm") {
  std::string large(1 << 20, 'l');
  RunningServer server(always(large));
  for (int i = 0; i < 20; ++i) {
    Client(server.address).send("GET / HT");
    Client(server.address).send(get("/") + get("/") + get("/"));
    Client(server.address).send("BAD\r\n");
    Client(server.address).finish_safter();
  }
  Client client(server.address);
  client.send(get("/"));
  CHECK(client.read_body() == large);
}

TEST_CASE("stop ends run with clients connected, and sends the answers already made") {
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

TEST_CASE("a client that never reads delays a stop by a second at most") {
  RunningServer server(always(std::string(32 << 20, 'l')));
  Client stuck(server.address, 16 * 1024);
  stuck.send(get("/"));
  CHECK(stuck.read_through("\r\n\r\n") != "");
  server.stop();
  CHECK(stuck.read_to_end().size() < (32 << 20));
}

TEST_CASE("stop before run makes run return at once; an unused loop can be dropped") {
  EventLoop unused;
  unused.listen("127.0.0.1", 0, echo);
  EventLoop loop;
  Address address = loop.listen("127.0.0.1", 0, echo);
  Client waiting(address);
  loop.stop();
  loop.run();
}

TEST_CASE("a taken port is an error of listen") {
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

TEST_CASE("an address that cannot be listened on is an error of listen") {
  EventLoop loop;
  std::vector<Address> addresses = {
      {"203.0.113.1", 0}, {std::string(300, 'n'), 0}, {"127.0.0.1", 65536}, {"127.0.0.1", -1}};
  for (const Address& address : addresses) {
    ListenError error = listen_error(loop, address);
    CHECK_FALSE(error.address_taken);
    CHECK(std::string(error.what())
              .starts_with("cannot listen on " + address.host_and_port() + ": "));
  }
  CHECK(Address{"::1", 80}.url() == "http://[::1]:80");
}
