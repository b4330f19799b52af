#include "http/shown_path.h"

#include <doctest/doctest.h>

namespace {

/// As it is shown where two secrets are known.
std::string shown(std::string_view path) {
  return http::shorten_secrets_in_path(
      path, [](std::string_view text) { return text == "s3cr!t" || text == "90210"; });
}

}  // namespace

TEST_CASE("what stands where an id should is shortened in a path, unless it is a number") {
  CHECK(shown("/apikey/ak_0123456789abcdef") == "/apikey/ak_012...");
  CHECK(shown("/apikey/ak_0123456789abcdef/") == "/apikey/ak_012.../");
  CHECK(shown("/apikey/ak_0123456789abcdef/x") == "/apikey/ak_012.../...");
  CHECK(shown("/sandbox/one/apikey/ak_0123456789abcdef") == "/sandbox/one/apikey/ak_012...");
  CHECK(shown("/apikey//ak_0123456789abcdef/") == "/apikey//ak_012.../");
  CHECK(shown("/apikey/1/ak_0123456789abcdef") == "/apikey/1/ak_012...");
  CHECK(shown("/apikey/1234567890/") == "/apikey/1234567890/");
  CHECK(shown("/apikey/abc/") == "/apikey/a.../");
  CHECK(shown("/apikey/12a/") == "/apikey/1.../");
  CHECK(shown("/apikey/12/90210/") == "/apikey/12/90.../");
}

TEST_CASE("of a percent-encoded id nothing is shown from the first escape on") {
  CHECK(shown("/apikey/ak%5F0123456789abcdef") == "/apikey/a...");
  CHECK(shown("/apikey/%61k_123/") == "/apikey/.../");
  CHECK(shown("/apikey/ab%20%20%20%20%20") == "/apikey/a...");
  CHECK(shown("/apikey/%33/") == "/apikey/.../");
}

TEST_CASE("elsewhere in a path what looks like a secret or is known for one is shortened") {
  CHECK(shown("/nix/ak_0123456789abcdef") == "/nix/ak_012...");
  CHECK(shown("/nix/ak_123/x/") == "/nix/ak_.../x/");
  CHECK(shown("/nix/ak%5F123/x") == "/nix/a.../x");
  CHECK(shown("/%61%6b_123") == "/...");
  CHECK(shown("/s3cr!t") == "/s3c...");
  CHECK(shown("/s3cr%21t/apikey/1") == "/s3.../apikey/1");
  CHECK(shown("/x;key=s3cr!t") == "/x;key=s3c...");
  CHECK(shown("http://s3cr!t@host/apikey") == "http://s3c...@host/apikey");
  CHECK(shown("/0f1e2d3c-4b5a-4968-8778-695a4b3c2d1e") == "/0f1e2d...");
  CHECK(shown("/apikeys/ak_123") == "/apikeys/ak_...");
}

TEST_CASE("a path without secrets is shown as it is") {
  for (std::string_view path : {"", "/", "//", "/apikey", "/apikey/", "/apikey//", "/APIKEY/1",
                                "/x/apikey", "/nothing/s3cr!", "/a%20b", "/%zz", "*"}) {
    CAPTURE(path);
    CHECK(shown(path) == path);
  }
}

TEST_CASE("of a query or a fragment nothing is shown") {
  CHECK(shown("/apikey/?x=1") == "/apikey/?...");
  CHECK(shown("/apikey/ak_0123456789abcdef?x=1/apikey/2") == "/apikey/ak_012...?...");
  CHECK(shown("/nothing?/apikey/ak_0123456789abcdef") == "/nothing?...");
  CHECK(shown("/apikey/7#ak_123") == "/apikey/7#...");
  CHECK(shown("?") == "?...");
}

TEST_CASE("nobody needs to know of secrets") {
  CHECK(http::shorten_secrets_in_path("/s3cr!t/ak_123?x", {}) == "/s3cr!t/ak_...?...");
}
