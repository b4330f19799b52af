#include "contract/explain.h"

#include <algorithm>
#include <cmath>

#include "base/ascii.h"
#include "base/redact.h"
#include "base/suggest.h"
#include "base/time_format.h"
#include "capgo/rights.h"
#include "json/document.h"

namespace contract {
namespace {

/// Returns the scheme in front of a credential, with the space after it; empty if there is none.
std::string_view credential_scheme(std::string_view credential) {
  for (std::string_view scheme : {"Bearer ", "Basic ", "Token "}) {
    std::string_view start = credential.substr(0, scheme.size());
    if (base::equal_ignoring_case(start, scheme)) return start;
  }
  return "";
}

/// Describes what programs send for an unset variable; empty for anything else.
std::string describe_placeholder(std::string_view value) {
  for (std::string_view word : {"undefined", "null", "None", "NaN"}) {
    if (base::equal_ignoring_case(value, word)) return "the word " + std::string(word);
  }
  bool is_template = value.starts_with('$') || value.starts_with("{{");
  return is_template ? "the template " + json::quote(base::redact(value)) : "";
}

bool is_quoted(std::string_view value) {
  return value.size() > 1 && (value.front() == '"' || value.front() == '\'') &&
         value.front() == value.back();
}

/// Returns whether a body looks like a form, by its content or its Content-Type. The Content-Type
/// of a body that starts like JSON is ignored, as curl sends all data as a form by default.
bool is_form(std::string_view body, const http::Headers& headers) {
  size_t start = body.find_first_not_of(" \t\r\n");
  if (start != std::string_view::npos && (body[start] == '{' || body[start] == '[')) return false;
  auto is_name_character = [](char c) {
    return base::is_alnum(c) || std::string_view("_-.%+[]").find(c) != std::string_view::npos;
  };
  const auto* end = std::find_if_not(body.begin(), body.end(), is_name_character);
  if (end != body.begin() && end != body.end() && *end == '=') return true;
  auto type = headers.find("Content-Type");
  std::string lower = type ? base::lower(*type) : "";
  return lower.starts_with("application/x-www-form-urlencoded") || lower.starts_with("multipart/");
}

std::string explain_ignored(std::string_view field) {
  return "body field " + json::quote(field) + " is ignored";
}

/// `; send "bindings" instead`, with the role that is nearest to a mode.
std::string suggest_bindings(std::string_view name, const json::Value& value) {
  std::string text = "; send \"bindings\" instead";
  auto mode = name == "mode" && value.is_string()
                  ? base::parse_name<capgo::KeyMode>(value.get_ref<const std::string&>())
                  : std::nullopt;
  if (!mode) return text;
  return text + ", with the role " + json::quote(capgo::nearest_role(*mode)) + " for mode " +
         json::quote(base::name_of(*mode));
}

}  // namespace

std::string quote_id(std::string_view id) { return json::quote(base::redact_id(id)); }

std::string describe(const json::Value& value) {
  if (value.is_array()) return value.empty() ? "[]" : "an array";
  if (value.is_object()) return value.empty() ? "{}" : "an object";
  if (value.is_number_float() && std::isinf(value.get<double>())) {
    return value > 0 ? "Infinity" : "-Infinity";
  }
  return json::redact_and_truncate(
      value.dump(-1, ' ', /*ensure_ascii=*/true, json::Value::error_handler_t::replace));
}

std::string describe(const capgo::ApiKey& key) { return "key " + std::to_string(key.id); }

std::string explain_unknown_mode(const json::Value& value) {
  std::string given = value.is_string() ? value.get<std::string>() : "";
  return "mode is " + describe(value) + ", which is not a mode" +
         base::did_you_mean(given, base::kNames<capgo::KeyMode>);
}

std::string explain_malformed_secret(const Credential& sent) {
  std::string_view scheme = credential_scheme(sent.secret);
  std::string_view value = base::trim(sent.secret.substr(scheme.size()), " ");
  std::string in_header = "in " + std::string(sent.header) + ", ";
  if (credential_scheme(std::string(sent.secret) + " ").size() == sent.secret.size() + 1) {
    return in_header + "nothing follows " + json::quote(sent.secret) + "; is a variable empty?";
  }
  if (std::string placeholder = describe_placeholder(value); !placeholder.empty()) {
    std::string after = scheme.empty() ? "" : " after " + json::quote(base::trim(scheme, " "));
    return in_header + "the header value" + after + " is " + placeholder + "; is a variable unset?";
  }
  if (!is_quoted(value)) return "";
  return in_header + "the quotes are part of the value; send the key without quotes";
}

std::string did_you_mean_key(const Call& call, std::string_view secret) {
  constexpr size_t kMaxKeys = 1000;
  std::string hint;
  call.keys.for_each(kMaxKeys, [&](const capgo::ApiKey& key) {
    if (!hint.empty() || !key.key || !base::is_one_edit_away(*key.key, secret)) return;
    hint = "; did you mean " + describe(key) + " (" + json::quote(key.name) + ")?";
  });
  return hint;
}

std::string explain_unknown_secret(const Call& call, const Credential& sent,
                                   std::string_view how_removed) {
  std::string header(sent.header);
  if (sent.secret.empty()) {
    return header + (header == "capgkey" ? " is empty; leave it out if the key is in x-api-key"
                                         : " is empty; send the key in it");
  }
  if (std::string problem = explain_malformed_secret(sent); !problem.empty()) return problem;
  std::string_view scheme = credential_scheme(sent.secret);
  if (base::is_jwt(sent.secret.substr(scheme.size()))) {
    return header + " has a JWT, and this call accepts API keys only";
  }
  if (!scheme.empty()) {
    std::string word = json::quote(base::trim(scheme, " "));
    return header + " begins with " + word + "; send the key alone, without " + word;
  }
  std::string hint = did_you_mean_key(call, sent.secret);
  if (hint.empty() && sent.secret.find(' ') != std::string_view::npos) {
    return header + " has a space in its value; send the key alone";
  }
  if (hint.empty()) {
    hint = "; it never existed" + std::string(how_removed) + " (secrets are case-sensitive)";
  }
  return "no key has the secret " + json::quote(base::redact(sent.secret)) + " sent in " + header +
         hint;
}

std::string explain_expired(const capgo::ApiKey& key, base::Time now) {
  return describe(key) + " expired at " + base::format_time_with_fraction(*key.expires_at) +
         ", and the time is " + base::format_time_with_fraction(now);
}

std::string explain_bad_json(const Call& call) {
  std::string_view body = call.body.text();
  const http::Headers& headers = call.request.headers;
  if (body.empty()) return "the body is empty; send a JSON object";
  auto coding = headers.find("Content-Encoding");
  bool is_gzip = body.starts_with("\x1F\x8B");
  if (is_gzip || (coding && !base::equal_ignoring_case(*coding, "identity"))) {
    return "Content-Encoding: " + (is_gzip ? "gzip" : json::redact_and_truncate(*coding)) +
           " is not supported; send the body uncompressed";
  }
  if (json::is_utf16(body)) return "the body is UTF-16; send UTF-8";
  if (body.starts_with("\xEF\xBB\xBF")) {
    return "the body begins with a byte-order mark, which JSON does not allow; remove it";
  }
  if (is_form(body, headers)) return "the body looks like a form; send JSON";
  auto place = json::find_json_error(body);
  if (!place) return "the body is not valid JSON";
  return "the body is not valid JSON; see line " + std::to_string(place->line) + ", column " +
         std::to_string(place->column);
}

std::string explain_ignored_field(const Call& call) {
  const auto& known = call.endpoint->fields;
  const auto& replaced = call.endpoint->replaced_fields;
  if (!call.body.value() || !call.body.value()->is_object()) return "";
  const json::Value& body = *call.body.value();
  for (const auto& [name, value] : body.items()) {
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    if (std::find(replaced.begin(), replaced.end(), name) != replaced.end()) continue;
    std::string meant = base::did_you_mean(name, known);
    if (!meant.empty()) return explain_ignored(name) + meant;
  }
  for (std::string_view name : replaced) {
    auto field = body.find(name);
    if (field != body.end()) return explain_ignored(name) + suggest_bindings(name, *field);
  }
  return "";
}

std::string explain_policy(const Call& call, const capgo::Org& org,
                           const std::optional<base::Time>& expires_at) {
  std::string which = "org " + json::quote(org.id);
  if (!expires_at) return which + " requires an expiration date";
  auto latest = call.now + std::chrono::hours{24} * org.max_apikey_expiration_days.value_or(0);
  return which + " allows expiration dates up to " + base::format_time_with_fraction(latest) +
         ", and " + base::format_time_with_fraction(*expires_at) + " is later";
}

}  // namespace contract
