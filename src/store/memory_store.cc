#include "store/memory_store.h"

#include <algorithm>
#include <limits>
#include <map>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/sha256.h"

namespace store {
namespace {

using capgo::ApiKey;

class MemoryStore final : public KeyStore {
 public:
  MemoryStore() = default;
  MemoryStore(MemoryStore&&) = default;
  MemoryStore& operator=(MemoryStore&&) = default;

  std::optional<ApiKey> find_by_secret(std::string_view secret) const override {
    const auto found = by_secret_.find(base::sha256_hex(secret));
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

  bool update(const ApiKey& key) override {
    const auto found = keys_.find(key.id);
    if (found == keys_.end()) return false;
    refuse_doubled(capgo::secret_hash(key), key.id);
    drop(found);
    add(key.id, key);
    return true;
  }

  bool erase(int64_t id) override {
    const auto found = keys_.find(id);
    if (found == keys_.end()) return false;
    drop(found);
    return true;
  }

  void erase_expired_before(base::Time moment) override {
    while (!by_expiry_.empty() && by_expiry_.begin()->first < moment) {
      drop(keys_.find(by_expiry_.begin()->second));
    }
  }

  const std::vector<capgo::Org>& orgs() const override { return orgs_; }
  const std::vector<capgo::App>& apps() const override { return apps_; }

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
  using Keys = std::map<int64_t, ApiKey>;

  /// Throws if a key of another id has the secret of this hash.
  void refuse_doubled(const std::optional<std::string>& hash, int64_t id) const {
    const auto found = hash ? by_secret_.find(*hash) : by_secret_.end();
    if (found == by_secret_.end() || found->second->id == id) return;
    throw StoreError("key " + std::to_string(found->second->id) + " has the same secret");
  }

  void drop(Keys::iterator found) {
    const ApiKey& key = found->second;
    if (const auto hash = capgo::secret_hash(key)) by_secret_.erase(*hash);
    by_user_.erase({key.user_id, key.id});
    if (key.expires_at) by_expiry_.erase({*key.expires_at, key.id});
    keys_.erase(found);
  }

  void add(int64_t id, ApiKey key) {
    key.id = id;
    std::optional<std::string> hash = capgo::secret_hash(key);
    refuse_doubled(hash, id);
    const auto [at, is_new] = keys_.try_emplace(id, std::move(key));
    if (!is_new) throw StoreError("two keys have the id " + std::to_string(id));
    const ApiKey& kept = at->second;
    if (hash) by_secret_.emplace(*std::move(hash), &kept);
    if (kept.expires_at) by_expiry_.emplace(*kept.expires_at, id);
    by_user_.emplace(UserAndId(kept.user_id, id), &kept);
    last_id_ = std::max(last_id_, id);
    touched_ = true;
  }

  using UserAndId = std::pair<std::string_view, int64_t>;

  Keys keys_;
  // These look into keys_, whose nodes stay where they are for as long as the key is kept.
  /// By the secret's SHA-256, whether the key is kept plain or hashed: one look finds both.
  std::unordered_map<std::string, const ApiKey*> by_secret_;
  std::map<UserAndId, const ApiKey*> by_user_;
  std::set<std::pair<base::Time, int64_t>> by_expiry_;
  std::vector<capgo::Org> orgs_;
  std::vector<capgo::App> apps_;
  int64_t last_id_ = 0;
  bool touched_ = false;
};

}  // namespace

std::unique_ptr<KeyStore> make_memory_store() { return std::make_unique<MemoryStore>(); }

}  // namespace store
