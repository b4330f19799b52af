#pragma once

#include <random>

#include "contract/documented_model.h"

/// Worlds at random, for the test of the model.
namespace documented_model {

class Random {
 public:
  explicit Random(uint64_t seed) : engine_(seed) {}

  size_t below(size_t count) { return static_cast<size_t>(engine_() % count); }
  bool chance(size_t percent) { return below(100) < percent; }

  template <typename Item>
  const Item& pick(const std::vector<Item>& items) {
    return items[below(items.size())];
  }

 private:
  std::mt19937_64 engine_;
};

/// Secrets and their SHA-256, for hashed keys of a fixture.
inline const std::vector<std::pair<std::string, std::string>> kHashedSecrets = {
    {"ak_hashed_1", "7f732dae2f24e8498f9e34134e6362481a00138575d3423c259fcdddce6d81cb"},
    {"ak_hashed_2", "ce8bfa793f8fd463c2730c9872dfacdd38e707dbcc814ee66eef97ce2b04cddb"},
    {"ak_hashed_3", "b684519b58edbf0ca4fe236fea5868b8484f6a993e8163f740f572722d692317"},
};

/// A span of time that matters: to a rate window, a key, a policy or the clean-up.
inline Moment some_span(Random& random) {
  static const std::vector<Moment> kSpans = {0,         kSecond,      30 * kSecond, 60 * kSecond,
                                             kDay,      7 * kDay,     30 * kDay,    31 * kDay,
                                             90 * kDay, 27'000 * kDay};
  static const std::vector<Moment> kNudges = {-kSecond, -1, 0, 0, 0, 1, 1000, kSecond};
  return random.pick(kSpans) + random.pick(kNudges);
}

inline std::vector<std::string> some_orgs(Random& random) {
  static const std::vector<std::string> kOrgs = {"org_free",    "org_date",    "org_max",
                                                 "org_both",    "org_members", "org_hidden",
                                                 "org_unknown", "ORG_DATE",    ""};
  std::vector<std::string> orgs;
  for (size_t count = 1 + random.below(4); count > 0; --count) orgs.push_back(random.pick(kOrgs));
  return orgs;
}

inline std::string some_name(Random& random) {
  static const std::vector<std::string> kNames = {"CI",
                                                  "Deploy Bot",
                                                  " ",
                                                  "\t\n",
                                                  "k\"\\/",
                                                  "Schl\u00fcssel \u2028 \U0001F511",
                                                  "CI/CD Read Key",
                                                  std::string("a\0b", 3),
                                                  "\x7f\x01",
                                                  "bad \uFFFD byte",
                                                  std::string(300, 'x')};
  return random.pick(kNames);
}

inline std::string some_mode(Random& random, size_t percent_all) {
  if (random.chance(percent_all)) return "all";
  return random.pick(std::vector<std::string>{"read", "upload", "write", "all"});
}

inline Key some_fixture_key(Random& random, const Model& model) {
  Key key;
  key.id = model.last_id + 1 + static_cast<int64_t>(random.below(3));
  key.secret = "ak_fixture_" + std::to_string(key.id);
  key.mode = some_mode(random, 40);
  key.name = random.chance(50) ? "CI" : "Schl\u00fcssel";
  key.user = random.pick(std::vector<std::string>{"user_123", "user_123", "user_456"});
  key.created = model.now - 100 * kDay - static_cast<Moment>(random.below(kDay));
  key.updated = key.created + static_cast<Moment>(random.below(kDay));
  if (random.chance(60)) key.expires = model.now + (random.chance(50) ? 1 : -1) * some_span(random);
  if (random.chance(15)) key.apps = {"com.demo.app", "com.demo.app"};
  if (random.chance(15)) key.orgs = {"org_date"};
  return key;
}

/// Orgs, and keys of two users: each has one that may manage keys.
inline Model some_world(Random& random, Moment now) {
  Model model;
  model.now = now;
  auto days = [&] { return random.pick(std::vector<int64_t>{1, 7, 30, 31, 90}); };
  std::vector<std::string> both = {"user_123", "user_456"};
  model.orgs = {{"org_free", {}, false, {}},
                {"org_date", {}, true, {}},
                {"org_max", {}, false, days()},
                {"org_both", both, true, days()},
                {"org_members", std::vector<std::string>{"user_456"}, random.chance(50), days()},
                {"org_hidden", std::vector<std::string>{}, true, 1}};
  for (const char* user : {"user_123", "user_456"}) {
    Key key;
    key.id = model.last_id + 1;
    key.secret = "ak_" + std::string(user);
    key.mode = "all";
    key.name = "Caller";
    key.user = user;
    key.created = key.updated = now - kDay;
    model.keys[model.last_id = key.id] = key;
  }
  for (size_t i = random.below(8); i > 0; --i) {
    Key key = some_fixture_key(random, model);
    model.keys[model.last_id = key.id] = key;
  }
  for (const auto& hashed : kHashedSecrets) {
    Key key = some_fixture_key(random, model);
    key.secret = hashed.first;
    key.is_hashed = true;
    model.keys[model.last_id = key.id] = key;
  }
  if (random.chance(50)) model.rate_limit = 1 + static_cast<int64_t>(random.below(4));
  return model;
}

/// The world as a fixture file.
inline std::string fixture_of(const Model& model) {
  Ordered orgs = Ordered::array();
  for (const Org& org : model.orgs) {
    Ordered item = {{"id", org.id}, {"require_apikey_expiration", org.wants_date}};
    if (org.members) item["members"] = *org.members;
    if (org.most_days) item["max_apikey_expiration_days"] = *org.most_days;
    item["enforce_hashed_api_keys"] = org.id == "org_free";
    orgs.push_back(item);
  }
  Ordered keys = Ordered::array();
  for (const auto& entry : model.keys) {
    const Key& key = entry.second;
    Ordered item = {{"id", key.id}, {"mode", key.mode}, {"name", key.name}, {"user_id", key.user}};
    item["created_at"] = exact_text(key.created);
    item["updated_at"] = exact_text(key.updated);
    if (key.expires) item["expires_at"] = exact_text(*key.expires);
    item["limited_to_apps"] = key.apps;
    item["limited_to_orgs"] = key.orgs;
    if (!key.is_hashed) item["key"] = key.secret;
    for (const auto& hashed : kHashedSecrets) {
      if (hashed.first == key.secret) item["key_hash"] = hashed.second;
    }
    keys.push_back(item);
  }
  return Ordered{{"orgs", orgs}, {"keys", keys}}.dump();
}

}  // namespace documented_model
