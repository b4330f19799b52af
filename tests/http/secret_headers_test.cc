#include "http/secret_headers.h"

#include <doctest/doctest.h>

using http::shown_value;

TEST_CASE("headers that carry credentials show the beginning of their value only") {
  for (const char* name : {"authorization", "Authorization", "AUTHORIZATION", "proxy-authorization",
                           "capgkey", "x-api-key", "X-API-Key", "apikey", "capgo_api", "apisecret",
                           "cookie", "set-cookie", "Set-Cookie"}) {
    CAPTURE(name);
    CHECK(shown_value({name, "ak_0123456789abcdef0123456789abcdef"}) == "ak_012...");
    CHECK(shown_value({name, "Bearer correct-horse-battery"}) == "Bearer...");
    CHECK(shown_value({name, "pass"}) == "pa...");
    CHECK(shown_value({name, "x"}) == "...");
  }
}

TEST_CASE("what looks like a secret in the value of any other header is shortened") {
  for (const char* name : {"X-Custom", "ETag", "X-Request-Ids", "Authorization-Info"}) {
    CAPTURE(name);
    CHECK(shown_value({name, "ak_0123456789abcdef0123456789abcdef"}) == "ak_012...");
    CHECK(shown_value({name, "d9428888-122b-11e1-b85c-61cd3cbb3210"}) == "d94288...");
    CHECK(shown_value({name, "http://localhost/apikey/ak_0123456789abcdef/?x=1"}) ==
          "http://localhost/apikey/ak_012.../?x=1");
    CHECK(shown_value({name, "text/html; charset=utf-8"}) == "text/html; charset=utf-8");
    CHECK(shown_value({name, "pass"}) == "pass");
  }
}

TEST_CASE("an id of a request is shown whole, though it looks like a secret") {
  for (const char* name : {"X-Request-Id", "x-request-id"}) {
    CAPTURE(name);
    CHECK(shown_value({name, "d9428888-122b-11e1-b85c-61cd3cbb3210"}) ==
          "d9428888-122b-11e1-b85c-61cd3cbb3210");
    CHECK(shown_value({name, "ak_0123456789abcdef0123456789abcdef"}) == "ak_012...");
    CHECK(shown_value({name, "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln"}) == "eyJhbG...");
  }
}

TEST_CASE("an empty value of a header stays empty") {
  for (const char* name : {"Authorization", "Accept", "X-Request-Id"}) {
    CAPTURE(name);
    CHECK(shown_value({name, ""}).empty());
  }
}
