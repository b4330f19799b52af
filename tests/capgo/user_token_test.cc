#include <doctest/doctest.h>

#include "base/base64.h"
#include "base/time_format.h"
#include "capgo/user_token.h"

// Signed with Python's hmac module.
TEST_CASE("a user token is a signed JWT with the claims of Supabase") {
  base::Time now = *base::parse_time("2024-01-31T12:00:00.999Z");
  std::string token = capgo::make_user_token("user-1", "secret", now, now + std::chrono::hours(1));
  CHECK(token.substr(0, token.find('.')) ==
        base::encode_base64url(R"({"alg":"HS256","typ":"JWT"})"));
  size_t claims = token.find('.') + 1;
  CHECK(base::decode_base64(token.substr(claims, token.rfind('.') - claims)) ==
        R"({"aud":"authenticated","exp":1706706000,"iat":1706702400,"sub":"user-1",)"
        R"("role":"authenticated"})");
  CHECK(token.substr(token.rfind('.') + 1) == "dOtEmmmEs146FUDLkqtDEVXvqI17qdKvc1-ebMPg04Q");
}

TEST_CASE("equal arguments give equal tokens, and others do not") {
  base::Time now = *base::parse_time("2024-01-31T12:00:00Z");
  base::Time end = now + std::chrono::hours(1);
  std::string token = capgo::make_user_token("user-1", "secret", now, end);
  CHECK(capgo::make_user_token("user-1", "secret", now, end) == token);
  CHECK(capgo::make_user_token("user-1", "secret", now + std::chrono::milliseconds(1),
                               end + std::chrono::milliseconds(999)) == token);
  CHECK(capgo::make_user_token("user-2", "secret", now, end) != token);
  CHECK(capgo::make_user_token("user-1", "secret2", now, end) != token);
  CHECK(capgo::make_user_token("user-1", "secret", now, end + std::chrono::seconds(1)) != token);
}
