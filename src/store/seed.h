#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "capgo/api_key.h"
#include "store/key_table.h"

namespace store {

/// What memory stores begin with: the rows of a snapshot, indexed once. It never changes, so any
/// number of stores may share one, from any threads.
class Seed {
 public:
  /// Throws StoreError if two keys have one id or one secret.
  explicit Seed(const capgo::Snapshot& snapshot);

  const KeyTable& keys() const { return keys_; }

  /// In the order of the snapshot.
  const std::vector<capgo::Org>& orgs() const { return orgs_; }
  const std::vector<capgo::App>& apps() const { return apps_; }

  /// The highest id of its keys; 0 if it has no keys.
  int64_t max_id() const;

  /// Whether it has no key, no org and no app.
  bool is_empty() const;

  /// The snapshot it was made from.
  capgo::Snapshot snapshot() const;

 private:
  std::vector<capgo::Org> orgs_;
  std::vector<capgo::App> apps_;
  KeyTable keys_;
};

/// A seed to share. Throws StoreError if two keys have one id or one secret.
std::shared_ptr<const Seed> make_seed(const capgo::Snapshot& snapshot);

/// Takes the key that already has a secret (null if none) and the id of the key that should get it.
/// Throws StoreError, which names the holder, if they are not the same key.
void reject_duplicate_secret(const capgo::ApiKey* holder, int64_t id);

}  // namespace store
