#include "capgo/api_key.h"

#include <algorithm>

#include "base/sha256.h"

namespace capgo {

std::optional<KeyMode> parse_mode(std::string_view name) {
  const auto* found = std::find(kModeNames.begin(), kModeNames.end(), name);
  if (found == kModeNames.end()) return std::nullopt;
  return static_cast<KeyMode>(found - kModeNames.begin());
}

std::string_view mode_name(KeyMode mode) { return kModeNames[static_cast<size_t>(mode)]; }

std::optional<std::string> secret_hash(const ApiKey& key) {
  if (key.key_hash) return key.key_hash;
  if (key.key) return base::sha256_hex(*key.key);
  return std::nullopt;
}

ApiKey as_kept(ApiKey key) {
  if (key.key_hash) key.key.reset();
  return key;
}

std::string shorten_secret(std::string_view secret) {
  constexpr size_t kShown = 6;
  if (secret.size() <= kShown) return std::string(secret);
  return std::string(secret.substr(0, kShown)) + "...";
}

std::string shorten_secret_in_path(std::string_view path) {
  constexpr std::string_view kBeforeId = "/apikey/";
  size_t found = path.find(kBeforeId);
  if (found == std::string_view::npos) return std::string(path);
  std::string shown(path.substr(0, found + kBeforeId.size()));
  std::string_view rest = path.substr(shown.size());
  while (!rest.empty()) {
    std::string_view segment = rest.substr(0, rest.find_first_of("/?"));
    bool is_number = segment.find_first_not_of("0123456789") == std::string_view::npos;
    shown += is_number ? std::string(segment) : shorten_secret(segment);
    rest.remove_prefix(segment.size());
    // What follows a question mark is no part of the path.
    size_t kept = rest.starts_with('?') ? rest.size() : std::min(rest.size(), size_t{1});
    shown += rest.substr(0, kept);
    rest.remove_prefix(kept);
  }
  return shown;
}

}  // namespace capgo
