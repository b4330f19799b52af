#include "contract/deployed_2026_07/origin.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

#include "base/ascii.h"

namespace contract::deployed_2026_07 {
namespace {

/// The hosts of the service's own web pages, which use https and its default port.
constexpr auto kHosts = std::to_array<std::string_view>({
    "capgo.app",
    "preprod.capgo.app",
    "development.capgo.app",
    "console.capgo.app",
    "console.preprod.capgo.app",
    "console.development.capgo.app",
});

/// Origins on the developer's machine or phone, which may have any port.
constexpr auto kLocalOrigins = std::to_array<std::string_view>({
    "http://localhost",
    "http://127.0.0.1",
    "http://[::1]",
    "https://localhost",
    "https://127.0.0.1",
    "https://[::1]",
    "capacitor://localhost",
    "ionic://localhost",
    "localhost://localhost",
});

struct Origin {
  std::string scheme;
  std::string host;
  /// Empty if it is the default port of the scheme.
  std::string port;
};

/// Reads an origin as a URL library does. Nothing if it is not a URL with a host.
std::optional<Origin> parse(std::string_view text) {
  size_t end = text.find("://");
  if (end == std::string_view::npos) return std::nullopt;
  Origin origin{base::lower(text.substr(0, end)), "", ""};
  std::string_view authority = text.substr(end + 3);
  authority = authority.substr(0, authority.find_first_of("/?#\\"));
  authority.remove_prefix(std::min(authority.rfind('@') + 1, authority.size()));
  size_t colon = authority.rfind(':');
  bool has_port = colon != std::string_view::npos && authority.find(']', colon) == authority.npos;
  origin.host = base::lower(authority.substr(0, has_port ? colon : authority.size()));
  std::string_view digits = has_port ? authority.substr(colon + 1) : "";
  if (digits.empty()) return origin;
  auto port = base::parse_number<uint16_t>(digits);
  if (!port) return std::nullopt;
  bool is_default =
      (origin.scheme == "https" && port == 443) || (origin.scheme == "http" && port == 80);
  if (!is_default) origin.port = ":" + std::to_string(*port);
  return origin;
}

}  // namespace

std::string allowed_origin(std::string_view text) {
  auto origin = parse(text);
  if (!origin) return "";
  std::string without_port = origin->scheme + "://" + origin->host;
  auto contains = [](const auto& list, std::string_view value) {
    return std::find(list.begin(), list.end(), value) != list.end();
  };
  bool is_own = origin->scheme == "https" && origin->port.empty() && contains(kHosts, origin->host);
  if (!is_own && !contains(kLocalOrigins, without_port)) return "";
  return without_port + origin->port;
}

}  // namespace contract::deployed_2026_07
