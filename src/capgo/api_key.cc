#include "capgo/api_key.h"

#include <algorithm>

namespace capgo {

std::optional<KeyMode> parse_mode(std::string_view name) {
  const auto* found = std::find(kModeNames.begin(), kModeNames.end(), name);
  if (found == kModeNames.end()) return std::nullopt;
  return static_cast<KeyMode>(found - kModeNames.begin());
}

std::string_view mode_name(KeyMode mode) { return kModeNames[static_cast<size_t>(mode)]; }

std::string shorten_secret(std::string_view secret) {
  constexpr size_t kShown = 6;
  if (secret.size() <= kShown) return std::string(secret);
  return std::string(secret.substr(0, kShown)) + "...";
}

std::string shorten_secret_in_path(std::string_view path) {
  constexpr std::string_view kBeforeId = "/apikey/";
  size_t found = path.find(kBeforeId);
  if (found == std::string_view::npos) return std::string(path);
  std::string_view before = path.substr(0, found + kBeforeId.size());
  std::string_view id = path.substr(before.size());
  id = id.substr(0, id.find_first_of("/?"));
  bool is_number = id.find_first_not_of("0123456789") == std::string_view::npos;
  std::string shown(before);
  shown += is_number ? std::string(id) : shorten_secret(id);
  shown += path.substr(before.size() + id.size());
  return shown;
}

}  // namespace capgo
