#include "store/memory_store.h"

#include <algorithm>
#include <set>
#include <unordered_set>
#include <utility>
#include <vector>

#include "store/key_table.h"

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
    const ApiKey* const own = own_.find_by_hash(hash);
    if (own != nullptr) return *own;
    return if_visible(seed_->find_by_hash(hash));
  }

  std::optional<ApiKey> find_by_id(int64_t id) const override {
    const ApiKey* const own = own_.find(id);
    if (own != nullptr) return *own;
    return if_visible(seed_->keys().find(id));
  }

  void for_each_of_user(std::string_view user_id,
                        const std::function<void(const ApiKey&)>& visit) const override {
    const std::vector<uint32_t>& rows = seed_->rows_of_user(user_id);
    visit_visible(
        rows.size(), [&](size_t i) { return rows[i]; }, own_.of_user(user_id), visit);
  }

  void for_each(size_t max, const std::function<void(const ApiKey&)>& visit) const override {
    visit_all(visit, max);
  }

  int64_t insert(const ApiKey& key) override {
    const int64_t id = key.id != 0 ? key.id : next_id(last_id_);
    if (has(id)) throw StoreError("two keys have the id " + std::to_string(id));
    add_own(id, key, unique_hash(id, key));
    last_id_ = std::max(last_id_, id);
    touched_ = true;
    return id;
  }

  bool update(const ApiKey& key) override {
    if (!has(key.id)) return false;
    std::optional<std::string> hash = unique_hash(key.id, key);
    erase_or_hide(key.id);
    add_own(key.id, key, std::move(hash));
    return true;
  }

  bool erase(int64_t id) override {
    if (!has(id)) return false;
    erase_or_hide(id);
    return true;
  }

  void erase_expired_before(base::Time time) override {
    hidden_before_ = std::max(hidden_before_, time);
    while (!own_expirations_.empty() && own_expirations_.begin()->first < time) {
      erase_or_hide(own_expirations_.begin()->second);
    }
  }

  const std::vector<capgo::Org>& orgs() const override { return seed_->snapshot().orgs; }
  const std::vector<capgo::App>& apps() const override { return seed_->snapshot().apps; }
  const std::vector<capgo::Channel>& channels() const override {
    return seed_->snapshot().channels;
  }

  bool is_untouched() const override { return !touched_; }

  void seed(const capgo::Snapshot& snapshot) override {
    *this = MemoryStore(make_seed(snapshot), touched_);
  }

  capgo::Snapshot snapshot() const override {
    capgo::Snapshot snapshot{orgs(), apps(), {}, channels()};
    visit_all([&](const ApiKey& key) { snapshot.keys.push_back(key); });
    return snapshot;
  }

 private:
  bool is_hidden(const ApiKey& seeded) const {
    return (seeded.expires_at && *seeded.expires_at < hidden_before_) ||
           hidden_.contains(seeded.id);
  }

  /// Returns the key in this row of the seed; nothing if it is hidden or there is no such row.
  std::optional<ApiKey> if_visible(size_t row) const {
    std::optional<ApiKey> key;
    if (row == seed_->keys().size()) return key;
    seed_->keys().read(row, key.emplace());
    if (is_hidden(*key)) key.reset();
    return key;
  }

  bool has(int64_t id) const {
    return own_.find(id) != nullptr || if_visible(seed_->keys().find(id)).has_value();
  }

  /// Calls `visit` with the first `max` visible keys, in ascending order of ids: those in the
  /// seed's rows `row_at(0)` to `row_at(count - 1)`, and `own`.
  template <typename RowAt, typename Own, typename Visit>
  void visit_visible(size_t count, const RowAt& row_at, const Own& own, const Visit& visit,
                     size_t max = SIZE_MAX) const {
    auto next = own.begin();
    ApiKey key;
    for (size_t i = 0; i < count; ++i) {
      seed_->keys().read(row_at(i), key);
      if (is_hidden(key)) continue;
      for (; max > 0 && next != own.end() && next->first < key.id; ++next, --max) {
        visit(next->second);
      }
      if (max == 0) return;
      visit(key);
      --max;
    }
    for (; max > 0 && next != own.end(); ++next, --max) visit(next->second);
  }

  template <typename Visit>
  void visit_all(const Visit& visit, size_t max = SIZE_MAX) const {
    visit_visible(
        seed_->keys().size(), [](size_t row) { return row; }, own_.by_id(), visit, max);
  }

  /// Returns the key's secret_hash. Throws if a key with another id has the secret.
  std::optional<std::string> unique_hash(int64_t id, const ApiKey& key) const {
    std::optional<std::string> hash = capgo::secret_hash(key);
    if (!hash) return hash;
    if (const auto holder = find_by_hash(*hash)) reject_duplicate_secret(holder->id, id);
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
