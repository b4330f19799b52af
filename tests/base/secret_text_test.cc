#include "base/secret_text.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using base::credential_scheme;
using base::looks_like_secret;
using base::shorten_secret;
using base::shorten_secrets;

namespace {

constexpr std::string_view kUuid = "0f1e2d3c-4b5a-4968-8778-695A4B3C2D1E";
constexpr std::string_view kJwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ1c2VyXzEyMyJ9.c2ln";

}  // namespace

TEST_CASE("a secret is shown by its first 6 characters, and by no more than half of it") {
  CHECK(shorten_secret("ak_0123456789abcdef0123456789abcdef") == "ak_012...");
  CHECK(shorten_secret("ak_123456789") == "ak_123...");
  CHECK(shorten_secret("ak_12345678") == "ak_12...");
  CHECK(shorten_secret("ak_1234") == "ak_...");
  CHECK(shorten_secret("ak_123") == "ak_...");
  CHECK(shorten_secret("s3cr!t") == "s3c...");
  CHECK(shorten_secret("ab") == "a...");
  CHECK(shorten_secret("a") == "...");
  CHECK(shorten_secret("").empty());
}

TEST_CASE("of a text of several pieces no more than half of the first one is shown") {
  CHECK(shorten_secret("ak_12 and more of it") == "ak...");
  CHECK(shorten_secret("ak_12,ak_34,ak_56") == "ak...");
  CHECK(shorten_secret("a/bcdefghijklmnop") == "...");
  CHECK(shorten_secret("{11111111-1111-4111-8111-111111111111}") == "{11111...");
  CHECK(shorten_secret("\"ab\"") == "\"a...");
  CHECK(shorten_secret("((") == "(...");
  CHECK(shorten_secret(" ") == "...");
}

TEST_CASE("a scheme before a credential stays, and nothing of the credential") {
  CHECK(shorten_secret("Bearer ak_0123456789abcdef") == "Bearer...");
  CHECK(shorten_secret("bearer ak_123") == "bearer...");
  CHECK(shorten_secret("BASIC YWs6") == "BASIC...");
  CHECK(shorten_secret("Token a") == "Token...");
  CHECK(credential_scheme("Bearer ak_123") == "Bearer");
  CHECK(credential_scheme("basic ") == "basic");
  for (std::string_view none : {"", " ", "Bearer", "Bear ak_123", "Bearers ak_123", " Bearer x",
                                "token", "ak_123 Bearer"}) {
    CAPTURE(none);
    CHECK(credential_scheme(none).empty());
  }
}

TEST_CASE("only what begins with ak_, and a JWT, have the form of keys") {
  for (std::string_view text : {std::string_view("ak_"), std::string_view("ak_123"), kJwt}) {
    CAPTURE(text);
    CHECK(base::has_key_form(text));
  }
  for (std::string_view text : {std::string_view(""), std::string_view("ak"), kUuid,
                                std::string_view("AK_123"), std::string_view("my-ak_123")}) {
    CAPTURE(text);
    CHECK_FALSE(base::has_key_form(text));
  }
}

TEST_CASE("what begins with ak_, a UUID, a JWT and a token look like secrets") {
  for (std::string_view secret :
       {std::string_view("ak_"), std::string_view("ak_123"), kUuid, kJwt, std::string_view("eyJ.."),
        std::string_view("sk_live_51H8abcd0123"), std::string_view("ABCDefgh01234567ijkl"),
        std::string_view("abCD1234+/efGH5678==")}) {
    CAPTURE(secret);
    CHECK(looks_like_secret(secret));
  }
}

TEST_CASE("modes, dates, ids of apps, numbers and names do not look like secrets") {
  for (std::string_view plain :
       {"", "reed", "a", "AK_123", "ak-123", "2099-01-31", "2024-02-12T00:00:00.000Z",
        "com.demo.app", "com.example.verylongname.app2024", "org_acme", "user_123",
        "12345678901234567890123", "1.7976931348623157e+308", "expiration_exceeds_max",
        "limited_to_apps_strings_202", "abcd1234abcd1234abc", "eyJ.", "eyJ...", "a.b.c"}) {
    CAPTURE(plain);
    CHECK_FALSE(looks_like_secret(plain));
  }
}

TEST_CASE("a UUID has hex digits of either case in five groups, and nothing around them") {
  CHECK(base::has_uuid_form(kUuid));
  for (std::string_view other :
       {"", "0f1e2d3c-4b5a-4968-8778-695a4b3c2d1", "0f1e2d3c-4b5a-4968-8778-695a4b3c2d1e0",
        "0f1e2d3c-4b5a-4968-8778-695a4b3c2d1g", "0f1e2d3c04b5a-4968-8778-695a4b3c2d1e",
        "{0f1e2d3c-4b5a-4968-8778-695a4b3c2d1e}", "0f1e2d3c-4b5a-4968-8778-695a4b3c2d\xC3\xA9"}) {
    CAPTURE(other);
    CHECK_FALSE(base::has_uuid_form(other));
  }
}

TEST_CASE("secrets within a text are shortened, and nothing else of it is changed") {
  CHECK(shorten_secrets("no key has ak_123 today") == "no key has ak_... today");
  CHECK(shorten_secrets("  ak_123\tak_12345678\n") == "  ak_...\tak_12...\n");
  CHECK(shorten_secrets(R"({"key":"ak_123","at":"2024-01-31T00:00:00Z"})") ==
        R"({"key":"ak_...","at":"2024-01-31T00:00:00Z"})");
  CHECK(shorten_secrets("2099-01-01 (" + std::string(kUuid) + ")") == "2099-01-01 (0f1e2d...)");
  CHECK(shorten_secrets("http://user:" + std::string(kJwt) + "@host/x?key=ak_123&y") ==
        "http://user:eyJhbG...@host/x?key=ak_...&y");
  CHECK(shorten_secrets("ak_1,ak_2;ak_3") == "ak...");
  CHECK(shorten_secrets("a mode \"reed\", a/b\\c; <d> {e}  f") ==
        "a mode \"reed\", a/b\\c; <d> {e}  f");
  CHECK(shorten_secrets("").empty());
}

TEST_CASE("who knows the secrets says which pieces are some, the larger pieces first") {
  std::vector<std::string> asked;
  auto is_secret = [&](std::string_view text) {
    asked.emplace_back(text);
    return text == "a,b" || text == "s3cr!t";
  };
  CHECK(shorten_secrets("x (a,b) s3cr!t:y c,d:e", is_secret) == "x (...) s3c...:y c,d:e");
  CHECK(asked == std::vector<std::string>{"x (a,b) s3cr!t:y c,d:e", "x", "(a,b)", "a,b", "s3cr!t:y",
                                          "s3cr!t", "y", "c,d:e", "c", "d:e", "d", "e"});
}

TEST_CASE("a text is judged no further than it will be shown, and the last piece whole") {
  int asked = 0;
  auto is_secret = [&](std::string_view text) {
    ++asked;
    return text == "secret-at-the-edge";
  };
  CHECK(shorten_secrets("1234 secret-at-the-edge ak_123", is_secret, 6) == "1234 secret... ");
  CHECK(asked == 3);
  CHECK(shorten_secrets("123456789 ak_123", is_secret, 4) == "123456789 ");
}
