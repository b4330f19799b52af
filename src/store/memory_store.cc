#include "store/memory_store.h"

#include <algorithm>
#include <set>
#include <unordered_set>
#include <utility>
#include <vector>

namespace store {
namespace {

using capgo::ApiKey;

/// Two layers: the rows of the seed that are not hidden, and the store's own rows. They have no ids
/// and no secrets in common.
class MemoryStore final : public KeyStore {
 public:
  MemoryStore(std::shared_ptr<const Seed> seed, bool touched)
      : seed_(std::move(seed)),
        last_id_(seed_->max_id()),
        touched_(touched || !seed_->is_empty()) {}

  std::optional<ApiKey> find_by_hash(const std::string& hash) const override {
    return copy_of(find_hash(hash));
  }

  std::optional<ApiKey> find_by_id(int64_t id) const override { return copy_of(find(id)); }

  void for_each_of_user(std::string_view user_id,
                        const std::function<void(const ApiKey&)>& visit) const override {
    visit_visible(seed_->keys().of_user(user_id), own_.of_user(user_id), visit);
  }

  void for_each(size_t max, const std::function<void(const ApiKey&)>& visit) const override {
    visit_visible(seed_->keys().by_id(), own_.by_id(), visit, max);
  }

  int64_t insert(const ApiKey& key) override {
    const int64_t id = key.id != 0 ? key.id : next_id(last_id_);
    if (find(id) != nullptr) throw StoreError("two keys have the id " + std::to_string(id));
    add_own(id, key, unique_hash(id, key));
    last_id_ = std::max(last_id_, id);
    touched_ = true;
    return id;
  }

  bool update(const ApiKey& key) override {
    if (find(key.id) == nullptr) return false;
    std::optional<std::string> hash = unique_hash(key.id, key);
    erase_or_hide(key.id);
    add_own(key.id, key, std::move(hash));
    return true;
  }

  bool erase(int64_t id) override {
    if (find(id) == nullptr) return false;
    erase_or_hide(id);
    return true;
  }

  void erase_expired_before(base::Time time) override {
    hidden_before_ = std::max(hidden_before_, time);
    while (!own_expirations_.empty() && own_expirations_.begin()->first < time) {
      erase_or_hide(own_expirations_.begin()->second);
    }
  }

  const std::vector<capgo::Org>& orgs() const override { return seed_->orgs(); }
  const std::vector<capgo::App>& apps() const override { return seed_->apps(); }

  bool is_untouched() const override { return !touched_; }

  void seed(const capgo::Snapshot& snapshot) override {
    *this = MemoryStore(make_seed(snapshot), touched_);
  }

  capgo::Snapshot snapshot() const override {
    const KeyTable::ById& seeded = seed_->keys().by_id();
    const KeyTable::ById& own = own_.by_id();
    capgo::Snapshot snapshot{orgs(), apps(), {}};
    snapshot.keys.reserve(seeded.size() + own.size());
    visit_visible(seeded, own, [&](const ApiKey& key) { snapshot.keys.push_back(key); });
    return snapshot;
  }

 private:
  static std::optional<ApiKey> copy_of(const ApiKey* key) {
    return key == nullptr ? std::nullopt : std::optional(*key);
  }

  bool is_hidden(const ApiKey& seeded) const {
    return (seeded.expires_at && *seeded.expires_at < hidden_before_) ||
           hidden_.contains(seeded.id);
  }

  /// Returns this row of the seed; null if it is hidden.
  const ApiKey* if_visible(const ApiKey* seeded) const {
    return seeded == nullptr || is_hidden(*seeded) ? nullptr : seeded;
  }

  const ApiKey* find(int64_t id) const {
    const ApiKey* const own = own_.find(id);
    return own != nullptr ? own : if_visible(seed_->keys().find(id));
  }

  const ApiKey* find_hash(const std::string& hash) const {
    const ApiKey* const own = own_.find_by_hash(hash);
    return own != nullptr ? own : if_visible(seed_->keys().find_by_hash(hash));
  }

  /// Calls `visit` with the first `max` visible keys of both layers, in ascending order of ids.
  template <typename KeysById, typename Visit>
  void visit_visible(const KeysById& seeded, const KeysById& own, const Visit& visit,
                     size_t max = SIZE_MAX) const {
    auto next = own.begin();
    for (const auto& [id, key] : seeded) {
      if (is_hidden(key)) continue;
      for (; max > 0 && next != own.end() && next->first < id; ++next, --max) visit(next->second);
      if (max == 0) return;
      visit(key);
      --max;
    }
    for (; max > 0 && next != own.end(); ++next, --max) visit(next->second);
  }

  /// Returns the key's secret_hash. Throws if a key with another id has the secret.
  std::optional<std::string> unique_hash(int64_t id, const ApiKey& key) const {
    std::optional<std::string> hash = capgo::secret_hash(key);
    if (hash) reject_duplicate_secret(find_hash(*hash), id);
    return hash;
  }

  void add_own(int64_t id, const ApiKey& key, std::optional<std::string> hash) {
    own_.add(id, key, std::move(hash));
    if (key.expires_at) own_expirations_.emplace(*key.expires_at, id);
  }

  /// Removes a key of either layer.
  void erase_or_hide(int64_t id) {
    const ApiKey* const own = own_.find(id);
    if (own == nullptr) {
      hidden_.insert(id);
      return;
    }
    if (own->expires_at) own_expirations_.erase({*own->expires_at, id});
    own_.erase(id);
  }

  std::shared_ptr<const Seed> seed_;
  /// The ids of rows of the seed that were updated or removed.
  std::unordered_set<int64_t> hidden_;
  /// Rows of the seed that expired before this time are hidden too. It only increases.
  base::Time hidden_before_ = base::Time::min();
  KeyTable own_;
  std::set<std::pair<base::Time, int64_t>> own_expirations_;
  int64_t last_id_;
  bool touched_;
};

}  // namespace

std::unique_ptr<KeyStore> make_memory_store(std::shared_ptr<const Seed> seed) {
  if (seed == nullptr) seed = make_seed({});
  return std::make_unique<MemoryStore>(std::move(seed), false);
}

}  // namespace store
