#include "transport/event_loop.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "transport/client.h"

using transport::Address;
using transport::Client;
using transport::echo;
using transport::EventLoop;
using transport::get;
using transport::RunningServer;

TEST_CASE("a connection is kept over many requests") {
  RunningServer server(echo);
  CHECK(server.address.host == "127.0.0.1");
  CHECK(server.address.url() == "http://127.0.0.1:" + std::to_string(server.address.port));
  Client client(server.address);
  for (int i = 0; i < 100; ++i) {
    std::string target = "/" + std::to_string(i);
    client.send(get(target));
    CHECK(client.read_body() == "GET " + target + " ");
  }
}

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

TEST_CASE("200 connections are served at once") {
  RunningServer server(echo);
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < 200; ++i) clients.push_back(std::make_unique<Client>(server.address));
  for (int round = 0; round < 3; ++round) {
    for (auto& client : clients) client->send(get("/x"));
    for (auto& client : clients) CHECK(client->read_body() == "GET /x ");
  }
}

TEST_CASE("a client that has shut down its side still gets its answers") {
  RunningServer server(echo);
  Client client(server.address);
  client.send(get("/1") + get("/2") + "GET /unfinished");
  client.finish_sending();
  CHECK(client.read_body() == "GET /1 ");
  CHECK(client.read_body() == "GET /2 ");
  CHECK(client.read_to_end() == "");
}

TEST_CASE("100 Continue is sent to who waits for it, once and in order") {
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

TEST_CASE("a chunked body arrives whole") {
  RunningServer server(echo);
  Client client(server.address);
  client.send("PUT /c HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
  client.send("5\r\nhello\r\n7;ext=1\r\n, world\r\n0\r\nTrailer: x\r\n\r\n" + get("/next"));
  CHECK(client.read_body() == "PUT /c hello, world");
  CHECK(client.read_body() == "GET /next ");
}

TEST_CASE("a body of the largest size is echoed") {
  RunningServer server(echo);
  Client client(server.address);
  std::string body(1 << 20, 'b');
  client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1048576\r\n\r\n" + body);
  CHECK(client.read_body() == "POST / " + body);
}

TEST_CASE("bad bytes get a refusal that can be read, after the answers before it, then a close") {
  RunningServer server(echo);
  Client client(server.address);
  client.send(get("/1") + "BAD\r\n\r\n" + get("/2"));
  CHECK(client.read_body() == "GET /1 ");
  std::string rest = client.read_to_end();
  CHECK(rest.starts_with("HTTP/1.1 400 Bad Request\r\n"));
  CHECK(rest.find("\r\nConnection: close\r\n") != std::string::npos);
  CHECK(rest.find("\r\nX-Mock-Reason: The request line is not METHOD TARGET") != std::string::npos);
  CHECK(rest.ends_with("%20.\"}"));
}

TEST_CASE("a client that sends on after a refusal is not reset before it has read it") {
  RunningServer server(echo);
  Client client(server.address);
  client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4000000\r\n\r\n");
  CHECK(client.send(std::string(4'000'000, 'x')));
  client.finish_sending();
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
  transport::ServerOptions options;
  options.loops = 1;
  Address address = loop.listen("127.0.0.1", 0, handler, options);
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
  auto place = std::find(served.begin(), served.end(), "/one") - served.begin();
  CHECK(place < 500);
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
  slow.finish_sending();
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
  RunningServer server([&](const http::Request&) {
    http::Response response;
    response.body = large;
    return response;
  });
  for (int i = 0; i < 20; ++i) {
    Client(server.address).send("GET / HT");
    Client(server.address).send(get("/") + get("/") + get("/"));
    Client(server.address).send("BAD\r\n");
    Client(server.address).finish_sending();
  }
  Client client(server.address);
  client.send(get("/"));
  CHECK(client.read_body() == large);
}

TEST_CASE("a handler that throws costs one answer, not the connection") {
  RunningServer server([](const http::Request& request) {
    if (request.target == "/bad") throw std::runtime_error("broken");
    return echo(request);
  });
  Client client(server.address);
  client.send(get("/bad") + get("/good"));
  CHECK(client.read_body() == "{\"error\":\"The mock failed to answer: broken\"}");
  CHECK(client.read_body() == "GET /good ");
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
  RunningServer server([](const http::Request&) {
    http::Response response;
    response.body = std::string(32 << 20, 'l');
    return response;
  });
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

TEST_CASE("a taken port is told at listen") {
  EventLoop first;
  Address address = first.listen("127.0.0.1", 0, echo);
  EventLoop second;
  try {
    second.listen("127.0.0.1", address.port, echo);
    FAIL("listening succeeded");
  } catch (const transport::ListenError& error) {
    CHECK(error.address_taken);
    CHECK(std::string(error.what()) == "cannot listen on " + address.text() +
                                           ": address already in use; stop what listens there, or "
                                           "choose another port (0: any)");
  }
  Address other = second.listen("localhost", 0, echo);
  CHECK((other.host == "127.0.0.1" || other.host == "::1"));
}

TEST_CASE("a place where nobody can listen is told at listen") {
  EventLoop loop;
  std::vector<Address> places = {
      {"203.0.113.1", 0}, {std::string(300, 'n'), 0}, {"127.0.0.1", 65536}, {"127.0.0.1", -1}};
  for (const Address& place : places) {
    CAPTURE(place.host);
    try {
      loop.listen(place.host, place.port, echo);
      FAIL("listening succeeded");
    } catch (const transport::ListenError& error) {
      CHECK_FALSE(error.address_taken);
      CHECK(std::string(error.what()).starts_with("cannot listen on " + place.text() + ": "));
    }
  }
  CHECK(Address{"::1", 80}.url() == "http://[::1]:80");
}
