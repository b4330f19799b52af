#include "base/redact.h"

#include <doctest/doctest.h>

using base::redact;
using base::redact_header;
using base::redact_path;
using base::redact_text;

namespace {

const std::string kKey = "ak_0123456789abcdef";
const std::string kJwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln";
const std::string kUuid = "1b4e28ba-2fa1-11d2-883f-0016d3cca427";

}  // namespace

TEST_CASE("a secret is redacted to its first 6 characters") {
  CHECK(redact("") == "");
  CHECK(redact("ak_123") == "ak_123");
  CHECK(redact("ak_1234") == "ak_123...");
  CHECK(redact(kUuid) == "1b4e28...");
}

TEST_CASE("credentials in a text are redacted, and nothing else is") {
  CHECK(redact_text("") == "");
  CHECK(redact_text("no key has the secret \"" + kKey + "\", nor " + kKey) ==
        "no key has the secret \"ak_012...\", nor ak_012...");
  CHECK(redact_text("{\"a\":\"" + kJwt + "\",\"b\":1}") == "{\"a\":\"eyJhbG...\",\"b\":1}");
  CHECK(redact_text("key=" + kKey + "&x=1") == "key=ak_012...&x=1");
  CHECK(redact_text("token_" + kKey) == "token_ak_012...");
  CHECK(redact_text("ak_ak_" + kKey.substr(3)) == "ak_ak_012...");
  CHECK(redact_text("ak_0123456789ABCDEF0") == "ak_012...");
  for (const char* plain :
       {"ak_123", "ak_0123456789abcde", "ak_0123456789abcdeg", "eyJ.a", "a.b.c", "com.demo.app",
        "the org 1b4e28ba-2fa1-11d2-883f-0016d3cca427", "\xC3\xA9\n\x01"}) {
    CHECK(redact_text(plain) == plain);
  }
}

TEST_CASE("the value of a credential header is redacted in any form") {
  for (const char* name :
       {"authorization", "Authorization", "capgkey", "X-API-Key", "apikey", "capgo_api",
        "apisecret", "Cookie", "Set-Cookie", "Proxy-Authorization"}) {
    CHECK(redact_header(name, "Bearer abc") == "Bearer...");
    CHECK(redact_header(name, kUuid) == "1b4e28...");
  }
  CHECK(redact_header("X-Request-Id", kUuid) == kUuid);
  CHECK(redact_header("X-Custom", "is " + kKey) == "is ak_012...");
}

TEST_CASE("a credential that is sent as the name of a header is redacted in any case") {
  CHECK(base::redact_header_name("Ak_0123456789Abcdef") == "Ak_012...");
  CHECK(base::redact_header_name("AK_0123456789ABCDEF") == "AK_012...");
  CHECK(base::redact_header_name("11111111-1111-4111-8111-111111111111") == "111111...");
  for (const char* name : {"Authorization", "X-Ak_012345", "11111111-1111"}) {
    CHECK(base::redact_header_name(name) == name);
  }
}

TEST_CASE("the UUID of a key and other credentials in a path are redacted") {
  CHECK(redact_path("/apikey/") == "/apikey/");
  CHECK(redact_path("/apikey/12/") == "/apikey/12/");
  CHECK(redact_path("/apikey/" + kUuid) == "/apikey/1b4e28...");
  CHECK(redact_path("/functions/v1/apikey/" + kUuid + "/x") == "/functions/v1/apikey/1b4e28.../x");
  CHECK(redact_path("/apikey/" + kKey + "/" + kKey) == "/apikey/ak_012.../ak_012...");
  CHECK(redact_path("/other/" + kUuid) == "/other/" + kUuid);
  CHECK(redact_path("/" + kJwt) == "/eyJhbG...");
}
