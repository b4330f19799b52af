#include "contract/deployed/token.h"

#include <algorithm>
#include <optional>

#include "base/ascii.h"
#include "base/base64.h"
#include "base/sha256.h"
#include "base/time_format.h"
#include "contract/deployed/callers.h"
#include "contract/deployed/javascript.h"
#include "contract/deployed/postgres.h"
#include "json/body.h"

namespace contract::deployed {
namespace {

constexpr std::string_view kBearer = "Bearer ";
constexpr std::string_view kNotJwt = "does not have the three parts of a JWT";
constexpr std::string_view kNoClaims = "is a JWT whose payload is not a JSON object";

/// The parts of a JWT, as they were sent.
struct Parts {
  std::string_view header;
  std::string_view claims;
  std::string_view signature;
  /// What the signature signs.
  std::string_view head;
};

std::optional<Parts> split_token(std::string_view token) {
  if (token.starts_with(kBearer)) token.remove_prefix(kBearer.size());
  if (std::count(token.begin(), token.end(), '.') != 2) return std::nullopt;
  size_t first = token.find('.');
  size_t last = token.rfind('.');
  return Parts{token.substr(0, first), token.substr(first + 1, last - first - 1),
               token.substr(last + 1), token.substr(0, last)};
}

/// Parses a JSON object in base64; null if the part is something else.
json::Value decode_object(std::string_view part) {
  auto bytes = base::decode_base64(part);
  auto value = bytes ? json::parse_body(*bytes) : std::nullopt;
  return value && value->is_object() ? *std::move(value) : json::Value();
}

Token read_subject(const json::Value& claims) {
  auto subject = claims.find("sub");
  if (subject == claims.end() || !subject->is_string() || *subject == "") {
    return {"is a JWT without a sub", ""};
  }
  auto user = read_uuid(subject->get_ref<const std::string&>());
  const auto* uuid = std::get_if<std::string>(&user);
  return {"", uuid != nullptr ? *uuid : subject->get<std::string>()};
}

/// Decodes base64url without padding, as signatures need it. (RFC 7515, section 2)
std::optional<std::string> decode_base64url(std::string_view part) {
  if (part.find_first_of("+/=") != std::string_view::npos) return std::nullopt;
  return base::decode_base64(part);
}

/// Takes the same time wherever two strings of one size differ.
bool equal_in_constant_time(std::string_view one, std::string_view other) {
  if (one.size() != other.size()) return false;
  int difference = 0;
  for (size_t i = 0; i < one.size(); ++i) difference |= one[i] ^ other[i];
  return difference == 0;
}

/// Says why the text is not a token. It has the three parts of one, or not.
std::string explain_malformed(std::string_view token, bool has_parts) {
  if (token.starts_with(kBearer)) token.remove_prefix(kBearer.size());
  bool has_more = base::lower(token.substr(0, kBearer.size())) == "bearer ";
  if (has_more || token.starts_with(' ')) {
    return "does not begin with exactly one \"Bearer \", with a capital B and one space";
  }
  return has_parts ? "is a JWT whose parts are not base64url" : std::string(kNotJwt);
}

/// Says why a token is not signed with the secret; empty if it is.
std::string check_signature(const Parts& parts, std::string_view secret) {
  json::Value header = decode_object(parts.header);
  if (!header.is_object()) return "is a JWT whose header is not a JSON object";
  auto algorithm = header.find("alg");
  if (algorithm == header.end() || *algorithm != "HS256") {
    return "is a JWT whose alg is not HS256, the only one that --jwt-secret can verify";
  }
  auto signature = decode_base64url(parts.signature);
  if (signature && equal_in_constant_time(*signature, base::hmac_sha256(secret, parts.head))) {
    return "";
  }
  return "is signed with another secret; sign it with that of --jwt-secret, or get a token from "
         "POST /__admin/tokens";
}

/// Says why a token is not valid now; empty if it is.
std::string check_expiry(const json::Value& claims, base::Time now) {
  auto expiry = claims.find("exp");
  if (expiry == claims.end()) return "";
  if (!expiry->is_number()) return "is a JWT whose exp is not a number of seconds since 1970";
  double now_in_seconds = static_cast<double>(now.time_since_epoch().count()) / 1e6;
  if (expiry->get<double>() > now_in_seconds) return "";
  return "is a token whose exp has passed, as the time is " + base::format_time_with_fraction(now) +
         "; get a new one from POST /__admin/tokens";
}

}  // namespace

Token read_token(std::string_view token, base::Time now) {
  auto parts = split_token(token);
  if (!parts) return {std::string(kNotJwt), ""};
  json::Value claims = decode_object(parts->claims);
  if (!claims.is_object()) return {std::string(kNoClaims), ""};
  auto expiry = claims.find("exp");
  if (expiry != claims.end() && is_truthy(*expiry)) {
    double now_in_seconds =
        static_cast<double>(truncate_to_milliseconds(now).time_since_epoch().count()) / 1e6;
    // JavaScript's comparison converts true to 1, and a string to a number. NaN is not in the past.
    double seconds = *expiry == true ? 1 : javascript_number(javascript_string(*expiry));
    if (seconds < now_in_seconds) return {"is a JWT whose exp has passed", ""};
  }
  return read_subject(claims);
}

Token verify_token(std::string_view token, std::string_view secret, base::Time now) {
  auto parts = split_token(token);
  bool is_well_formed = parts && decode_base64url(parts->header) && decode_base64url(parts->claims);
  if (!is_well_formed) return {explain_malformed(token, parts.has_value()), ""};
  if (std::string problem = check_signature(*parts, secret); !problem.empty()) return {problem, ""};
  json::Value claims = decode_object(parts->claims);
  if (!claims.is_object()) return {std::string(kNoClaims), ""};
  if (std::string problem = check_expiry(claims, now); !problem.empty()) return {problem, ""};
  return read_subject(claims);
}

}  // namespace contract::deployed
