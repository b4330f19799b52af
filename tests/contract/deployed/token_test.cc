#include <doctest/doctest.h>

#include <array>

#include "base/base64.h"
#include "base/sha256.h"
#include "base/time_format.h"
#include "capgo/user_token.h"
#include "contract/deployed/token.h"

using contract::deployed::read_token;
using contract::deployed::verify_token;

namespace {

const std::string kSecret = "secret";
const std::string kHeader = R"({"alg":"HS256","typ":"JWT"})";
const std::string kClaims = R"({"sub":"user-1","exp":1706702401})";
const base::Time kNow = *base::parse_time("2024-01-31T12:00:00Z");  // 1706702400

std::string sign(const std::string& header, const std::string& claims) {
  std::string head = base::encode_base64url(header) + "." + base::encode_base64url(claims);
  return head + "." + base::encode_base64url(base::hmac_sha256(kSecret, head));
}

std::string problem_of(const std::string& token) {
  return verify_token(token, kSecret, kNow).problem;
}

}  // namespace

TEST_CASE("a token is verified with its secret, with and without Bearer") {
  std::string token = sign(kHeader, kClaims);
  for (const std::string& sent : {token, "Bearer " + token}) {
    CHECK(verify_token(sent, kSecret, kNow).problem.empty());
    CHECK(verify_token(sent, kSecret, kNow).subject == "user-1");
  }
  // The example of https://jwt.io
  auto [problem, subject] = verify_token(
      "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiaWF"
      "0IjoxNTE2MjM5MDIyfQ.SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c",
      "your-256-bit-secret", kNow);
  CHECK(problem.empty());
  CHECK(subject == "1234567890");
}

TEST_CASE("the default secret is that of local Supabase stacks") {
  // The anonymous key of every local stack.
  std::string anonymous =
      "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJzdXBhYmFzZS1kZW1vIiwicm9sZSI6ImFub24iLCJleHA"
      "iOjE5ODM4MTI5OTZ9.CRXP1A7WOeoJeXxjNni43kdQwgnWNReilDMblYTn_I0";
  CHECK(verify_token(anonymous, capgo::kLocalSupabaseSecret, kNow).problem ==
        "is a JWT without a sub");
  CHECK(
      verify_token(anonymous, kSecret, kNow).problem.starts_with("is signed with another secret"));
}

TEST_CASE("Bearer is dropped exactly once") {
  std::string token = sign(kHeader, kClaims);
  for (const std::string prefix :
       {"bearer ", "BEARER ", "Bearer  ", "Bearer Bearer ", "Bearer bearer ", " Bearer "}) {
    CAPTURE(prefix);
    CHECK(problem_of(prefix + token) ==
          "does not begin with exactly one \"Bearer \", with a capital B and one space");
  }
  for (const std::string prefix : {"Bearer\t", "Token ", "Basic "}) {
    CAPTURE(prefix);
    CHECK(problem_of(prefix + token) == "is a JWT whose parts are not base64url");
  }
}

TEST_CASE("text that is not a JWT is rejected") {
  std::string token = sign(kHeader, kClaims);
  size_t last = token.rfind('.');
  for (const std::string& sent : {std::string(), std::string("x"), std::string("Bearer "),
                                  std::string("a.b"), token + ".x", token.substr(0, last)}) {
    CAPTURE(sent);
    CHECK(problem_of(sent) == "does not have the three parts of a JWT");
  }
  for (const std::string& sent :
       {"=" + token, token.substr(0, last) + "=" + token.substr(last), std::string("x.y.z")}) {
    CAPTURE(sent);
    CHECK(problem_of(sent) == "is a JWT whose parts are not base64url");
  }
}

TEST_CASE("a token with another algorithm is rejected") {
  for (const std::string header :
       {R"({"alg":"none"})", R"({"alg":"None"})", R"({"alg":"HS512"})", R"({"alg":"hs256"})",
        R"({"alg":"RS256"})", R"({"alg":""})", R"({"alg":null})", R"({"alg":["HS256"]})", "{}"}) {
    CAPTURE(header);
    constexpr std::string_view kOther =
        "is a JWT whose alg is not HS256, the only one that --jwt-secret can verify";
    std::string token = sign(header, kClaims);
    CHECK(problem_of(token) == kOther);
    CHECK(problem_of(token.substr(0, token.rfind('.') + 1)) == kOther);
  }
  for (const std::string header : {"", "[]", "HS256", "\"HS256\"", R"({"alg":"HS256")"}) {
    CAPTURE(header);
    CHECK(problem_of(sign(header, kClaims)) == "is a JWT whose header is not a JSON object");
  }
}

TEST_CASE("a token with another signature is rejected") {
  constexpr std::string_view kOther =
      "is signed with another secret; sign it with that of --jwt-secret, or get a token from POST "
      "/__admin/tokens";
  std::string token = sign(kHeader, kClaims);
  size_t last = token.rfind('.');
  std::string signature = token.substr(last + 1);
  std::string changed = sign(kHeader, R"({"sub":"user-2","exp":1706702401})");
  for (const std::string& sent :
       {token.substr(0, last + 1), token.substr(0, token.size() - 2), token + "=", token + "AAAA",
        changed.substr(0, changed.rfind('.') + 1) + signature}) {
    CAPTURE(sent);
    CHECK(problem_of(sent) == kOther);
  }
  // Every bit counts.
  std::string bytes = *base::decode_base64(signature);
  for (size_t i = 0; i < bytes.size() * 8; ++i) {
    std::string flipped = bytes;
    flipped[i / 8] = static_cast<char>(flipped[i / 8] ^ (1 << (i % 8)));
    CHECK(problem_of(token.substr(0, last + 1) + base::encode_base64url(flipped)) == kOther);
  }
}

TEST_CASE("claims that are not a JSON object are rejected") {
  for (const std::string claims : {"", "null", "[]", "\"x\"", "1", "{\"sub\":\"x\""}) {
    CAPTURE(claims);
    CHECK(problem_of(sign(kHeader, claims)) == "is a JWT whose payload is not a JSON object");
  }
}

TEST_CASE("exp must be after the present time") {
  auto with_exp = [](const std::string& exp) {
    return problem_of(sign(kHeader, R"({"sub":"x","exp":)" + exp + "}"));
  };
  for (const std::string exp : {"1706702400.001", "1706702401", "4102444800", "1e300", "1e999"}) {
    CAPTURE(exp);
    CHECK(with_exp(exp).empty());
  }
  for (const std::string exp : {"1706702400", "1706702399.999", "0", "-1", "-1e999"}) {
    CAPTURE(exp);
    CHECK(
        with_exp(exp) ==
        "is a token whose exp has passed, as the time is 2024-01-31T12:00:00Z; get a new one from "
        "POST /__admin/tokens");
  }
  for (const std::string exp : {"null", "true", "false", "\"1706702401\"", "[]", "{}"}) {
    CAPTURE(exp);
    CHECK(with_exp(exp) == "is a JWT whose exp is not a number of seconds since 1970");
  }
  CHECK(problem_of(sign(kHeader, R"({"sub":"x"})")).empty());
}

TEST_CASE("sub must be a string with characters; a UUID becomes lower-case") {
  for (const std::string claims :
       {"{}", R"({"sub":""})", R"({"sub":null})", R"({"sub":7})", R"({"sub":["x"]})"}) {
    CAPTURE(claims);
    CHECK(problem_of(sign(kHeader, claims)) == "is a JWT without a sub");
  }
  std::string token = sign(kHeader, R"({"sub":"00000000-0000-4000-8000-000000000ABC"})");
  std::string other = sign(kHeader, R"({"sub":"User"})");
  CHECK(verify_token(token, kSecret, kNow).subject == "00000000-0000-4000-8000-000000000abc");
  CHECK(verify_token(other, kSecret, kNow).subject == "User");
}

TEST_CASE("a generated token is valid until its time, for both contracts") {
  base::Time end = kNow + std::chrono::hours(1);
  std::string token = capgo::make_user_token("user-1", kSecret, kNow, end);
  for (const auto& [now, is_valid] :
       {std::pair(kNow, true), std::pair(end - std::chrono::microseconds(1), true),
        std::pair(end, false)}) {
    CHECK(verify_token(token, kSecret, now).problem.empty() == is_valid);
  }
  CHECK(read_token(token, kNow).subject == "user-1");
  CHECK(read_token(token, end + std::chrono::milliseconds(1)).problem ==
        "is a JWT whose exp has passed");
}
