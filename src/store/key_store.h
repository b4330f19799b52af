#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "base/sha256.h"
#include "capgo/key_list.h"

namespace store {

/// The store cannot be opened or has failed. The message names the file, the problem and what to
/// do.
class StoreError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Stores a sandbox's keys, orgs, apps and channels.
///
/// Not thread-safe: guarded by the lock of the sandbox that owns it. Any call may throw StoreError
/// if the storage fails; then it has changed nothing.
class KeyStore {
 public:
  virtual ~KeyStore() = default;

  /// Finds the key with this plain secret, whether stored as it is or as SHA-256. An index lookup.
  /// The same secret in a row, as of a client that sends many requests, is hashed once.
  std::optional<capgo::ApiKey> find_by_secret(std::string_view secret) const {
    if (hash_of_last_secret_.empty() || secret != last_secret_) {
      hash_of_last_secret_ = base::sha256_hex(secret);
      last_secret_ = secret;
    }
    return find_by_hash(hash_of_last_secret_);
  }

  /// Finds the key whose secret has this SHA-256: see capgo::secret_hash. An index lookup.
  virtual std::optional<capgo::ApiKey> find_by_hash(const std::string& hash) const = 0;

  /// Finds the key with this id. An index lookup.
  virtual std::optional<capgo::ApiKey> find_by_id(int64_t id) const = 0;

  /// Calls `visit` with each key of this user, in ascending order of ids, without visiting other
  /// users' keys. `visit` may read the store but not change it.
  virtual void for_each_of_user(std::string_view user_id,
                                const std::function<void(const capgo::ApiKey&)>& visit) const = 0;

  /// Calls `visit` with the first `max` keys, in ascending order of ids. `visit` may read the store
  /// but not change it.
  virtual void for_each(size_t max,
                        const std::function<void(const capgo::ApiKey&)>& visit) const = 0;

  /// Adds a key and returns its id. If that is 0, the id is one more than the highest id since the
  /// store was seeded, so these ids are never reused. Throws StoreError if another key has its id
  /// or its secret.
  virtual int64_t insert(const capgo::ApiKey& key) = 0;

  /// Replaces the key with the same id. Returns whether there is one. Throws StoreError if another
  /// key has its secret.
  virtual bool update(const capgo::ApiKey& key) = 0;

  /// Removes a key. Returns whether there was one.
  virtual bool erase(int64_t id) = 0;

  /// Removes the keys whose `expires_at` is before this time. Fast if there are none.
  virtual void erase_expired_before(base::Time time) = 0;

  /// In the order seeded. The references are valid until the store is seeded again.
  virtual const std::vector<capgo::Org>& orgs() const = 0;
  virtual const std::vector<capgo::App>& apps() const = 0;
  virtual const std::vector<capgo::Channel>& channels() const = 0;

  /// Returns whether the store has always been empty: nothing was ever in it.
  virtual bool is_untouched() const = 0;

  /// Replaces everything in the store, including the highest used id, in one transaction. Throws
  /// StoreError if two keys have the same id or secret.
  virtual void seed(const capgo::Snapshot& snapshot) = 0;

  /// Returns everything in the store: keys in ascending order of ids, the rest as seeded.
  virtual capgo::Snapshot snapshot() const = 0;

 private:
  mutable std::string last_secret_;
  mutable std::string hash_of_last_secret_;
};

}  // namespace store
