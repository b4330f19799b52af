#include <array>

#include "capgo/user_token.h"
#include "control/control.h"

/// The control call that signs in a user.
namespace control {

http::Response create_token(const Call& call) {
  static constexpr std::array<std::string_view, 2> kFields = {"user_id", "expires_in"};
  const engine::SandboxConfig& config = call.sandbox.config;
  std::string user = config.user;
  base::Duration lifetime{.rest = std::chrono::hours{1}};
  if (!call.request.body.empty()) {
    json::Document body("body", call.request.body);
    if (!body.has_problems()) {
      json::ObjectReader reader(body, body.root(), "", kFields);
      if (reader.find("user_id") != nullptr) user = reader.nonempty_string("user_id");
      lifetime = read_duration(reader, "expires_in").value_or(lifetime);
    }
    if (body.has_problems()) return reject_body(call, body);
  }
  // A token has times in whole seconds.
  base::Time now = std::chrono::floor<std::chrono::seconds>(now_in(call.sandbox));
  base::Time expires_at = std::chrono::floor<std::chrono::seconds>(base::add(now, lifetime));
  if (expires_at > base::parse_time("9999-12-31T23:59:59Z")) {
    return reject(call, 400, "a token cannot expire after the year 9999",
                  {"the time is " + base::format_time_with_fraction(now)});
  }
  json::Writer body;
  body.open_object();
  body.member("token", capgo::make_user_token(user, config.jwt_secret, now, expires_at));
  body.member("user_id", user).member("expires_at", base::format_time_with_fraction(expires_at));
  return respond(body.close_object());
}

}  // namespace control
