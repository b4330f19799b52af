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

}  // namespace capgo
