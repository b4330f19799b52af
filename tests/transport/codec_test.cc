#include "transport/codec.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

using transport::AfterSend;
using transport::Codec;
using transport::Handler;
using transport::ParsedRequest;

namespace {

ParsedRequest parsed(std::string method, http::Headers headers = {}, std::string body = "") {
  ParsedRequest result;
  result.request = {std::move(method), "/a%20b?x=%41?y#z", std::move(headers), std::move(body)};
  return result;
}

Handler always(const http::Response& response) {
  return [response](const http::Request&) { return response; };
}

http::Response ok() {
  http::Response response;
  response.headers = {{"Content-Type", "text/x"}};
  response.body = "hello";
  return response;
}

http::Response empty_response(int status) {
  http::Response response;
  response.status = status;
  return response;
}

/// A response with sorted header lines, because their order depends on the version of cpp-httplib.
std::string sorted(const std::string& bytes) {
  size_t start = bytes.find("\r\n") + 2;
  size_t end = bytes.find("\r\n\r\n") + 2;
  std::vector<std::string> lines;
  for (size_t at = start; at < end; at += lines.back().size()) {
    lines.push_back(bytes.substr(at, bytes.find("\r\n", at) + 2 - at));
  }
  std::sort(lines.begin(), lines.end());
  std::string result = bytes.substr(0, start);
  for (const std::string& line : lines) result += line;
  return result + bytes.substr(end);
}

/// All bytes of a response that is sent without a delay.
std::string bytes_of(const transport::SendPlan& plan) {
  REQUIRE(plan.chunks.size() == 1);
  CHECK(plan.chunks[0].wait.count() == 0);
  return sorted(plan.chunks[0].bytes);
}

std::string respond(const Handler& handler, const ParsedRequest& request) {
  return bytes_of(Codec(handler).respond(request));
}

/// The bytes sent for `ok()`, without the body.
constexpr const char* kOk =
    "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Type: text/x\r\nKeep-Alive: "
    "timeout=75\r\n\r\n";

}  // namespace

TEST_CASE("the handler gets the request as it was sent") {
  http::Request received;
  Codec codec([&](const http::Request& request) {
    received = request;
    return ok();
  });
  for (const char* method : {"GET", "POST", "PUT", "DELETE", "PROPFIND", "FOO", "PRI", "CONNECT"}) {
    ParsedRequest sent =
        parsed(method, {{"X-Raw", "%41+b"}, {"X-Empty", ""}, {"x-dup", "1"}, {"X-Dup", "2"}},
               std::string(20000, 'a') + '\0' + "=%41&b");
    CHECK(bytes_of(codec.respond(sent)) == std::string(kOk) + "hello");
    CHECK(received.method == method);
    CHECK(received.target == "/a%20b?x=%41?y#z");
    REQUIRE(received.headers.size() == 4);
    CHECK(*received.headers.find("X-Raw") == "%41+b");
    CHECK(*received.headers.find("X-Empty") == "");
    CHECK(received.body == sent.request.body);
  }
}

TEST_CASE("the library ignores the headers of the request") {
  std::vector<http::Header> headers = {{"Range", "bytes=99-1"},
                                       {"Range", "bytes=0-1"},
                                       {"Accept-Encoding", "gzip, br"},
                                       {"Expect", "100-continue"},
                                       {"Connection", "close"},
                                       {"Content-Type", "multipart/form-data; boundary=b"},
                                       {"Content-Type", "application/x-www-form-urlencoded"},
                                       {"Content-Length", "99999999"}};
  for (const http::Header& header : headers) {
    CAPTURE(header.value);
    CHECK(respond(always(ok()), parsed("POST", {header}, std::string(9000, 'x'))) ==
          std::string(kOk) + "hello");
  }
}

TEST_CASE("a response to HEAD is that of GET without the body") {
  CHECK(respond(always(ok()), parsed("HEAD")) == kOk);
  CHECK(respond(always(empty_response(404)), parsed("HEAD")) ==
        "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nKeep-Alive: timeout=75\r\n\r\n");
  http::Response ranges = ok();
  ranges.headers.add("Accept-Ranges", "none");
  CHECK(respond(always(ranges), parsed("HEAD")).find("Accept-Ranges: none\r\n") !=
        std::string::npos);
}

TEST_CASE("204 and 304 have no body and no Content-Length") {
  http::Response empty = ok();
  empty.headers = {};
  empty.status = 204;
  CHECK(respond(always(empty), parsed("DELETE")) ==
        "HTTP/1.1 204 No Content\r\nKeep-Alive: timeout=75\r\n\r\n");
  empty.status = 304;
  CHECK(respond(always(empty), parsed("GET")) ==
        "HTTP/1.1 304 Not Modified\r\nKeep-Alive: timeout=75\r\n\r\n");
  CHECK(respond(always(empty), parsed("HEAD")) ==
        "HTTP/1.1 304 Not Modified\r\nKeep-Alive: timeout=75\r\n\r\n");
}

TEST_CASE("a status without a standard reason phrase is sent without one") {
  CHECK(respond(always(empty_response(299)), parsed("GET")).starts_with("HTTP/1.1 299 \r\n"));
  CHECK(respond(always(empty_response(500)), parsed("GET"))
            .starts_with("HTTP/1.1 500 Internal Server Error\r\n"));
  CHECK(respond(always(empty_response(503)), parsed("GET"))
            .starts_with("HTTP/1.1 503 Service Unavailable\r\n"));
}

TEST_CASE("the handler's headers are sent, except framing headers and invalid ones") {
  http::Response response = ok();
  response.headers.set("Content-Type", "application/json; charset=UTF-8");
  response.headers.add("Set-Cookie", "a=1");
  response.headers.add("Set-Cookie", "b=2");
  response.headers.add("content-length", "99");
  response.headers.add("Transfer-Encoding", "chunked");
  response.headers.add("Keep-Alive", "max=1");
  response.headers.add("X-Split", "a\r\nEvil: yes");
  CHECK(respond(always(response), parsed("GET")) ==
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Type: application/json; charset=UTF-8\r\n"
        "Keep-Alive: timeout=75\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n\r\nhello");
}

TEST_CASE("the connection stays open if both the client and the handler want it") {
  const std::string closed = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
  Codec codec(always(empty_response(200)));
  ParsedRequest closing = parsed("GET");
  closing.keep_alive = false;
  transport::SendPlan last = codec.respond(closing);
  CHECK(bytes_of(last) == closed);
  CHECK(last.after == AfterSend::close);

  http::Response response = empty_response(200);
  response.headers.add("connection", "Close");
  last = Codec(always(response)).respond(parsed("GET"));
  CHECK(bytes_of(last) == closed);
  CHECK(last.after == AfterSend::close);

  ParsedRequest old = parsed("GET");
  old.minor_version = 0;
  transport::SendPlan plan = codec.respond(old);
  CHECK(bytes_of(plan) ==
        "HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nContent-Length: 0\r\n"
        "Keep-Alive: timeout=75\r\n\r\n");
  CHECK(plan.after == AfterSend::keep_alive);
  CHECK(codec.respond(parsed("GET")).after == AfterSend::keep_alive);
}

TEST_CASE("a handler that throws causes a 500, and the next request succeeds") {
  int calls = 0;
  Codec codec([&](const http::Request&) -> http::Response {
    if (++calls == 1) throw std::runtime_error("a \"b\"\\\r\n\xC3");
    if (calls == 2) throw 7;
    return ok();
  });
  CHECK(bytes_of(codec.respond(parsed("GET"))) ==
        "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 51\r\n"
        "Content-Type: application/json\r\nKeep-Alive: timeout=75\r\n"
        "X-Mock-Reason: The mock failed to answer: a \"b\"\\???\r\n\r\n"
        "{\"error\":\"The mock failed to answer: a \\\"b\\\"\\\\\?\?\?\"}");
  CHECK(bytes_of(codec.respond(parsed("GET")))
            .ends_with("{\"error\":\"The mock failed to answer.\"}"));
  CHECK(bytes_of(codec.respond(parsed("GET"))) == std::string(kOk) + "hello");
}

TEST_CASE("a rejection has its reason in body and header, and closes the connection") {
  Codec codec(always(ok()));
  const std::string head =
      "HTTP/1.1 431 Request Header Fields Too Large\r\nConnection: close\r\nContent-Length: 25\r\n"
      "Content-Type: application/json\r\nX-Mock-Reason: Too \"long\".\r\n\r\n";
  transport::SendPlan rejected = codec.reject({}, {431, "Too \"long\"."});
  CHECK(bytes_of(rejected) == head + "{\"error\":\"Too \\\"long\\\".\"}");
  CHECK(rejected.after == AfterSend::close);
  CHECK(bytes_of(codec.reject(parsed("HEAD").request, {431, "Too \"long\"."})) == head);
  CHECK(bytes_of(codec.respond(parsed("GET"))) == std::string(kOk) + "hello");
}

TEST_CASE("responses that the transport creates itself are reported to on_error") {
  std::vector<std::string> observed;
  transport::ServerOptions options;
  options.on_error = [&](const http::Request& request, const http::Response& response,
                         const std::string& reason) {
    observed.push_back(request.method + " " + std::to_string(response.status) + " " + reason);
  };
  Codec codec([](const http::Request&) -> http::Response { throw std::runtime_error("broken"); },
              options);
  codec.reject({}, {400, "Bad."});
  codec.respond(parsed("PUT"));
  CHECK(observed ==
        std::vector<std::string>{" 400 Bad.", "PUT 500 The mock failed to answer: broken"});
}

TEST_CASE("Keep-Alive announces the idle time") {
  Codec codec(always(empty_response(200)), {.idle_time = std::chrono::seconds{9}});
  CHECK(bytes_of(codec.respond(parsed("GET"))) ==
        "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nKeep-Alive: timeout=9\r\n\r\n");
}

TEST_CASE("a malformed response has the usual head, but announces chunks") {
  http::Response malformed = ok();
  malformed.fault = http::Fault::malformed_response_chunk;
  const std::string head =
      "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: text/x\r\n"
      "Transfer-Encoding: chunked\r\n\r\n";
  for (const char* method : {"GET", "HEAD"}) {
    transport::SendPlan plan = Codec(always(malformed)).respond(parsed(method));
    std::string sent = bytes_of(plan);
    CHECK(sent.starts_with(head));
    CHECK(sent.size() > head.size());
    CHECK(sent.find("hello") == std::string::npos);
    CHECK(plan.after == AfterSend::close);
  }
}

TEST_CASE("a response is the same whatever was sent before it") {
  http::Response response;
  Codec used([&](const http::Request&) { return response; });
  // More shapes than a codec stores, each twice with other values.
  for (int i = 0; i < 300; ++i) {
    response = empty_response(i % 3 == 0 ? 200 : 400 + i % 7);
    response.headers.add("X-Name-" + std::to_string(i / 2 % 120), "{" + std::to_string(i) + "}");
    response.headers.add("Set-Cookie", "a=" + std::to_string(i));
    response.headers.add("Set-Cookie", "b=" + std::to_string(i));
    response.body = std::string(static_cast<size_t>(i % 5), 'x');
    ParsedRequest request = parsed(i % 4 == 0 ? "HEAD" : "GET");
    request.minor_version = i % 9 == 0 ? 0 : 1;
    request.keep_alive = i % 8 != 0;
    CAPTURE(i);
    std::string bytes = bytes_of(used.respond(request));
    CHECK(bytes == respond(always(response), request));
    CHECK(bytes.find("{" + std::to_string(i) + "}\r\n") != std::string::npos);
  }
}

TEST_CASE("delay and dribble apply to their own response only") {
  http::Response late = ok();
  late.delay = std::chrono::milliseconds{70};
  late.dribble = http::Dribble{2, std::chrono::milliseconds{10}};
  int calls = 0;
  Codec codec([&](const http::Request&) { return ++calls == 1 ? late : ok(); });
  transport::SendPlan plan = codec.respond(parsed("GET"));
  REQUIRE(plan.chunks.size() == 3);
  CHECK(plan.chunks[0].wait.count() == 70);
  CHECK(sorted(plan.chunks[0].bytes) == kOk);
  CHECK(plan.chunks[1].bytes + plan.chunks[2].bytes == "hello");
  CHECK(plan.after == AfterSend::keep_alive);
  CHECK(bytes_of(codec.respond(parsed("GET"))) == std::string(kOk) + "hello");
}
