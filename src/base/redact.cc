#include "base/redact.h"

#include <algorithm>
#include <array>

#include "base/ascii.h"

namespace base {
namespace {

/// Headers with credentials, for Capgo or for a proxy in front of it.
constexpr auto kCredentialHeaders =
    std::to_array<std::string_view>({"authorization", "proxy-authorization", "capgkey", "x-api-key",
                                     "apikey", "capgo_api", "apisecret", "cookie", "set-cookie"});

/// The characters of JWTs (RFC 7519, section 3) and of keys.
bool is_credential_character(char c) { return is_alnum(c) || c == '-' || c == '_' || c == '.'; }

/// The offset of the first credential in the word; its size if there is none. There may be a
/// prefix: `token_ak_...`.
size_t find_credential(std::string_view word) {
  // A dot may be the end of a sentence.
  if (is_jwt(base::trim(word, "."))) return 0;
  constexpr size_t kMinDigits = 16;
  for (size_t at = word.find("ak_"); at != std::string_view::npos; at = word.find("ak_", at + 1)) {
    std::string_view digits = word.substr(at + 3, kMinDigits);
    if (digits.size() == kMinDigits && std::all_of(digits.begin(), digits.end(), is_hex)) return at;
  }
  return word.size();
}

}  // namespace

std::string redact(std::string_view secret) {
  constexpr size_t kVisible = 6;
  if (secret.size() <= kVisible) return std::string(secret);
  return std::string(secret.substr(0, kVisible)).append("...");
}

std::string redact_text(std::string_view text) {
  bool may_have_credential =
      text.find("ak_") != std::string_view::npos || text.find("eyJ") != std::string_view::npos;
  if (!may_have_credential) return std::string(text);
  std::string redacted;
  while (!text.empty()) {
    const auto* end = std::find_if_not(text.begin(), text.end(), is_credential_character);
    std::string_view word = text.substr(0, static_cast<size_t>(end - text.begin()));
    size_t credential = find_credential(word);
    redacted += word.substr(0, credential);
    if (credential < word.size()) redacted += redact(word.substr(credential));
    text.remove_prefix(word.size());
    const auto* next = std::find_if(text.begin(), text.end(), is_credential_character);
    auto between = static_cast<size_t>(next - text.begin());
    redacted += text.substr(0, between);
    text.remove_prefix(between);
  }
  return redacted;
}

std::string redact_header(std::string_view name, std::string_view value) {
  bool is_credential =
      std::any_of(kCredentialHeaders.begin(), kCredentialHeaders.end(),
                  [&](std::string_view each) { return equal_ignoring_case(each, name); });
  return is_credential ? redact(value) : redact_text(value);
}

std::string redact_header_name(std::string_view name) {
  std::string lower(name);  // Clients change the case of names.
  std::transform(name.begin(), name.end(), lower.begin(), to_lower);
  std::string redacted = redact_text(name);
  bool is_missed = redacted == name && redact_text(lower) != lower;
  return is_missed || is_uuid(name) ? redact(name) : redacted;
}

std::string redact_path(std::string_view path) {
  constexpr std::string_view kBeforeId = "/apikey/";
  size_t found = path.find(kBeforeId);
  if (found == std::string_view::npos) return redact_text(path);
  std::string_view before = path.substr(0, found + kBeforeId.size());
  std::string_view id = path.substr(before.size(), path.find('/', before.size()) - before.size());
  if (!is_uuid(id)) return redact_text(path);
  return redact_text(before) + redact(id) + redact_text(path.substr(before.size() + id.size()));
}

std::string redact_id(std::string_view id) { return is_uuid(id) ? redact(id) : redact_text(id); }

bool is_uuid(std::string_view value) {
  constexpr std::string_view kPattern = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
  return std::equal(value.begin(), value.end(), kPattern.begin(), kPattern.end(),
                    [](char c, char expected) { return expected == '-' ? c == '-' : is_hex(c); });
}

bool is_jwt(std::string_view value) {
  return value.starts_with("eyJ") && std::count(value.begin(), value.end(), '.') == 2;
}

}  // namespace base
