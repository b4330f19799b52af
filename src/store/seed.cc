#include "store/seed.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "store/key_store.h"

namespace store {

using capgo::ApiKey;

Seed::Seed(const capgo::Snapshot& snapshot) : orgs_(snapshot.orgs), apps_(snapshot.apps) {
  for (const ApiKey& key : snapshot.keys) {
    std::optional<std::string> hash = capgo::secret_hash(key);
    if (hash) reject_duplicate_secret(keys_.find_by_hash(*hash), key.id);
    if (keys_.find(key.id) != nullptr) {
      throw StoreError("two keys have the id " + std::to_string(key.id));
    }
    keys_.add(key.id, key, std::move(hash));
  }
}

int64_t Seed::max_id() const {
  const KeyTable::ById& keys = keys_.by_id();
  return keys.empty() ? 0 : std::max<int64_t>(keys.rbegin()->first, 0);
}

bool Seed::is_empty() const { return orgs_.empty() && apps_.empty() && keys_.by_id().empty(); }

capgo::Snapshot Seed::snapshot() const {
  capgo::Snapshot snapshot{orgs_, apps_, {}};
  snapshot.keys.reserve(keys_.by_id().size());
  for (const auto& [id, key] : keys_.by_id()) snapshot.keys.push_back(key);
  return snapshot;
}

std::shared_ptr<const Seed> make_seed(const capgo::Snapshot& snapshot) {
  return std::make_shared<const Seed>(snapshot);
}

int64_t next_id(int64_t last) {
  if (last < capgo::kMaxId) return last + 1;
  throw StoreError("no ids left: a key has the id " + std::to_string(last) +
                   ", the highest that JavaScript can represent");
}

void reject_duplicate_secret(const ApiKey* holder, int64_t id) {
  if (holder == nullptr || holder->id == id) return;
  throw StoreError("key " + std::to_string(holder->id) + " has the same secret");
}

}  // namespace store
