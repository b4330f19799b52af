#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "capgo/api_key.h"

namespace store {

/// A store that cannot be opened or has failed. The text names the file, says what is wrong and
/// what to do.
class StoreError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Where a world's keys, orgs and apps live.
///
/// Not thread-safe: guarded by the lock of the sandbox that owns it. Any call may throw StoreError
/// if the storage fails; the call has then changed nothing.
class KeyStore {
 public:
  virtual ~KeyStore() = default;

  /// The key with this plain secret, be it kept plain or as its SHA-256; one look, no scan.
  virtual std::optional<capgo::ApiKey> find_by_secret(std::string_view secret) const = 0;

  /// The key with this id; does not scan.
  virtual std::optional<capgo::ApiKey> find_by_id(int64_t id) const = 0;

  /// Calls `visit` with each key of this user, in ascending order of ids; looks at no other user's
  /// keys. `visit` may read the store but not change it.
  virtual void for_each_of_user(std::string_view user_id,
                                const std::function<void(const capgo::ApiKey&)>& visit) const = 0;

  /// Calls `visit` with the first `max` keys, in ascending order of ids. `visit` may read the store
  /// but not change it.
  virtual void for_each(size_t max,
                        const std::function<void(const capgo::ApiKey&)>& visit) const = 0;

  /// Keeps a new key and gives back its id: one more than the greatest ever given since the store
  /// was seeded, so that no id is used twice. The key's own `id` does not count. Throws StoreError
  /// if another key has its secret.
  virtual int64_t insert(const capgo::ApiKey& key) = 0;

  /// Puts this in the place of the key with its id; whether there is one. Throws StoreError if
  /// another key has its secret.
  virtual bool update(const capgo::ApiKey& key) = 0;

  /// Removes a key; whether there was one.
  virtual bool erase(int64_t id) = 0;

  /// Removes the keys whose `expires_at` lies before this time. Costs nothing to speak of where
  /// there are none.
  virtual void erase_expired_before(base::Time time) = 0;

  /// In the order seeded. The references hold until the store is seeded again.
  virtual const std::vector<capgo::Org>& orgs() const = 0;
  virtual const std::vector<capgo::App>& apps() const = 0;

  /// Whether it has never held a key, an org or an app. A store that was emptied is not untouched.
  virtual bool is_untouched() const = 0;

  /// Makes this all the store holds, all or nothing: what it held and the ids it gave are
  /// forgotten. Throws StoreError if two keys have one id or one secret.
  virtual void seed(const capgo::Snapshot& snapshot) = 0;

  /// Everything it holds; keys in ascending order of ids, orgs and apps in the order seeded.
  virtual capgo::Snapshot snapshot() const = 0;
};

}  // namespace store
