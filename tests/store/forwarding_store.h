#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/key_store.h"

namespace store_tests {

/// Forwards every call to another store. Tests override single calls.
class ForwardingStore : public store::KeyStore {
 public:
  std::optional<capgo::ApiKey> find_by_hash(const std::string& hash) const override {
    return target().find_by_hash(hash);
  }
  std::optional<capgo::ApiKey> find_by_id(int64_t id) const override {
    return target().find_by_id(id);
  }
  void for_each_of_user(std::string_view user_id,
                        const std::function<void(const capgo::ApiKey&)>& visit) const override {
    target().for_each_of_user(user_id, visit);
  }
  void for_each(size_t max, const std::function<void(const capgo::ApiKey&)>& visit) const override {
    target().for_each(max, visit);
  }
  int64_t insert(const capgo::ApiKey& key) override { return target().insert(key); }
  bool update(const capgo::ApiKey& key) override { return target().update(key); }
  bool erase(int64_t id) override { return target().erase(id); }
  void erase_expired_before(base::Time time) override { target().erase_expired_before(time); }
  const std::vector<capgo::Org>& orgs() const override { return target().orgs(); }
  const std::vector<capgo::App>& apps() const override { return target().apps(); }
  const std::vector<capgo::Channel>& channels() const override { return target().channels(); }
  bool is_untouched() const override { return target().is_untouched(); }
  void seed(const capgo::Snapshot& snapshot) override { target().seed(snapshot); }
  capgo::Snapshot snapshot() const override { return target().snapshot(); }

 private:
  /// Returns the store for the current call.
  virtual store::KeyStore& target() const = 0;
};

}  // namespace store_tests
