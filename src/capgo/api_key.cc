#include "capgo/api_key.h"

#include <algorithm>

#include "base/sha256.h"

namespace capgo {

const Org* find_org(std::span<const Org> orgs, std::string_view id) {
  auto found = std::find_if(orgs.begin(), orgs.end(), [&](const Org& org) { return org.id == id; });
  return found == orgs.end() ? nullptr : &*found;
}

const App* find_app(std::span<const App> apps, std::string_view app_id) {
  auto found =
      std::find_if(apps.begin(), apps.end(), [&](const App& app) { return app.app_id == app_id; });
  return found == apps.end() ? nullptr : &*found;
}

const App* find_app_by_internal_id(std::span<const App> apps, std::string_view id) {
  auto found = std::find_if(apps.begin(), apps.end(), [&](const App& app) { return app.id == id; });
  return found == apps.end() ? nullptr : &*found;
}

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
