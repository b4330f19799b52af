#include "contract/explain.h"

#include <algorithm>

#include "base/secret_text.h"
#include "base/suggest.h"
#include "base/time_text.h"
#include "contract/steps.h"
#include "json/document.h"

namespace contract {
namespace {

/// More than a header takes of a reason.
constexpr size_t kLongestReason = 500;

/// Whether the caller sent this as a credential, alone or with other words.
bool was_sent_as_credential(const http::Headers& headers, std::string_view text) {
  for (const http::Header& header : headers) {
    bool counts = std::any_of(kCredentialHeaders.begin(), kCredentialHeaders.end(),
                              [&](auto name) { return http::same_name(name, header.name); });
    if (!counts) continue;
    std::string_view rest = header.value;
    if (rest == text) return true;
    rest.remove_prefix(base::credential_scheme(rest).size());
    while (!rest.empty()) {
      std::string_view word = rest.substr(0, rest.find(' '));
      if (word == text) return true;
      rest.remove_prefix(std::min(word.size() + 1, rest.size()));
    }
  }
  return false;
}

std::string shorten(const Call& call, std::string_view text, Uuids uuids, size_t enough) {
  return base::shorten_secrets(
      text, [&](std::string_view piece) { return is_secret(call, piece, uuids); }, enough);
}

}  // namespace

bool is_secret(const Call& call, std::string_view text, Uuids uuids) {
  bool may_be_id = uuids == Uuids::ids && base::has_uuid_form(text);
  if (base::looks_like_secret(text) && !may_be_id) return true;
  if (was_sent_as_credential(call.request.headers, text)) return true;
  try {
    return call.keys.find_by_secret(text).has_value();
  } catch (const store::StoreError&) {
    return true;
  }
}

std::string without_secrets(const Call& call, std::string_view text, Uuids uuids) {
  return shorten(call, text, uuids, kLongestReason);
}

std::string quoted(const Call& call, std::string_view text, Uuids uuids) {
  return in_quotes(without_secrets(call, text, uuids));
}

std::string quoted_id(const Call& call, std::string_view id) {
  constexpr size_t kSlip = 6;
  bool is_plain = id.size() <= kSlip || is_digits(id);
  std::string shown = without_secrets(call, id);
  return in_quotes(is_plain && shown == id ? shown : base::shorten_secret(id));
}

std::string shown(const Call& call, const json::Value& value, Uuids uuids) {
  constexpr size_t kLongest = 60;
  if (value.is_array()) return value.empty() ? "[]" : "an array";
  if (value.is_object()) return value.empty() ? "{}" : "an object";
  auto written = [](const json::Value& any) {
    return any.dump(-1, ' ', /*ensure_ascii=*/true, json::Value::error_handler_t::replace);
  };
  // Judged before it is cut, and before JSON's escapes hide what it is.
  std::string text =
      value.is_string()
          ? written(shorten(call, value.get_ref<const std::string&>(), uuids, kLongest))
          : written(value);
  if (value.is_number()) text = without_secrets(call, text, uuids);
  return text.size() <= kLongest ? text : text.substr(0, kLongest) + "...";
}

std::string shown(const Call& call, const postgres::Error& error) {
  std::string_view message = error.message;
  size_t open = message.find('"');
  size_t close = message.rfind('"');
  if (open == close) return error.message;
  // Where it wanted a UUID, it was given what was meant for an id.
  bool is_id = message.starts_with("invalid input syntax for type uuid");
  std::string_view given = message.substr(open + 1, close - open - 1);
  return std::string(message.substr(0, open)) +
         quoted(call, given, is_id ? Uuids::ids : Uuids::secrets) +
         std::string(message.substr(close + 1));
}

std::string in_quotes(std::string_view text) { return "\"" + std::string(text) + "\""; }

std::string explain_unknown_mode(const Call& call, const json::Value& value) {
  std::string given = value.is_string() ? value.get<std::string>() : "";
  return "mode is " + shown(call, value) + base::did_you_mean(given, capgo::kModeNames);
}

std::string explain_unknown_secret(const Credential& sent, std::string_view how_gone) {
  std::string header(sent.header);
  if (sent.secret.empty()) {
    return header + (header == "capgkey" ? " is empty; leave it out if the key is in x-api-key"
                                         : " is empty; send the raw key in it");
  }
  size_t blank = sent.secret.find(' ');
  if (blank != std::string_view::npos) {
    std::string_view scheme = base::credential_scheme(sent.secret);
    std::string begin = scheme.empty() ? base::shorten_secret(sent.secret) : std::string(scheme);
    return header + " begins with " + in_quotes(begin) +
           "; send the raw key alone, with no scheme word before it";
  }
  if (base::has_jwt_form(sent.secret)) {
    return header + " looks like a JWT, and this contract knows API keys only";
  }
  return "no key has the secret " + in_quotes(base::shorten_secret(sent.secret)) + " sent in " +
         header + "; it was never made" + std::string(how_gone) + " (case counts)";
}

std::string explain_bad_json(std::string_view body) {
  constexpr size_t kLarge = 64 * 1024;
  if (body.empty()) return "the body is empty; send a JSON object";
  if (body.starts_with("\xEF\xBB\xBF")) {
    return "the body begins with a byte-order mark, which JSON has none of";
  }
  if (body.size() > kLarge) return "the body is not JSON";
  auto error = json::find_json_error(body);
  if (!error) return "the body is not JSON";
  return "the body is not JSON; see line " + std::to_string(error->line) + ", column " +
         std::to_string(error->column);
}

std::string explain_policy(const Call& call, const capgo::Org& org,
                           const std::optional<base::Time>& expires_at) {
  std::string which = "org " + quoted(call, org.id, Uuids::ids);
  if (!expires_at) return which + " requires an expiration date";
  auto latest = call.now + std::chrono::hours{24} * org.max_apikey_expiration_days.value_or(0);
  return which + " lets keys expire by " + base::format_time_exactly(latest) +
         " at the latest, and " + base::format_time_exactly(*expires_at) + " is later";
}

}  // namespace contract
