#include "http/path_pattern.h"

#include <doctest/doctest.h>

#include <array>
#include <cstdio>

namespace {

using http::match_path;
using http::percent_decode;

/// `id=3 name=x` for a path that matches, `match` if it has no parameters, `no` if it does not
/// match.
std::string matched(std::string_view pattern, std::string_view path) {
  auto params = match_path(pattern, path);
  if (!params) return "no";
  std::string text;
  for (const auto& [name, value] : *params) {
    text += (text.empty() ? "" : " ") + name + "=" + value;
  }
  return text.empty() ? "match" : text;
}

std::string value_of(std::string_view query, std::string_view name) {
  http::Query fields(query);
  const std::string* value = fields.find(name);
  return value == nullptr ? "(none)" : *value;
}

std::string escaped(const char* format, int byte) {
  std::array<char, 8> text{};
  std::snprintf(text.data(), text.size(), format, byte);
  return text.data();
}

}  // namespace

TEST_CASE("a path without parameters matches itself only") {
  CHECK(matched("/apikey/", "/apikey/") == "match");
  CHECK(matched("/a/b/c", "/a/b/c") == "match");
  CHECK(matched("/", "/") == "match");
  CHECK(matched("/apikey/", "/apikeys/") == "no");
  CHECK(matched("/apikey/", "/apike/") == "no");
  CHECK(matched("/apikey/", "/") == "no");
  CHECK(matched("/apikey/", "") == "no");
  CHECK(matched("/apikey/", "/apikey/1") == "no");
  CHECK(matched("/a/b/c", "/a/b") == "no");
  CHECK(matched("/apikey/", "apikey/") == "no");
  CHECK(matched("/apikey/", "/x/apikey/") == "no");
}

TEST_CASE("a trailing slash is optional on either side") {
  CHECK(matched("/apikey/", "/apikey") == "match");
  CHECK(matched("/apikey", "/apikey/") == "match");
  CHECK(matched("/apikey/:id/", "/apikey/3") == "id=3");
  CHECK(matched("/apikey/:id", "/apikey/3/") == "id=3");
}

TEST_CASE("a double slash matches nothing") {
  for (std::string_view path : {"/apikey//", "//apikey/", "//apikey", "//apikey//", "//", "///",
                                "/apikey/3//", "/apikey//3", "/apikey//3/", "//apikey/3"}) {
    CAPTURE(path);
    for (std::string_view pattern : {"/", "/apikey/", "/apikey", "/apikey/:id/", "/apikey/:id",
                                     "/:a", "/:a/:b/", "/:a/:b/:c"}) {
      CAPTURE(pattern);
      CHECK(matched(pattern, path) == "no");
    }
  }
}

TEST_CASE("paths are case-sensitive") {
  CHECK(matched("/apikey/", "/APIKEY/") == "no");
  CHECK(matched("/apikey/", "/Apikey") == "no");
}

TEST_CASE("a parameter matches one non-empty segment") {
  CHECK(matched("/apikey/:id/", "/apikey/abc-1.5") == "id=abc-1.5");
  CHECK(matched("/apikey/:id/", "/apikey/") == "no");
  CHECK(matched("/apikey/:id/", "/apikey") == "no");
  CHECK(matched("/apikey/:id/", "/apikey/7/x") == "no");
  CHECK(matched("/:one/:two", "/a/b") == "one=a two=b");
  CHECK(matched("/orgs/:org/keys/:id/", "/orgs/acme/keys/3/") == "org=acme id=3");
  CHECK(matched("/orgs/:org/keys/:id/", "/orgs/acme/apps/3/") == "no");
}

TEST_CASE("a parameter is percent-decoded once, and the pattern's own text is not") {
  CHECK(matched("/apikey/:id/", "/apikey/%33") == "id=3");
  CHECK(matched("/apikey/:id/", "/apikey/a%2Fb/") == "id=a/b");
  CHECK(matched("/apikey/:id/", "/apikey/%2533") == "id=%33");
  CHECK(matched("/apikey/:id/", "/apikey/%zz") == "id=%zz");
  CHECK(matched("/apikey/", "/%61pikey/") == "no");
}

TEST_CASE("a pattern that ends with * matches every path with its prefix") {
  CHECK(matched("/apikey*", "/apikey") == "match");
  CHECK(matched("/apikey*", "/apikey/3/") == "match");
  CHECK(matched("/apikey*", "/apikeys") == "match");
  CHECK(matched("/apikey*", "/apike") == "no");
  CHECK(matched("/apikey*", "/x/apikey") == "no");
  CHECK(matched("/apikey/*", "/apikey/3") == "match");
  CHECK(matched("/apikey/*", "/apikey/") == "match");
  CHECK(matched("/apikey/*", "/apikey") == "no");
  for (std::string_view path : {"/", "", "/apikey//3", "*", "/a?b"}) {
    CAPTURE(path);
    CHECK(matched("*", path) == "match");
  }
}

TEST_CASE("a parameter is found by its name") {
  auto params = match_path("/:org/:id", "/acme/3");
  REQUIRE(params.has_value());
  REQUIRE(http::find_param(*params, "id") != nullptr);
  CHECK(*http::find_param(*params, "id") == "3");
  CHECK(*http::find_param(*params, "org") == "acme");
  CHECK(http::find_param(*params, "ID") == nullptr);
  CHECK(http::find_param({}, "id") == nullptr);
}

TEST_CASE("every byte is percent-decoded, with digits of either case") {
  CHECK(percent_decode("") == "");
  CHECK(percent_decode("plain+text") == "plain+text");
  CHECK(percent_decode("%41%62%20c") == "Ab c");
  CHECK(percent_decode("%e2%82%AC") == "\u20AC");
  CHECK(percent_decode("%00") == std::string(1, '\0'));
  for (int byte = 0; byte < 256; ++byte) {
    CAPTURE(byte);
    std::string expected(1, static_cast<char>(byte));
    CHECK(percent_decode(escaped("%%%02X", byte)) == expected);
    CHECK(percent_decode(escaped("%%%02x", byte)) == expected);
  }
}

TEST_CASE("a whole path is decoded, except slashes and percent signs") {
  CHECK(http::decode_path("/%61pikey/%33") == "/apikey/3");
  CHECK(http::decode_path("/caf%C3%A9/%20") == "/caf\u00E9/ ");
  CHECK(http::decode_path("/a%2Fb%2f/%25%2533") == "/a%2Fb%2F/%25%2533");
  CHECK(http::decode_path("/%zz/%4/%") == "/%zz/%4/%");
  CHECK(http::decode_path("/a%2a/%3Aid") == "/a%2A/%3Aid");
}

TEST_CASE("a malformed escape is left unchanged") {
  for (std::string_view text : {"%", "%%", "%4", "%zz", "%4z", "%z4", "a%", "a%4", "%+1", "% 1",
                                "%-1", "%:0", "%@0", "%G0", "%`0", "%g0", "%0/"}) {
    CAPTURE(text);
    CHECK(percent_decode(text) == text);
  }
  CHECK(percent_decode("%zz%41%") == "%zzA%");
  CHECK(percent_decode("%%41") == "%A");
  CHECK(percent_decode("%4%41") == "%4A");
}

TEST_CASE("a field of a query is found by its name") {
  CHECK(value_of("a=1&b=2", "a") == "1");
  CHECK(value_of("a=1&b=2", "b") == "2");
  CHECK(value_of("a=1&b=2", "c") == "(none)");
  CHECK(value_of("aa=1", "a") == "(none)");
  CHECK(value_of("a=1", "aa") == "(none)");
  CHECK(value_of("A=1", "a") == "(none)");
  CHECK(value_of("", "a") == "(none)");
  CHECK(value_of("&&a=1&&", "a") == "1");
}

TEST_CASE("the first of several fields with one name counts, encoded or not") {
  CHECK(value_of("a=1&a=2", "a") == "1");
  CHECK(value_of("b=0&a&a=2", "a").empty());
  CHECK(value_of("%61=1&a=2", "a") == "1");
  CHECK(value_of("a=1&%61=2", "a") == "1");
}

TEST_CASE("a query contains the values of all fields of a name") {
  http::Query query("a=1&b=2&%61=x+y&a");
  for (std::string_view value : {"1", "x y", ""}) CHECK(query.contains("a", value));
  CHECK(query.contains("b", "2"));
  for (std::string_view value : {"2", "x", "x+y", "1 "}) CHECK_FALSE(query.contains("a", value));
  CHECK_FALSE(query.contains("b", ""));
  CHECK_FALSE(query.contains("A", "1"));
}

TEST_CASE("a query is parsed once, and results stay valid") {
  http::Query query("a=1&b=2");
  const std::string* a = query.find("a");
  REQUIRE(a != nullptr);
  REQUIRE(query.find("b") != nullptr);
  CHECK(*query.find("b") == "2");
  CHECK(query.find("c") == nullptr);
  CHECK(query.find("a") == a);
  CHECK(*a == "1");
}

TEST_CASE("query fields keep their order, including duplicate names") {
  using Fields = std::vector<std::pair<std::string, std::string>>;
  CHECK(http::query_fields("b=1&a=x+y&b=%32") == Fields{{"b", "1"}, {"a", "x y"}, {"b", "2"}});
  CHECK(http::query_fields("").empty());
}

TEST_CASE("a field of a query may have no value, or an equals sign in it") {
  CHECK(value_of("a", "a").empty());
  CHECK(value_of("a=", "a").empty());
  CHECK(value_of("b&a&c", "a").empty());
  CHECK(value_of("a=b=c", "a") == "b=c");
  CHECK(value_of("x=a=1&a=2", "a") == "2");
}

TEST_CASE("a query field is decoded, and plus is a space") {
  CHECK(value_of("a=x+y%20z", "a") == "x y z");
  CHECK(value_of("a=1%2B1", "a") == "1+1");
  CHECK(value_of("a=1%262&b=3", "a") == "1&2");
  CHECK(value_of("a=%zz", "a") == "%zz");
  CHECK(value_of("n%61me=x", "name") == "x");
}
