#include "transport/request_parser.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

using transport::Limits;
using transport::ParsedRequest;
using transport::RequestParser;
using Status = transport::RequestParser::Status;

namespace {

/// The parsed request, or the error, as one string.
std::string outcome(RequestParser& parser) {
  if (parser.status() == Status::incomplete) return "incomplete";
  if (parser.status() == Status::rejected) {
    return std::to_string(parser.error().status) + ' ' + parser.error().what();
  }
  ParsedRequest parsed = parser.take();
  std::string result = parsed.request.method + ' ' + parsed.request.target + " 1." +
                       std::to_string(parsed.minor_version) +
                       (parsed.keep_alive ? " keep" : " close");
  for (const http::Header& header : parsed.request.headers) {
    result.append("|").append(header.name).append("=").append(header.value);
  }
  return result + '|' + parsed.request.body;
}

std::string read(std::string_view bytes, const Limits& limits = {}) {
  RequestParser parser(limits);
  parser.read(bytes);
  return outcome(parser);
}

/// The status of the rejection; 0 if the bytes are not rejected.
int rejection(std::string_view bytes, const Limits& limits = {}) {
  RequestParser parser(limits);
  parser.read(bytes);
  return parser.status() == Status::rejected ? parser.error().status : 0;
}

bool complete(std::string_view bytes, const Limits& limits = {}) {
  RequestParser parser(limits);
  return parser.read(bytes) == bytes.size() && parser.status() == Status::complete;
}

std::string with_headers(const std::string& lines) {
  return "POST / HTTP/1.1\r\nHost: a\r\n" + lines + "\r\n";
}

std::string chunked(const std::string& body) {
  return with_headers("Transfer-Encoding: chunked\r\n") + body;
}

/// A GET request with a head of exactly this many bytes.
std::string head_of(size_t bytes) {
  std::string start = "GET / HTTP/1.1\r\nHost: a\r\nX: ";
  return start + std::string(bytes - start.size() - 4, 'x') + "\r\n\r\n";
}

std::string header_lines(int count) {
  std::string head = "GET / HTTP/1.1\r\nHost: a\r\n";
  for (int i = 1; i < count; ++i) head += "X: y\r\n";
  return head + "\r\n";
}

std::string target_of(size_t bytes) {
  return "GET /" + std::string(bytes - 1, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n";
}

}  // namespace

TEST_CASE("a request is returned as sent: nothing is decoded, reordered or dropped") {
  CHECK(read("PROPFIND /a%20b?x=%41&y=1?2#f HTTP/1.1\r\n"
             "Host: a\r\nX-Empty:\r\nx-dup:  %41 b \t\r\nX-DUP: \xC3\xA9\r\n\r\n") ==
        "PROPFIND /a%20b?x=%41&y=1?2#f 1.1 keep|Host=a|X-Empty=|x-dup=%41 b|X-DUP=\xC3\xA9|");
  CHECK(read("OPTIONS * HTTP/1.0\r\n\r\n") == "OPTIONS * 1.0 close|");
  CHECK(read("\r\n\r\nGET http://a/b HTTP/1.1\r\nHost:\r\n\r\n") ==
        "GET http://a/b 1.1 keep|Host=|");
}

TEST_CASE("a body is read by its Content-Length or its chunks") {
  CHECK(read(with_headers("Content-Length: 5\r\n") + "hello") ==
        "POST / 1.1 keep|Host=a|Content-Length=5|hello");
  CHECK(read(with_headers("content-length: 000\r\n")) ==
        "POST / 1.1 keep|Host=a|content-length=000|");
  CHECK(
      read(chunked("5\r\nhello\r\n00000001 ;a=\"b\"\r\n,\r\n6;x\r\n world\r\n0\r\nT: 1\r\n\r\n")) ==
      "POST / 1.1 keep|Host=a|Transfer-Encoding=chunked|hello, world");
  CHECK(read(with_headers("Transfer-Encoding: Chunked\r\n") + "A\r\n0123456789\r\n0\r\n\r\n") ==
        "POST / 1.1 keep|Host=a|Transfer-Encoding=Chunked|0123456789");
}

TEST_CASE("one request is read at a time, and the other bytes are not consumed") {
  std::string first = with_headers("Content-Length: 2\r\n") + "ab";
  std::string second = "GET /2 HTTP/1.1\r\nHost: a\r\n\r\n";
  RequestParser parser;
  CHECK(parser.read(first + second) == first.size());
  CHECK(parser.read(second) == 0);
  CHECK(parser.take().request.body == "ab");
  CHECK(parser.status() == Status::incomplete);
  CHECK(parser.read(second) == second.size());
  CHECK(outcome(parser) == "GET /2 1.1 keep|Host=a|");
}

TEST_CASE("the result does not depend on how the bytes are split") {
  std::vector<std::string> messages = {
      "\r\nGET /a HTTP/1.1\r\nHost: a\r\nX:  y \r\n\r\n",
      with_headers("Content-Length: 11\r\nExpect: 100-continue\r\n") + "hello\r\nbody",
      chunked("5;e=1\r\nhello\r\n1\r\n!\r\n0\r\nTrailer: x\r\n\r\n"),
      "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a\nX: y\r\n\r\n",
      "GET / HTTP/1.1\r\nHost : a\r\n\r\n",
      chunked("5\r\nhello!\r\n0\r\n\r\n"),
      chunked("5\r\nhell\r\n0\r\n\r\n"),
      "\x16\x03\x01\x02",
      "GET /" + std::string(300, 'a') + " HTTP/1.1\r\n\r\n",
      std::string(300, 'a') + " / HTTP/1.1\r\n\r\n",
      head_of(300),
  };
  Limits limits{.target_bytes = 100, .head_bytes = 250, .head_lines = 10, .body_bytes = 20};
  for (const std::string& message : messages) {
    std::string expected = read(message, limits);
    CHECK(expected != "incomplete");
    RequestParser by_byte(limits);
    for (char byte : message) by_byte.read({&byte, 1});
    CHECK(outcome(by_byte) == expected);
    for (size_t split = 0; split <= message.size(); ++split) {
      RequestParser parser(limits);
      parser.read(std::string_view(message).substr(0, split));
      parser.read(std::string_view(message).substr(split));
      CAPTURE(split);
      CHECK(outcome(parser) == expected);
    }
  }
}

TEST_CASE("a request has begun, and is incomplete, from its first byte to its last") {
  for (const std::string& message : {with_headers("Content-Length: 3\r\n") + "abc",
                                     chunked("3;x\r\nabc\r\n0\r\nT: 1\r\n\r\n")}) {
    RequestParser parser;
    parser.read("\r\n\r\n");  // Empty lines before it do not count.
    for (const char& byte : message) {
      CHECK(parser.status() == Status::incomplete);
      CHECK(parser.has_begun() == (&byte != &message[0]));
      parser.read({&byte, 1});
    }
    CHECK(parser.status() == Status::complete);
    CHECK(parser.request().method == "POST");
    parser.take();
    CHECK_FALSE(parser.has_begun());
  }
}

TEST_CASE("a body of the maximum size can arrive byte by byte") {
  std::string body(1 << 20, 'b');
  RequestParser parser;
  parser.read(with_headers("Content-Length: 1048576\r\n"));
  for (char byte : body) parser.read({&byte, 1});
  REQUIRE(parser.status() == Status::complete);
  CHECK(parser.take().request.body == body);

  RequestParser chunks;
  chunks.read(chunked(""));
  for (char byte : body) chunks.read(std::string("1\r\n") + byte + "\r\n");
  CHECK(chunks.status() == Status::incomplete);
  chunks.read("0\r\n\r\n");
  CHECK(chunks.take().request.body == body);
}

TEST_CASE("the connection is kept open by default in 1.1 and on request in 1.0") {
  auto keeps = [](const std::string& version, const std::string& lines) {
    RequestParser parser;
    parser.read("GET / HTTP/" + version + "\r\nHost: a\r\n" + lines + "\r\n");
    REQUIRE(parser.status() == Status::complete);
    return parser.take().keep_alive;
  };
  CHECK(keeps("1.1", ""));
  CHECK(keeps("1.1", "Connection: closed\r\n"));
  CHECK_FALSE(keeps("1.1", "Connection: Close\r\n"));
  CHECK_FALSE(keeps("1.1", "Connection: x , CLOSE,\r\n"));
  CHECK_FALSE(keeps("1.1", "Connection: keep-alive\r\nConnection: close\r\n"));
  CHECK_FALSE(keeps("1.0", ""));
  CHECK(keeps("1.0", "Connection: Keep-Alive\r\n"));
  CHECK_FALSE(keeps("1.0", "Connection: keep-alive, close\r\n"));
}

TEST_CASE("100 Continue is due once, and only before a body") {
  RequestParser parser;
  parser.read("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nExpect: 100-Continue\r\n");
  CHECK_FALSE(parser.take_continue());
  parser.read("\r\n");
  CHECK(parser.take_continue());
  CHECK_FALSE(parser.take_continue());
  parser.read("x");
  CHECK(parser.status() == Status::complete);

  RequestParser bodiless;
  bodiless.read(with_headers("Expect: 100-continue\r\n"));
  CHECK(bodiless.status() == Status::complete);
  CHECK_FALSE(bodiless.take_continue());

  RequestParser old;
  old.read("POST / HTTP/1.0\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\n");
  CHECK_FALSE(old.take_continue());
}

TEST_CASE("a head is rejected at the first byte over the limit") {
  CHECK(complete(head_of(16384)));
  CHECK(rejection(head_of(16385)) == 431);
  CHECK(rejection(head_of(16384).substr(0, 16384 - 4) + "xxxxx") == 431);
  CHECK(complete(header_lines(100)));
  CHECK(rejection(header_lines(101)) == 431);
  CHECK(complete(target_of(8192)));
  CHECK(rejection(target_of(8193)) == 414);
  CHECK(rejection("GET /" + std::string(20000, 'a')) == 414);
  CHECK(rejection(std::string(20000, 'a')) == 431);
}

TEST_CASE("a body is rejected as soon as its size is known to be too large") {
  std::string limit(1 << 20, 'b');
  CHECK(complete(with_headers("Content-Length: 1048576\r\n") + limit));
  CHECK(rejection(with_headers("Content-Length: 1048577\r\n")) == 413);
  CHECK(complete(chunked("100000\r\n" + limit + "\r\n0\r\n\r\n")));
  CHECK(rejection(chunked("100001\r\n")) == 413);
  CHECK(rejection(chunked("100000\r\n" + limit + "\r\n1\r\n")) == 413);
  CHECK(rejection(chunked("ffffffffffffffff\r\n")) == 413);
  CHECK(rejection(chunked("1\r\na\r\nffffffffffffffff\r\n")) == 413);
}

TEST_CASE("chunk extensions and trailers are limited like a head") {
  CHECK(complete(chunked("1;" + std::string(16381, 'e') + "\r\na\r\n0\r\n\r\n")));
  CHECK(rejection(chunked("1;" + std::string(16382, 'e') + "\r\na\r\n0\r\n\r\n")) == 431);
  CHECK(rejection(chunked("1;" + std::string(20000, 'e'))) == 431);
  std::string half = "1;" + std::string(8192, 'e') + "\r\na\r\n";
  CHECK(rejection(chunked(half + half)) == 431);
  CHECK(complete(chunked("0\r\nT: " + std::string(16384 - 7, 't') + "\r\n\r\n")));
  CHECK(rejection(chunked("0\r\nT: " + std::string(16384 - 6, 't') + "\r\n\r\n")) == 431);
  std::string trailers;
  for (int i = 0; i < 100; ++i) trailers += "T: t\r\n";
  CHECK(complete(chunked("0\r\n" + trailers + "\r\n")));
  CHECK(rejection(chunked("0\r\n" + trailers + "T: t\r\n")) == 431);
}

TEST_CASE("a body with ambiguous framing is rejected") {
  CHECK(rejection(with_headers("Content-Length: 1\r\nTransfer-Encoding: chunked\r\n")) == 400);
  CHECK(rejection(with_headers("Transfer-Encoding: chunked\r\nContent-Length: 1\r\n")) == 400);
  CHECK(rejection(with_headers("Content-Length: 1\r\nContent-Length: 1\r\n")) == 400);
  for (std::string length : {"", "-1", "+1", "1, 1", "1,1", "0x1", "1 1", "1.0", "a",
                             "18446744073709551616", "99999999999999999999999"}) {
    CAPTURE(length);
    CHECK(rejection(with_headers("Content-Length: " + length + "\r\n")) == 400);
  }
  for (std::string coding : {"", "chunked, chunked", "gzip, chunked", "chunked, identity",
                             "chunked;q=1", "\"chunked\"", "chunked,"}) {
    CAPTURE(coding);
    CHECK(rejection(with_headers("Transfer-Encoding: " + coding + "\r\n")) == 400);
  }
  CHECK(rejection(with_headers("Transfer-Encoding: gzip\r\n")) == 501);
  CHECK(rejection(with_headers("Transfer-Encoding: xchunked\r\n")) == 501);
  std::string coding_line = "Transfer-Encoding: chunked\r\n";
  CHECK(rejection(with_headers(coding_line + coding_line)) == 400);
  CHECK(rejection("POST / HTTP/1.0\r\n" + coding_line + "\r\n") == 400);
}

TEST_CASE("bad chunks are rejected") {
  for (std::string size : {"", ";x", "g", "0x1", "-1", "+1", " 1", "1 ", "1 1", "1\ra", "1;\x01",
                           "00000000000000001", "10000000000000000"}) {
    CAPTURE(size);
    CHECK(rejection(chunked(size + "\r\n")) == 400);
  }
  for (std::string body :
       {"1\n", "1\r\naa\r\n", "1\r\na\n", "1\r\na\r\rx", "2\r\na\r\nxx", "0\r\nbad\r\n",
        "0\r\nT: x\n", "0\r\n: x\r\n", "0\r\n folded\r\n", "0\r\n\n"}) {
    CAPTURE(body);
    CHECK(rejection(chunked(body)) == 400);
  }
}

TEST_CASE("a bad request line is rejected") {
  auto status = [](const std::string& line) { return rejection(line + "\r\nHost: a\r\n\r\n"); };
  for (std::string line :
       {"GET /", "GET", "GET  / HTTP/1.1", "GET /  HTTP/1.1", "GET / x HTTP/1.1",
        "GET\t/\tHTTP/1.1", "G(T / HTTP/1.1", " GET / HTTP/1.1", "\x16\x03\x01", "("}) {
    CAPTURE(line);
    CHECK(status(line) == 400);
  }
  for (std::string target : {"/\x01", "/\xC3\xA9", "/a\tb", "/\x7f", "/\r"}) {
    CAPTURE(target);
    CHECK(status("GET " + target + " HTTP/1.1") == 400);
  }
  for (std::string version : {"http/1.1", "HTTP/11", "HTTP/1.1x", "HTTP/1.1 ", "HTTP/1.1\r",
                              "HTTP/a.b", "HTTP/2", "XTTP/1.1"}) {
    CAPTURE(version);
    CHECK(status("GET / " + version) == 400);
  }
  CHECK(rejection(std::string("GET /\0 HTTP/1.1\r\n", 17)) == 400);
  CHECK(rejection("PRI * HTTP/2.0\r\n") == 505);
  CHECK(rejection("GET / HTTP/1.2\r\n") == 505);
  CHECK(rejection("GET / HTTP/0.9\r\n") == 505);
  CHECK(rejection("\x16") == 400);
}

TEST_CASE("a bad header is rejected") {
  for (std::string line :
       {"X : y", "X\t: y", ": y", "X", "X Y: z", "X(: y", "X\xC3: y", " X: y", "\tfolded",
        "X: a\x01", "X: a\rb", "X: a\x7f", "X: y\r", "\r", "\r\rX: y"}) {
    CAPTURE(line);
    CHECK(rejection(with_headers(line + "\r\n")) == 400);
  }
  CHECK(rejection(with_headers(std::string("X: a\0b\r\n", 8))) == 400);
  CHECK(rejection(with_headers("X: y\n")) == 400);
  CHECK(rejection("GET / HTTP/1.1\n") == 400);
  CHECK(rejection("\n") == 400);
  CHECK(rejection("GET / HTTP/1.1\r\nHost: a\r\n\n") == 400);
}

TEST_CASE("HTTP/1.1 has exactly one Host, HTTP/1.0 at most one") {
  CHECK(rejection("GET / HTTP/1.1\r\n\r\n") == 400);
  CHECK(rejection(with_headers("host: a\r\n")) == 400);
  CHECK(rejection("GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n") == 400);
  CHECK(complete("GET / HTTP/1.0\r\nHost: a\r\n\r\n"));
}

TEST_CASE("nothing is read after a rejection") {
  RequestParser parser;
  parser.read("GET /x HTTP/1.1\r\nBAD\r\n");
  CHECK(parser.request().target == "/x");
  CHECK(std::string(parser.error().what()) == "A header line has no colon; send Name: value.");
  CHECK(parser.read("GET / HTTP/1.1\r\nHost: a\r\n\r\n") == 0);
  CHECK(parser.status() == Status::rejected);
}
