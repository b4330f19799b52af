// The control call that signs in a user.

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "base/time_format.h"
#include "capgo/user_token.h"
#include "engine/requests.h"

using engine_tests::ask;
using engine_tests::kBadBody;
using engine_tests::rejection;

namespace {

constexpr const char* kTokens = "/__admin/tokens";

constexpr const char* kOwnedKey = R"({"keys":[
  {"key":"ak_read","mode":"read","name":"Read","user_id":"user_other"},
  {"key":"ak_all","mode":"all","name":"All","user_id":"user_owner"}]})";

engine::Engine engine_with(const std::string& fixture, const std::string& secret = "secret") {
  test_engine::Options options;
  options.fixture = fixture;
  engine::EngineConfig config = test_engine::make_config(options);
  config.sandbox.jwt_secret = secret;
  return engine::Engine(std::move(config));
}

/// The response with a token.
std::string token_for(const std::string& user, const char* from, const char* until,
                      const std::string& secret = "secret") {
  std::string token =
      capgo::make_user_token(user, secret, *base::parse_time(from), *base::parse_time(until));
  return R"(200 {"token":")" + token + R"(","user_id":")" + user + R"(","expires_at":")" +
         std::string(until) + "\"}";
}

}  // namespace

TEST_CASE("a token is for the owner of the key to start with, and expires in an hour") {
  engine::Engine engine = engine_with(kOwnedKey);
  std::string expected = token_for("user_owner", "2024-02-12T00:00:00Z", "2024-02-12T01:00:00Z");
  for (const char* body : {"", "{}", R"({"user_id":null,"expires_in":null})"}) {
    CAPTURE(body);
    CHECK(ask(engine, "POST", kTokens, body) == expected);
  }
}

TEST_CASE("without a key, a token is for the default user of the contract") {
  engine::Engine engine = engine_with(R"({"keys":[]})");
  CHECK(ask(engine, "POST", kTokens) ==
        token_for("user_123", "2024-02-12T00:00:00Z", "2024-02-12T01:00:00Z"));
}

TEST_CASE("a token is for the given user and time, and is signed with the secret of the server") {
  engine::Engine engine = engine_with(kOwnedKey, "another secret");
  auto ask_for = [&](const std::string& expires_in) {
    return ask(engine, "POST", kTokens, R"({"user_id":"u","expires_in":")" + expires_in + "\"}");
  };
  struct Row {
    std::string expires_in;
    const char* until;
  };
  for (const Row& row : {Row{"31d", "2024-03-14T00:00:00Z"}, Row{"P1M", "2024-03-12T00:00:00Z"},
                         Row{"90s", "2024-02-12T00:01:30Z"}, Row{"1999ms", "2024-02-12T00:00:01Z"},
                         Row{"0s", "2024-02-12T00:00:00Z"}}) {
    CAPTURE(row.expires_in);
    CHECK(ask_for(row.expires_in) ==
          token_for("u", "2024-02-12T00:00:00Z", row.until, "another secret"));
  }
}

TEST_CASE("the times of a token are those of its sandbox, in whole seconds") {
  engine::Engine engine = engine_with(kOwnedKey);
  ask(engine, "PUT", "/sandbox/w/__admin/clock", R"({"now":"2030-01-01T00:00:00.999Z"})");
  CHECK(ask(engine, "POST", std::string("/sandbox/w") + kTokens) ==
        token_for("user_owner", "2030-01-01T00:00:00Z", "2030-01-01T01:00:00Z"));
  CHECK(ask(engine, "POST", kTokens) ==
        token_for("user_owner", "2024-02-12T00:00:00Z", "2024-02-12T01:00:00Z"));
}

TEST_CASE("the body of a call for a token is checked") {
  engine::Engine engine = engine_with(kOwnedKey);
  struct Row {
    const char* body;
    std::vector<std::string> details;
  };
  constexpr std::string_view kDurationAdvice =
      " is not a valid duration; write one such as 31d, 12h, 15m, 90s, 2w or P1DT12H, up to ten "
      "thousand years";
  for (const Row& row : {
           Row{R"({"user_id":7})", {"body:1:12: /user_id: 7 must be a string"}},
           Row{R"({"user_id":""})", {"body:1:12: /user_id: must not be empty"}},
           Row{R"({"expires_in":"soon"})",
               {"body:1:15: /expires_in: \"soon\"" + std::string(kDurationAdvice)}},
           Row{R"({"expires_in":3600})",
               {"body:1:15: /expires_in: 3600 is not a valid duration; write \"3600s\" for that "
                "many seconds"}},
           Row{R"({"expires_at":"1h"})",
               {"body:1:2: /expires_at: unknown field; did you mean \"expires_in\"?"}},
       }) {
    CAPTURE(row.body);
    CHECK(ask(engine, "POST", kTokens, row.body) == rejection(400, kBadBody, row.details));
  }
  CHECK(ask(engine, "POST", kTokens, R"({"expires_in":"P9000Y"})") ==
        rejection(400, "a token cannot expire after the year 9999",
                  {"the time is 2024-02-12T00:00:00Z"}));
  CHECK(ask(engine, "GET", kTokens).starts_with("404 "));
}
