#include "capgo/api_key.h"

#include "base/sha256.h"

namespace capgo {

std::optional<std::string> secret_hash(const ApiKey& key) {
  if (key.key_hash) return key.key_hash;
  if (key.key) return base::sha256_hex(*key.key);
  return std::nullopt;
}

ApiKey for_storage(ApiKey key) {
  if (key.key_hash) key.key.reset();
  return key;
}

}  // namespace capgo
