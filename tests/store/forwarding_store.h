#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "store/key_store.h"

namespace store_tests {

/// Hands every call on to another store, asking each time which. A test overrides what differs.
class ForwardingStore : public store::KeyStore {
 public:
  std::optional<capgo::ApiKey> find_by_secret(std::string_view secret) const override {
    return now().find_by_secret(secret);
  }
  std::optional<capgo::ApiKey> find_by_id(int64_t id) const override {
    return now().find_by_id(id);
  }
  void for_each_of_user(std::string_view user_id,
                        const std::function<void(const capgo::ApiKey&)>& visit) const override {
    now().for_each_of_user(user_id, visit);
  }
  void for_each(size_t max,
                const std::function<void(const capgo::ApiKey&)>& visit) const override {
    now().for_each(max, visit);
  }
  int64_t insert(const capgo::ApiKey& key) override { return now().insert(key); }
  bool update(const capgo::ApiKey& key) override { return now().update(key); }
  bool erase(int64_t id) override { return now().erase(id); }
  void erase_expired_before(base::Time time) override { now().erase_expired_before(time); }
  const std::vector<capgo::Org>& orgs() const override { return now().orgs(); }
  const std::vector<capgo::App>& apps() const override { return now().apps(); }
  bool is_untouched() const override { return now().is_untouched(); }
  void seed(const capgo::Snapshot& snapshot) override { now().seed(snapshot); }
  capgo::Snapshot snapshot() const override { return now().snapshot(); }

 private:
  /// The store that this call is for.
  virtual store::KeyStore& now() const = 0;
};

}  // namespace store_tests
