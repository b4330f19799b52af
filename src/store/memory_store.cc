#include "store/memory_store.h"

#include <algorithm>
#include <limits>
#include <map>
#include <unordered_map>
#include <utility>
#include <vector>

namespace store {
namespace {

using capgo::ApiKey;

class MemoryStore final : public KeyStore {
 public:
  MemoryStore() = default;
  MemoryStore(MemoryStore&&) = default;
  MemoryStore& operator=(MemoryStore&&) = default;

  std::optional<ApiKey> find_by_secret(std::string_view secret) const override {
    const auto found = by_secret_.find(secret);
    return found == by_secret_.end() ? std::nullopt : std::optional(*found->second);
  }

  std::optional<ApiKey> find_by_id(int64_t id) const override {
    const auto found = keys_.find(id);
    return found == keys_.end() ? std::nullopt : std::optional(found->second);
  }

  void for_each_of_user(std::string_view user_id,
                        const std::function<void(const ApiKey&)>& visit) const override {
    const int64_t before_all = std::numeric_limits<int64_t>::min();
    for (auto at = by_user_.lower_bound({user_id, before_all});
         at != by_user_.end() && at->first.first == user_id; ++at) {
      visit(*at->second);
    }
  }

  int64_t insert(const ApiKey& key) override {
    if (last_id_ == std::numeric_limits<int64_t>::max()) {
      throw StoreError("the greatest possible id is given; there is none for another key");
    }
    add(last_id_ + 1, key);
    return last_id_;
  }

  bool erase(int64_t id) override {
    const auto found = keys_.find(id);
    if (found == keys_.end()) return false;
    const ApiKey& key = found->second;
    if (key.key) by_secret_.erase(*key.key);
    by_user_.erase({key.user_id, id});
    keys_.erase(found);
    return true;
  }

  bool is_untouched() const override { return !touched_; }

  void seed(const capgo::Snapshot& snapshot) override {
    MemoryStore seeded;
    seeded.orgs_ = snapshot.orgs;
    seeded.apps_ = snapshot.apps;
    seeded.touched_ = touched_ || !snapshot.orgs.empty() || !snapshot.apps.empty();
    for (const ApiKey& key : snapshot.keys) seeded.add(key.id, key);
    *this = std::move(seeded);
  }

  capgo::Snapshot snapshot() const override {
    capgo::Snapshot snapshot{orgs_, apps_, {}};
    snapshot.keys.reserve(keys_.size());
    for (const auto& [id, key] : keys_) snapshot.keys.push_back(key);
    return snapshot;
  }

 private:
  void add(int64_t id, const ApiKey& key) {
    if (key.key && by_secret_.contains(*key.key)) {
      throw StoreError("another key has the secret " + capgo::shorten_secret(*key.key));
    }
    const auto [at, is_new] = keys_.try_emplace(id, key);
    if (!is_new) throw StoreError("two keys have the id " + std::to_string(id));
    ApiKey& kept = at->second;
    kept.id = id;
    if (kept.key) by_secret_.emplace(*kept.key, &kept);
    by_user_.emplace(UserAndId(kept.user_id, id), &kept);
    last_id_ = std::max(last_id_, id);
    touched_ = true;
  }

  using UserAndId = std::pair<std::string_view, int64_t>;

  std::map<int64_t, ApiKey> keys_;
  // Both look into keys_, whose nodes stay where they are for as long as the key is kept.
  std::unordered_map<std::string_view, const ApiKey*> by_secret_;
  std::map<UserAndId, const ApiKey*> by_user_;
  std::vector<capgo::Org> orgs_;
  std::vector<capgo::App> apps_;
  int64_t last_id_ = 0;
  bool touched_ = false;
};

}  // namespace

std::unique_ptr<KeyStore> make_memory_store() { return std::make_unique<MemoryStore>(); }

}  // namespace store
