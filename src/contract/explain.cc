#include "contract/explain.h"

#include "base/ascii.h"
#include "base/redact.h"
#include "base/suggest.h"
#include "base/time_format.h"
#include "json/document.h"

namespace contract {
namespace {

/// The word before a credential that names its kind, in any case; empty if there is none.
std::string_view credential_scheme(std::string_view credential) {
  std::string_view word = credential.substr(0, credential.find(' '));
  if (word.size() == credential.size()) return "";
  for (std::string_view scheme : {"Bearer", "Basic", "Token"}) {
    if (base::equal_ignoring_case(word, scheme)) return word;
  }
  return "";
}

}  // namespace

std::string quote_id(std::string_view id) { return json::quote(base::redact_id(id)); }

std::string describe(const json::Value& value) {
  if (value.is_array()) return value.empty() ? "[]" : "an array";
  if (value.is_object()) return value.empty() ? "{}" : "an object";
  return json::redact_and_truncate(
      value.dump(-1, ' ', /*ensure_ascii=*/true, json::Value::error_handler_t::replace));
}

std::string describe(const capgo::ApiKey& key) { return "key " + std::to_string(key.id); }

std::string explain_unknown_mode(const json::Value& value) {
  std::string given = value.is_string() ? value.get<std::string>() : "";
  return "mode is " + describe(value) + base::did_you_mean(given, base::kNames<capgo::KeyMode>);
}

std::string explain_unknown_secret(const Credential& sent, std::string_view how_gone) {
  std::string header(sent.header);
  if (sent.secret.empty()) {
    return header + (header == "capgkey" ? " is empty; leave it out if the key is in x-api-key"
                                         : " is empty; send the raw key in it");
  }
  if (sent.secret.find(' ') != std::string_view::npos) {
    std::string_view scheme = credential_scheme(sent.secret);
    return header + " begins with " +
           json::quote(scheme.empty() ? base::redact(sent.secret) : std::string(scheme)) +
           "; send the raw key alone, with no scheme word before it";
  }
  if (base::is_jwt(sent.secret)) {
    return header + " looks like a JWT, and this contract knows API keys only";
  }
  return "no key has the secret " + json::quote(base::redact(sent.secret)) + " sent in " + header +
         "; it was never made" + std::string(how_gone) + " (case counts)";
}

std::string explain_expired(const capgo::ApiKey& key, base::Time now) {
  return describe(key) + " expired at " + base::format_time_with_fraction(*key.expires_at) +
         ", and it is " + base::format_time_with_fraction(now);
}

std::string explain_bad_json(std::string_view body) {
  if (body.empty()) return "the body is empty; send a JSON object";
  if (body.starts_with("\xEF\xBB\xBF")) {
    return "the body begins with a byte-order mark, which JSON has none of";
  }
  auto place = json::find_json_error(body);
  if (!place) return "the body is not JSON";
  return "the body is not JSON; see line " + std::to_string(place->line) + ", column " +
         std::to_string(place->column);
}

std::string explain_policy(const Call& call, const capgo::Org& org,
                           const std::optional<base::Time>& expires_at) {
  std::string which = "org " + json::quote(org.id);
  if (!expires_at) return which + " requires an expiration date";
  auto latest = call.now + std::chrono::hours{24} * org.max_apikey_expiration_days.value_or(0);
  return which + " lets keys expire by " + base::format_time_with_fraction(latest) +
         " at the latest, and " + base::format_time_with_fraction(*expires_at) + " is later";
}

}  // namespace contract
