#include "contract/explain.h"

#include <algorithm>

#include "base/suggest.h"
#include "base/time_text.h"
#include "json/document.h"

namespace contract {

using capgo::shorten_secret;

std::string in_quotes(std::string_view text) { return "\"" + std::string(text) + "\""; }

std::string shown(const json::Value& value) {
  constexpr size_t kLongest = 60;
  if (value.is_array()) return value.empty() ? "[]" : "an array";
  if (value.is_object()) return value.empty() ? "{}" : "an object";
  std::string text =
      value.dump(-1, ' ', /*ensure_ascii=*/true, json::Value::error_handler_t::replace);
  return text.size() <= kLongest ? text : text.substr(0, kLongest) + "...";
}

std::string explain_unknown_mode(const json::Value& value) {
  std::string given = value.is_string() ? value.get<std::string>() : "";
  return "mode is " + shown(value) + base::did_you_mean(given, capgo::kModeNames);
}

std::string explain_unknown_secret(const Credential& sent, std::string_view how_gone) {
  std::string header(sent.header);
  if (sent.secret.empty()) {
    return header + (header == "capgkey" ? " is empty; leave it out if the key is in x-api-key"
                                         : " is empty; send the raw key in it");
  }
  size_t blank = sent.secret.find(' ');
  if (blank != std::string_view::npos) {
    return header + " begins with " + in_quotes(shorten_secret(sent.secret.substr(0, blank))) +
           "; send the raw key alone, with no scheme word before it";
  }
  if (looks_like_jwt(sent.secret)) {
    return header + " looks like a JWT, and this contract knows API keys only";
  }
  return "no key has the secret " + in_quotes(shorten_secret(sent.secret)) + " sent in " + header +
         "; it was never made" + std::string(how_gone) + " (case counts)";
}

std::string explain_bad_json(std::string_view body) {
  constexpr size_t kLarge = 64 * 1024;
  if (body.empty()) return "the body is empty; send a JSON object";
  if (body.starts_with("\xEF\xBB\xBF")) {
    return "the body begins with a byte-order mark, which JSON has none of";
  }
  if (body.size() > kLarge) return "the body is not JSON";
  // Reading it again as one reads a file tells the place: `:1:27: what`.
  json::Document document("", std::string(body));
  if (!document.has_problems()) return "the body is not JSON";
  std::string line = document.problem_lines().front();
  size_t column = line.find(':', 1);
  return "the body is not JSON; see line " + line.substr(1, column - 1) + ", column " +
         line.substr(column + 1, line.find(':', column + 1) - column - 1);
}

bool looks_like_jwt(std::string_view text) {
  return text.starts_with("eyJ") && std::count(text.begin(), text.end(), '.') == 2;
}

std::string explain_policy(const capgo::Org& org, const std::optional<base::Time>& expires_at,
                           base::Time now) {
  std::string which = "org " + in_quotes(org.id);
  if (!expires_at) return which + " requires an expiration date";
  auto latest = now + std::chrono::hours{24} * org.max_apikey_expiration_days.value_or(0);
  return which + " lets keys expire by " + base::format_time_exactly(latest) +
         " at the latest, and " + base::format_time_exactly(*expires_at) + " is later";
}

}  // namespace contract
