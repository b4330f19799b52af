#include "store/key_table.h"

#include <utility>

namespace store {

using capgo::ApiKey;

const ApiKey* KeyTable::find(int64_t id) const {
  const auto found = keys_.find(id);
  return found == keys_.end() ? nullptr : &found->second;
}

const ApiKey* KeyTable::find_by_hash(const std::string& hash) const {
  const auto found = by_hash_.find(hash);
  return found == by_hash_.end() ? nullptr : found->second;
}

const KeyTable::OfUser& KeyTable::of_user(std::string_view user_id) const {
  static const OfUser kNone;
  const auto found = by_user_.find(user_id);
  return found == by_user_.end() ? kNone : found->second;
}

void KeyTable::add(int64_t id, const ApiKey& key, std::optional<std::string> hash) {
  ApiKey& stored = keys_.try_emplace(id, key).first->second;
  stored.id = id;
  if (hash) by_hash_.emplace(*std::move(hash), &stored);
  by_user_[stored.user_id].emplace(id, stored);
}

void KeyTable::erase(int64_t id) {
  const auto found = keys_.find(id);
  if (found == keys_.end()) return;
  const ApiKey& key = found->second;
  if (const auto hash = capgo::secret_hash(key)) by_hash_.erase(*hash);
  by_user_.find(key.user_id)->second.erase(id);
  keys_.erase(found);
}

}  // namespace store
