#include "store/memory_store.h"

#include <algorithm>
#include <limits>
#include <set>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/sha256.h"

namespace store {
namespace {

using capgo::ApiKey;

/// Two layers: the rows of the seed, less the hidden ones, and the store's own. No id and no secret
/// is in both.
class MemoryStore final : public KeyStore {
 public:
  MemoryStore(std::shared_ptr<const Seed> seed, bool touched)
      : seed_(std::move(seed)),
        last_id_(seed_->max_id()),
        touched_(touched || !seed_->is_empty()) {}
  MemoryStore(MemoryStore&&) = default;
  MemoryStore& operator=(MemoryStore&&) = default;

  std::optional<ApiKey> find_by_secret(std::string_view secret) const override {
    return copy_of(held_by_hash(base::sha256_hex(secret)));
  }

  std::optional<ApiKey> find_by_id(int64_t id) const override { return copy_of(held(id)); }

  void for_each_of_user(std::string_view user_id,
                        const std::function<void(const ApiKey&)>& visit) const override {
    merge(seed_->keys().of_user(user_id), own_.of_user(user_id), visit);
  }

  void for_each(size_t max, const std::function<void(const ApiKey&)>& visit) const override {
    merge(seed_->keys().by_id(), own_.by_id(), visit, max);
  }

  int64_t insert(const ApiKey& key) override {
    if (last_id_ == std::numeric_limits<int64_t>::max()) {
      throw StoreError("the largest possible id is in use, so no other key can be added");
    }
    const int64_t id = last_id_ + 1;
    add_own(id, key, free_hash(id, key));
    last_id_ = id;
    touched_ = true;
    return id;
  }

  bool update(const ApiKey& key) override {
    if (held(key.id) == nullptr) return false;
    std::optional<std::string> hash = free_hash(key.id, key);
    remove(key.id);
    add_own(key.id, key, std::move(hash));
    return true;
  }

  bool erase(int64_t id) override {
    if (held(id) == nullptr) return false;
    remove(id);
    return true;
  }

  void erase_expired_before(base::Time time) override {
    hidden_before_ = std::max(hidden_before_, time);
    while (!own_expiries_.empty() && own_expiries_.begin()->first < time) {
      remove(own_expiries_.begin()->second);
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
    merge(seeded, own, [&](const ApiKey& key) { snapshot.keys.push_back(key); });
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

  /// This row of the seed; null if it is hidden.
  const ApiKey* shown(const ApiKey* seeded) const {
    return seeded == nullptr || is_hidden(*seeded) ? nullptr : seeded;
  }

  const ApiKey* held(int64_t id) const {
    const ApiKey* const own = own_.find(id);
    return own != nullptr ? own : shown(seed_->keys().find(id));
  }

  const ApiKey* held_by_hash(const std::string& hash) const {
    const ApiKey* const own = own_.find_by_hash(hash);
    return own != nullptr ? own : shown(seed_->keys().find_by_hash(hash));
  }

  /// Calls `visit` with the first `max` keys of both layers that are not hidden, in ascending order
  /// of ids, by which they are mapped.
  template <typename KeysById, typename Visit>
  void merge(const KeysById& seeded, const KeysById& own, const Visit& visit,
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

  /// The key's secret_hash. Throws if a key of another id than this has the secret.
  std::optional<std::string> free_hash(int64_t id, const ApiKey& key) const {
    std::optional<std::string> hash = capgo::secret_hash(key);
    if (hash) reject_duplicate_secret(held_by_hash(*hash), id);
    return hash;
  }

  void add_own(int64_t id, const ApiKey& key, std::optional<std::string> hash) {
    own_.add(id, key, std::move(hash));
    if (key.expires_at) own_expiries_.emplace(*key.expires_at, id);
  }

  /// Removes a key that is held.
  void remove(int64_t id) {
    const ApiKey* const own = own_.find(id);
    if (own == nullptr) {
      hidden_.insert(id);
      return;
    }
    if (own->expires_at) own_expiries_.erase({*own->expires_at, id});
    own_.erase(id);
  }

  std::shared_ptr<const Seed> seed_;
  /// The ids of the seed's rows that were changed or removed one by one.
  std::unordered_set<int64_t> hidden_;
  /// The seed's rows that expired before are hidden too: to remove them, however many, is to move
  /// this time. It never goes back.
  base::Time hidden_before_ = base::Time::min();
  KeyTable own_;
  std::set<std::pair<base::Time, int64_t>> own_expiries_;
  int64_t last_id_;
  bool touched_;
};

}  // namespace

std::unique_ptr<KeyStore> make_memory_store(std::shared_ptr<const Seed> seed) {
  if (seed == nullptr) seed = make_seed({});
  return std::make_unique<MemoryStore>(std::move(seed), false);
}

}  // namespace store
