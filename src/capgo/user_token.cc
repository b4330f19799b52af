#include "capgo/user_token.h"

#include "base/base64.h"
#include "base/sha256.h"
#include "json/writer.h"

namespace capgo {
namespace {

int64_t unix_seconds(base::Time time) {
  return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}

}  // namespace

std::string make_user_token(std::string_view user_id, std::string_view secret, base::Time issued_at,
                            base::Time expires_at) {
  json::Writer claims;
  claims.open_object().member("aud", std::string_view("authenticated"));
  claims.member("exp", unix_seconds(expires_at)).member("iat", unix_seconds(issued_at));
  claims.member("sub", user_id).member("role", std::string_view("authenticated"));
  std::string token = base::encode_base64url(R"({"alg":"HS256","typ":"JWT"})") + "." +
                      base::encode_base64url(claims.close_object().take());
  return token + "." + base::encode_base64url(base::hmac_sha256(secret, token));
}

}  // namespace capgo
