#include "store/seed.h"

#include <algorithm>
#include <utility>

#include "store/key_store.h"

namespace store {

Seed::Seed(capgo::Snapshot snapshot) : snapshot_(std::move(snapshot)) {
  snapshot_.keys.sort();
  by_hash_.reserve(keys().size());
  uint32_t row = 0;
  for (const capgo::ApiKey& key : keys()) {
    if (row > 0 && keys().id(row - 1) == key.id) {
      throw StoreError("two keys have the id " + std::to_string(key.id));
    }
    if (auto hash = to_hash(capgo::secret_hash(key).value_or(""))) {
      by_hash_.emplace_back(*hash, row);
    }
    by_user_[key.user_id].push_back(row);
    ++row;
  }
  std::sort(by_hash_.begin(), by_hash_.end());
  auto duplicate =
      std::adjacent_find(by_hash_.begin(), by_hash_.end(),
                         [](const auto& a, const auto& b) { return a.first == b.first; });
  if (duplicate != by_hash_.end()) {
    reject_duplicate_secret(keys().id(duplicate[0].second), keys().id(duplicate[1].second));
  }
}

size_t Seed::find_by_hash(std::string_view hash) const {
  auto wanted = to_hash(hash);
  if (!wanted) return keys().size();
  auto found = std::lower_bound(by_hash_.begin(), by_hash_.end(), std::pair(*wanted, 0U));
  return found != by_hash_.end() && found->first == *wanted ? found->second : keys().size();
}

std::optional<Seed::Hash> Seed::to_hash(std::string_view digits) {
  Hash hash{};
  if (digits.size() != hash.size()) return std::nullopt;
  digits.copy(hash.data(), hash.size());
  return hash;
}

const std::vector<uint32_t>& Seed::rows_of_user(std::string_view user_id) const {
  static const std::vector<uint32_t> kNone;
  auto found = by_user_.find(user_id);
  return found == by_user_.end() ? kNone : found->second;
}

int64_t Seed::max_id() const {
  return keys().empty() ? 0 : std::max<int64_t>(keys().id(keys().size() - 1), 0);
}

bool Seed::is_empty() const {
  return snapshot_.orgs.empty() && snapshot_.apps.empty() && snapshot_.channels.empty() &&
         keys().empty();
}

std::shared_ptr<const Seed> make_seed(capgo::Snapshot snapshot) {
  return std::make_shared<const Seed>(std::move(snapshot));
}

int64_t next_id(int64_t last) {
  if (last < capgo::kMaxId) return last + 1;
  throw StoreError("no ids left: a key has the id " + std::to_string(last) +
                   ", the highest that JavaScript can represent");
}

void reject_duplicate_secret(int64_t holder, int64_t id) {
  if (holder == id) return;
  throw StoreError("key " + std::to_string(holder) + " has the same secret");
}

}  // namespace store
