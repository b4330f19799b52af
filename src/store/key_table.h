#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "capgo/api_key.h"

namespace store {

/// Keys with their indexes. Not thread-safe while a thread changes it. Results are valid until the
/// table changes.
class KeyTable {
 public:
  using ById = std::map<int64_t, capgo::ApiKey>;
  using OfUser = std::map<int64_t, std::reference_wrapper<const capgo::ApiKey>>;

  KeyTable() = default;
  KeyTable(KeyTable&&) = default;
  KeyTable& operator=(KeyTable&&) = default;

  /// Finds the key with this id; null if there is none.
  const capgo::ApiKey* find(int64_t id) const;

  /// Finds the key whose secret has this SHA-256, whether it is stored plain or hashed; null if
  /// there is none.
  const capgo::ApiKey* find_by_hash(const std::string& hash) const;

  /// All keys, in ascending order of ids.
  const ById& by_id() const { return keys_; }

  /// The keys of this user, in ascending order of ids.
  const OfUser& of_user(std::string_view user_id) const;

  /// Adds a key with this id instead of its own. No key in the table may have the id or the secret.
  /// `hash` is the key's secret_hash, which callers need anyway to find duplicates.
  void add(int64_t id, const capgo::ApiKey& key, std::optional<std::string> hash);

  /// Removes the key with this id, if there is one.
  void erase(int64_t id);

 private:
  ById keys_;
  // These point into keys_, whose nodes never move, even if the table is moved.
  std::unordered_map<std::string, const capgo::ApiKey*> by_hash_;
  std::map<std::string, OfUser, std::less<>> by_user_;
};

}  // namespace store
