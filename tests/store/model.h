#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/sha256.h"
#include "capgo/key_list.h"

namespace store_tests {

constexpr base::Time kNoon{std::chrono::hours{12}};
constexpr std::chrono::microseconds kTick{1};

inline capgo::ApiKey make_key(std::optional<std::string> secret, std::string user_id = "user_123") {
  capgo::ApiKey key;
  key.key = std::move(secret);
  key.name = "CI";
  key.user_id = std::move(user_id);
  return key;
}

/// A key with the SHA-256 of its secret only.
inline capgo::ApiKey make_hashed_key(std::string_view secret, std::string user_id = "user_123") {
  capgo::ApiKey key = make_key(std::nullopt, std::move(user_id));
  key.key_hash = base::sha256_hex(secret);
  return key;
}

inline capgo::ApiKey with_id(capgo::ApiKey key, int64_t id) {
  key.id = id;
  return key;
}

/// Random rows with strings that are hard to store.
class Rows {
 public:
  explicit Rows(uint64_t seed) : random_(seed) {}

  /// A number from 0 to limit - 1.
  size_t below(size_t limit) { return static_cast<size_t>(random_.next() % limit); }

  std::string str() { return kStrings.at(below(kStrings.size())); }

  /// Without the last one: what comes from JSON is UTF-8.
  std::string json_str() { return kStrings.at(below(kStrings.size() - 1)); }

  std::string user() { return below(8) == 0 ? str() : "user_" + std::to_string(below(3)); }

  std::vector<std::string> strings() {
    std::vector<std::string> strings(below(4));
    for (std::string& each : strings) each = json_str();
    return strings;
  }

  base::Time time() {
    return base::Time(std::chrono::microseconds(static_cast<int64_t>(random_.next()) >> below(40)));
  }

  capgo::Limits limits() { return below(4) == 0 ? std::nullopt : capgo::Limits(strings()); }

  /// A secret that was not used before.
  std::string new_secret() {
    return secrets_.emplace_back(str() + std::to_string(secrets_.size()));
  }

  /// A secret that was used before, if there is one.
  std::string some_secret() { return secrets_.empty() ? str() : secrets_[below(secrets_.size())]; }

  /// A key whose secret, if it has one, is new.
  capgo::ApiKey key() {
    capgo::ApiKey key = make_key(std::nullopt, user());
    key.id = static_cast<int64_t>(below(1000));
    set_secret(key, new_secret());
    if (below(5) == 0) {
      key.key.reset();
      // A key_hash that is not the SHA-256 of a secret is stored like any other.
      key.key_hash = below(2) == 0 ? std::optional(new_secret()) : std::nullopt;
    }
    key.mode = static_cast<capgo::KeyMode>(below(4));
    key.name = str();
    key.created_at = time();
    key.updated_at = time();
    if (below(2) == 0) key.expires_at = time();
    key.limited_to_apps = limits();
    key.limited_to_orgs = limits();
    if (below(2) == 0) key.rbac_id = str();
    if (below(3) == 0) key.rights = rights();
    return key;
  }

  /// Sets the secret: plain, hashed or both.
  void set_secret(capgo::ApiKey& key, const std::string& secret) {
    const size_t way = below(3);
    key.key = way == 1 ? std::nullopt : std::optional(secret);
    key.key_hash = way == 0 ? std::nullopt : std::optional(base::sha256_hex(secret));
  }

  capgo::Rights rights() {
    capgo::Rights rights;
    for (size_t left = below(3); left > 0; --left) {
      auto scope = static_cast<capgo::Scope>(below(3));
      capgo::Binding binding{json_str(), scope, json_str()};
      if (scope != capgo::Scope::org) binding.app_id = json_str();
      if (scope == capgo::Scope::channel) binding.channel_id = json_str();
      rights.bindings.push_back(binding);
    }
    if (below(2) == 0) rights.global_permissions = {"org.create"};
    return rights;
  }

  std::vector<capgo::Member> members() {
    std::vector<capgo::Member> members;
    for (std::string& user : strings()) {
      members.push_back({std::move(user)});
      if (below(2) == 0) members.back().role_name = "org_member";
    }
    return members;
  }

  capgo::Org org() {
    capgo::Org org{str(), str(), std::nullopt, below(2) == 0, std::nullopt, below(2) == 0};
    if (below(2) == 0) org.members = members();
    if (below(2) == 0) org.max_apikey_expiration_days = static_cast<int64_t>(random_.next());
    return org;
  }

  capgo::Snapshot snapshot() {
    capgo::Snapshot snapshot;
    for (size_t left = below(4); left > 0; --left) snapshot.orgs.push_back(org());
    for (size_t left = below(4); left > 0; --left) {
      snapshot.apps.push_back({str(), str(), str()});
    }
    for (size_t left = below(4); left > 0; --left) {
      snapshot.channels.push_back({static_cast<int64_t>(random_.next()), str(), str(), str()});
    }
    int64_t id = 0;
    for (size_t left = below(6); left > 0; --left) {
      id += 1 + static_cast<int64_t>(below(20));
      snapshot.keys.push_back(with_id(key(), id));
    }
    return snapshot;
  }

 private:
  inline static const std::array<std::string, 9> kStrings = {"",
                                                             std::string("\0", 1),
                                                             std::string("a\0b", 3),
                                                             "'; DROP TABLE keys; --",
                                                             R"([",\"])",
                                                             "é\u2028\U0001F511",
                                                             "com.demo.app",
                                                             "NULL",
                                                             "\xff\xfe not UTF-8 \x80"};

  base::Random random_;
  std::vector<std::string> secrets_;
};

/// The expected content and results of a store, from a map and linear searches.
struct Model {
  std::vector<capgo::Org> orgs;
  std::vector<capgo::App> apps;
  std::vector<capgo::Channel> channels;
  std::map<int64_t, capgo::ApiKey> keys;
  int64_t last_id = 0;
  bool is_untouched = true;

  void seed(const capgo::Snapshot& snapshot) {
    bool is_empty = snapshot == capgo::Snapshot{};
    *this = {snapshot.orgs, snapshot.apps, snapshot.channels, {}, 0, is_untouched && is_empty};
    for (const capgo::ApiKey& key : snapshot.keys) keys[last_id = key.id] = key;
  }

  capgo::Snapshot snapshot() const {
    capgo::Snapshot snapshot{orgs, apps, {}, channels};
    for (const auto& [id, key] : keys) snapshot.keys.push_back(key);
    return snapshot;
  }

  std::optional<capgo::ApiKey> find_by_id(int64_t id) const {
    return keys.contains(id) ? std::optional(keys.at(id)) : std::nullopt;
  }

  std::optional<capgo::ApiKey> find_by_secret(const std::string& secret) const {
    const std::string hash = base::sha256_hex(secret);
    const auto found = std::ranges::find_if(keys, [&](const auto& entry) {
      const capgo::ApiKey& key = entry.second;
      return key.key_hash ? key.key_hash == hash : key.key == secret;
    });
    return found == keys.end() ? std::nullopt : std::optional(found->second);
  }

  bool update(const capgo::ApiKey& key) {
    if (!keys.contains(key.id)) return false;
    keys[key.id] = key;
    return true;
  }

  void erase_expired_before(base::Time time) {
    std::erase_if(keys, [&](const auto& entry) {
      return entry.second.expires_at && *entry.second.expires_at < time;
    });
  }

  std::vector<capgo::ApiKey> keys_of(const std::string& user_id) const {
    std::vector<capgo::ApiKey> found;
    for (const auto& [id, key] : keys) {
      if (key.user_id == user_id) found.push_back(key);
    }
    return found;
  }
};

}  // namespace store_tests
