#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "capgo/key_list.h"

namespace store {

/// The initial rows of memory stores, indexed once. Immutable: stores share it, from any thread.
class Seed {
 public:
  /// Throws StoreError if two keys have the same id or secret.
  explicit Seed(capgo::Snapshot snapshot);

  const capgo::Snapshot& snapshot() const { return snapshot_; }

  const capgo::KeyList& keys() const { return snapshot_.keys; }

  /// Finds the row of the key whose secret has this SHA-256, whether it is stored plain or hashed.
  /// Returns the number of keys if there is none.
  size_t find_by_hash(std::string_view hash) const;

  /// The rows of this user's keys, in ascending order.
  const std::vector<uint32_t>& rows_of_user(std::string_view user_id) const;

  /// Returns the highest id of a key; at least 0.
  int64_t max_id() const;

  bool is_empty() const;

 private:
  /// A SHA-256 in hex digits. Secrets have no other hashes, so others are not indexed.
  using Hash = std::array<char, 64>;

  /// Returns nothing for what is no such hash.
  static std::optional<Hash> to_hash(std::string_view digits);

  capgo::Snapshot snapshot_;
  std::map<std::string, std::vector<uint32_t>, std::less<>> by_user_;
  /// Hashes with the rows that have them, sorted.
  std::vector<std::pair<Hash, uint32_t>> by_hash_;
};

/// Throws StoreError if two keys have the same id or secret.
std::shared_ptr<const Seed> make_seed(capgo::Snapshot snapshot);

/// The id after `last`. Throws StoreError if there is none that JavaScript can represent.
int64_t next_id(int64_t last);

/// Throws StoreError if `holder`, the id of the key that has a secret, is not `id`.
void reject_duplicate_secret(int64_t holder, int64_t id);

}  // namespace store
