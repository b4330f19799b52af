#include "http/message.h"

#include <doctest/doctest.h>

#include "base/ascii.h"

namespace {

using http::Headers;
using http::Request;

/// The header lines, one per line.
std::string lines_of(const Headers& headers) {
  std::string text;
  for (const http::Header& line : headers)
    text.append(line.name).append(": ").append(line.value).append("\n");
  return text;
}

std::string value_of(const Headers& headers, std::string_view name) {
  auto value = headers.find(name);
  return std::string(value.value_or("(none)"));
}

Request request_for(std::string target) { return {"GET", std::move(target), {}, ""}; }

std::string path_of(std::string target) {
  return std::string(request_for(std::move(target)).path());
}

std::string query_of(std::string target) {
  return std::string(request_for(std::move(target)).query());
}

}  // namespace

TEST_CASE("header names are case-insensitive") {
  CHECK(base::equal_ignoring_case("Content-Type", "content-type"));
  CHECK(base::equal_ignoring_case("X-API-KEY", "x-api-key"));
  CHECK(base::equal_ignoring_case("", ""));
  CHECK_FALSE(base::equal_ignoring_case("Content-Type", "Content-Typ"));
  CHECK_FALSE(base::equal_ignoring_case("Content-Typ", "Content-Type"));
  CHECK_FALSE(base::equal_ignoring_case("Content-Type", "Content_Type"));
  CHECK_FALSE(base::equal_ignoring_case("a[", "a{"));
  CHECK_FALSE(base::equal_ignoring_case("", "a"));
}

TEST_CASE("a secret in a header is redacted, whether it is the value or the name") {
  const std::string key = "ak_0123456789abcdef";
  Headers headers{{"Authorization", "ak_demo_secret"}, {key, "x"}, {"X-" + key, key}, {"Via", "a"}};
  CHECK(lines_of(http::redact_headers(headers)) ==
        "Authorization: ak_dem...\nak_012...: x\nX-ak_012...: ak_012...\nVia: a\n");
}

TEST_CASE("header lines keep their order, including duplicate names") {
  Headers headers{{"B", "1"}, {"a", "2"}};
  headers.add("b", "3");
  headers.add("A", "");
  CHECK(lines_of(headers) == "B: 1\na: 2\nb: 3\nA: \n");
  CHECK(headers.size() == 4);
  CHECK_FALSE(headers.empty());
}

TEST_CASE("a header is found by name in any case, and its first line counts") {
  Headers headers{{"X-Key", "first"}, {"Host", "here"}, {"x-key", "second"}};
  CHECK(value_of(headers, "x-KEY") == "first");
  CHECK(value_of(headers, "HOST") == "here");
  CHECK(value_of(headers, "X-Ke") == "(none)");
}

TEST_CASE("an empty header value is a value") {
  Headers headers{{"Authorization", ""}, {"authorization", "ak_1"}};
  CHECK(value_of(headers, "authorization").empty());
}

TEST_CASE("setting a header replaces every line of its name") {
  Headers headers{{"Host", "here"}, {"X-Key", "1"}, {"x-key", "2"}};
  headers.set("X-KEY", "3");
  CHECK(lines_of(headers) == "Host: here\nX-KEY: 3\n");
}

TEST_CASE("setting a missing header adds it") {
  Headers headers{{"Host", "here"}};
  headers.set("X-Key", "1");
  CHECK(lines_of(headers) == "Host: here\nX-Key: 1\n");
}

TEST_CASE("lines of the same name are combined at the place of the first, whatever their case") {
  CHECK(
      lines_of(http::combine_headers({{"A", "1"}, {"B", "2"}, {"a", ""}, {"C", ""}, {"A", "3"}})) ==
      "A: 1, , 3\nB: 2\nC: \n");
  CHECK(http::combine_headers({}).empty());
}

TEST_CASE("the path is the target before the question mark, still encoded") {
  CHECK(path_of("/apikey/") == "/apikey/");
  CHECK(path_of("/apikey/%33?x=1") == "/apikey/%33");
  CHECK(path_of("/a%3Fb?c?d") == "/a%3Fb");
  CHECK(path_of("/?x=/y") == "/");
  CHECK(path_of("//apikey//") == "//apikey//");
  CHECK(path_of("/apikey/#x?y") == "/apikey/");
  CHECK(path_of("*") == "*");
  CHECK(path_of("").empty());
}

TEST_CASE("the path of an absolute target follows its host") {
  CHECK(path_of("http://127.0.0.1:12113/apikey/?x=1") == "/apikey/");
  CHECK(path_of("https://api.capgo.app/apikey/1") == "/apikey/1");
  CHECK(path_of("http://127.0.0.1:12113") == "/");
  CHECK(path_of("http://127.0.0.1:12113?x=/y") == "/");
  CHECK(query_of("http://127.0.0.1:12113/apikey/?x=1") == "x=1");
  CHECK(path_of("/redirect/http://other/apikey/") == "/redirect/http://other/apikey/");
  CHECK(path_of("/apikey/?to=http://other/") == "/apikey/");
}

TEST_CASE("the query is the target after the question mark, without a fragment") {
  CHECK(query_of("/apikey/?a=1&b=%32") == "a=1&b=%32");
  CHECK(query_of("/apikey/?a=1#b?c") == "a=1");
  CHECK(query_of("/apikey/?a=1?b") == "a=1?b");
  CHECK(query_of("/apikey/").empty());
  CHECK(query_of("/apikey/?").empty());
  CHECK(query_of("/apikey/#b?a=1").empty());
}

TEST_CASE("a header value is printable ASCII and not too long") {
  CHECK(http::to_header_value("key 2 has mode \"read\" ~") == "key 2 has mode \"read\" ~");
  CHECK(http::to_header_value("a\r\nb\tc\x7F\u00E9") == "a??b?c???");
  CHECK(http::to_header_value(std::string(501, 'x')) == std::string(500, 'x'));
  CHECK(http::to_header_value("  two words ") == "two words");
  CHECK(http::to_header_value(std::string(499, 'x') + " y") == std::string(499, 'x'));
  CHECK(http::to_header_value("  ").empty());
}
