#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "capgo/api_key.h"
#include "store/key_table.h"

namespace store {

/// The initial rows of memory stores, indexed once. Immutable: stores share it, from any thread.
class Seed {
 public:
  /// Throws StoreError if two keys have the same id or secret.
  explicit Seed(const capgo::Snapshot& snapshot);

  const KeyTable& keys() const { return keys_; }

  /// In the order of the snapshot.
  const std::vector<capgo::Org>& orgs() const { return orgs_; }
  const std::vector<capgo::App>& apps() const { return apps_; }

  /// Returns the highest id of a key; at least 0.
  int64_t max_id() const;

  bool is_empty() const;

  capgo::Snapshot snapshot() const;

 private:
  std::vector<capgo::Org> orgs_;
  std::vector<capgo::App> apps_;
  KeyTable keys_;
};

/// Throws StoreError if two keys have the same id or secret.
std::shared_ptr<const Seed> make_seed(const capgo::Snapshot& snapshot);

/// The id after `last`. Throws StoreError if there is none that JavaScript can represent.
int64_t next_id(int64_t last);

/// Throws StoreError if `holder`, the key that already has a secret (null if none), is another key
/// than that with this id.
void reject_duplicate_secret(const capgo::ApiKey* holder, int64_t id);

}  // namespace store
