#include "http/secret_headers.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace http {
namespace {

/// Headers that carry credentials, of Capgo and of what may stand before it.
constexpr auto kSecretHeaders =
    std::to_array<std::string_view>({"authorization", "proxy-authorization", "capgkey", "x-api-key",
                                     "apikey", "capgo_api", "apisecret", "cookie", "set-cookie"});

}  // namespace

std::string shown_value(const Header& header, const base::IsSecret& is_secret) {
  bool carries_credentials =
      std::any_of(kSecretHeaders.begin(), kSecretHeaders.end(),
                  [&](std::string_view name) { return same_name(name, header.name); });
  if (carries_credentials) return base::shorten_secret(header.value);
  bool is_id = same_name(header.name, "X-Request-Id") && !base::has_key_form(header.value);
  if (is_id) return header.value;
  return base::shorten_secrets(header.value, is_secret);
}

Headers shown_headers(const Headers& headers, const base::IsSecret& is_secret) {
  Headers shown;
  for (const Header& line : headers) shown.add(line.name, shown_value(line, is_secret));
  return shown;
}

}  // namespace http
