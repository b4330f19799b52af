#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "contract/deployed_model_samples.h"

namespace deployed_model {

inline const std::string kUser = "00000000-0000-4000-8000-000000000123";
inline const std::string kOtherUser = "00000000-0000-4000-8000-000000000456";
/// Has no keys at first.
inline const std::string kNewUser = "00000000-0000-4000-8000-000000000789";

inline const std::string kOpenOrg = "0a000000-0000-4000-8000-00000000000a";
inline const std::string kStrictOrg = "0b000000-0000-4000-8000-00000000000b";
inline const std::string kOthersOrg = "0c000000-0000-4000-8000-00000000000c";
inline const std::string kMonthOrg = "0d000000-0000-4000-8000-00000000000d";
inline const std::string kDatedOrg = "0e000000-0000-4000-8000-00000000000e";

/// The world of a round, and the secrets of its keys by their ids.
struct World {
  capgo::Snapshot snapshot;
  std::map<int64_t, std::string> secrets;

  ApiKey& add(int64_t gap, const std::string& secret, const std::string& user = kUser) {
    ApiKey key;
    key.id = (snapshot.keys.empty() ? 0 : snapshot.keys.back().id) + gap;
    key.key = secret;
    key.mode = KeyMode::all;
    key.name = "Key " + std::to_string(key.id);
    key.user_id = user;
    key.created_at = midnight(2024, 1, 1) + microseconds(123450 * key.id);
    key.updated_at = key.created_at + std::chrono::seconds(key.id);
    key.rbac_id = "b0000000-0000-4000-8000-" + padded(key.id, 12);
    secrets[key.id] = secret;
    return snapshot.keys.emplace_back(key);
  }
};

inline void hash(ApiKey& key) {
  key.key_hash = base::sha256_hex(*key.key);
  key.key.reset();
}

inline void add_orgs_and_apps(capgo::Snapshot& world) {
  world.orgs = {{kOpenOrg, "Open", std::nullopt, false, std::nullopt, false},
                {kStrictOrg, "Strict", {{kUser}}, true, 90, true},
                {kOthersOrg, "Another's", {{kOtherUser}}, true, 10, false},
                {kMonthOrg, "Month", std::nullopt, false, 30, true},
                {kDatedOrg, "Dated", {{kUser, kNewUser}}, true, 0, false}};
  world.apps = {{"a0000000-0000-4000-8000-00000000000a", "com.demo.app", kOpenOrg},
                {"b0000000-0000-4000-8000-00000000000b", "com.strict.app", kStrictOrg},
                {"c0000000-0000-4000-8000-00000000000c", "com.other.app", kOthersOrg},
                {"d0000000-0000-4000-8000-00000000000d", "com.month.app", kMonthOrg}};
}

/// Keys of every kind: of two users, plain and hashed, of all modes, limited in all ways.
inline World make_world(Chance& chance, base::Time now) {
  World world;
  add_orgs_and_apps(world.snapshot);
  const auto add = [&](int64_t gap, const std::string& user = kUser) -> ApiKey& {
    return world.add(gap, chance.uuid(), user);
  };
  add(1);
  add(1).mode = KeyMode::read;
  hash(add(1));
  add(2).limited_to_orgs->push_back(kOpenOrg);
  add(1).limited_to_apps->push_back("com.demo.app");
  add(1).expires_at = now - milliseconds(1);
  add(1, kOtherUser);
  ApiKey& upload = add(1);
  upload.mode = KeyMode::upload;
  upload.limited_to_orgs->push_back(kStrictOrg);
  upload.expires_at = now + std::chrono::hours(24 * 20) + microseconds(250);
  ApiKey& past_the_api = world.add(3, "ak_not_a_uuid");
  past_the_api.limited_to_apps.reset();
  past_the_api.limited_to_orgs.reset();
  // Expired by the microsecond before it is by the millisecond, which counts.
  for (int i = 0; i < 3; ++i) {
    add(1).expires_at = now + std::chrono::seconds(45) + microseconds(500);
  }
  add(1).limited_to_orgs = {kStrictOrg, kMonthOrg};
  ApiKey& hashed_subkey = add(1);
  hash(hashed_subkey);
  hashed_subkey.limited_to_orgs->push_back(kOpenOrg);
  add(1).mode = KeyMode::write;
  ApiKey& two_limits = add(1);
  two_limits.limited_to_orgs->push_back(kStrictOrg);
  two_limits.limited_to_apps->push_back("com.demo.app");
  add(1).limited_to_apps = {"com.strict.app", "com.month.app"};
  add(1).limited_to_orgs.reset();
  hash(add(1, kOtherUser));
  add(1, kOtherUser).limited_to_orgs->push_back(kOthersOrg);
  add(1, kOtherUser).limited_to_apps->push_back("com.other.app");
  return world;
}

}  // namespace deployed_model
