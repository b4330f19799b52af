#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <regex>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/sha256.h"
#include "base/time_format.h"
#include "capgo/api_key.h"
#include "contract/contract.h"
#include "fixtures/fixture_file.h"
#include "http/message.h"
#include "json/value.h"
#include "store/test_seed.h"
#include "test_engine.h"

/// What the random tests of the contracts share. A model has the rules of a contract once more,
/// from its page and without the program's code: it predicts the status, the step that refuses and
/// the keys that there are afterwards. What an answer says in words is in the golden files alone.
namespace model {

using base::Time;
using capgo::ApiKey;
using capgo::KeyMode;
using json::Ordered;
using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

inline constexpr hours kDay{24};

class Random {
 public:
  explicit Random(uint64_t seed) : engine_(seed) {}

  /// A number from 0 to limit - 1.
  size_t below(size_t limit) { return static_cast<size_t>(engine_() % limit); }
  bool chance(size_t percent) { return below(100) < percent; }
  template <typename Items>
  auto pick(const Items& items) {
    return *std::next(items.begin(), static_cast<std::ptrdiff_t>(below(items.size())));
  }
  /// One of a few texts.
  std::string pick(std::initializer_list<const char*> texts) {
    return *(texts.begin() + below(texts.size()));
  }

 private:
  std::mt19937_64 engine_;
};

inline bool is_digits(const std::string& text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
}

inline bool is_uuid(const std::string& text) {
  static const std::regex kForm("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");
  return std::regex_match(text, kForm);
}

inline bool is_mode(const Ordered& value) {
  return std::ranges::any_of(base::kNames<capgo::KeyMode>,
                             [&](auto mode) { return value == mode; });
}

inline bool are_strings(const Ordered& list) {
  return list.is_array() &&
         std::ranges::all_of(list, [](const Ordered& item) { return item.is_string(); });
}

inline bool has(const std::vector<std::string>& list, const std::string& item) {
  return std::ranges::find(list, item) != list.end();
}

/// What a model predicts of an answer.
struct Outcome {
  int status = 200;
  /// What X-Mock-Reason begins with; empty for no such header.
  std::string step = {};
  /// The ids of the keys that the answer has.
  std::vector<int64_t> ids = {};
  /// A key with a new secret, which only the answer tells.
  std::optional<ApiKey> made = {};
};

/// What there is, and what each model changes.
struct World {
  Time now = test_engine::frozen_clock().now();
  std::optional<int64_t> rate_limit;
  /// Without keys.
  capgo::Snapshot rest;
  std::map<int64_t, ApiKey> keys;
  /// The plain secrets of the keys, of hashed ones too.
  std::map<int64_t, std::string> secrets;
  /// Of keys that were deleted or have a new one.
  std::vector<std::string> old_secrets;
  int64_t last_id = 0;

  ApiKey& add(int64_t id, const std::string& secret, const std::string& user) {
    ApiKey key;
    key.id = last_id = id;
    key.mode = KeyMode::all;
    key.name = "Key";
    key.user_id = user;
    key.created_at = now - 100 * kDay;
    key.updated_at = key.created_at + seconds(id);
    set_secret(key, secret, false);
    return keys[id] = key;
  }

  void set_secret(ApiKey& key, std::string secret, bool is_hashed) {
    if (secrets.contains(key.id)) old_secrets.push_back(secrets[key.id]);
    secrets[key.id] = secret;
    key.key.reset();
    key.key_hash.reset();
    (is_hashed ? key.key_hash : key.key) = is_hashed ? base::sha256_hex(secret) : secret;
  }

  void erase(int64_t id) {
    keys.erase(id);
    old_secrets.push_back(secrets[id]);
    secrets.erase(id);
  }

  /// Null if there is none.
  const ApiKey* find_by_secret(const std::string& secret) const {
    for (const auto& [id, each] : secrets) {
      if (each == secret) return &keys.at(id);
    }
    return nullptr;
  }

  /// The user's key of the number in these digits; null if there is none.
  const ApiKey* find_own(const std::string& digits, const std::string& user) const {
    for (const auto& [id, key] : keys) {
      std::string number = std::to_string(id);
      bool is_it = digits.ends_with(number) &&
                   digits.find_first_not_of('0') == digits.size() - number.size();
      if (is_it && key.user_id == user) return &key;
    }
    return nullptr;
  }

  std::vector<int64_t> ids_of(const std::string& user) const {
    std::vector<int64_t> ids;
    for (const auto& [id, key] : keys) {
      if (key.user_id == user) ids.push_back(id);
    }
    return ids;
  }

  capgo::Snapshot snapshot() const {
    capgo::Snapshot all = rest;
    for (const auto& [id, key] : keys) all.keys.push_back(key);
    return all;
  }
};

/// The id of some key, or of none; most often there is such a key. There must be keys.
inline int64_t some_id(Random& random, const World& world) {
  if (random.chance(12)) return static_cast<int64_t>(random.below(30));
  return random.pick(world.keys).first;
}

/// An id in a path, and what it is decoded.
inline std::pair<std::string, std::string> some_path_id(Random& random, const World& world) {
  std::string id = std::to_string(some_id(random, world));
  size_t form = random.below(24);
  if (form == 0) return {"%3" + id, id};
  if (form == 1) return {"%20" + id, " " + id};
  if (form == 2) id = "000" + id;
  if (form == 3) id = random.pick({"abc", "-1", "+1", "1.5", "1e0", "0x1", "1,2", "ak_x", "%zz"});
  if (form == 4) {
    id = random.pick({"0", "9223372036854775807", "9223372036854775808", "9223372036854774784",
                      "1000000000000000000000"});
  }
  if (form == 5) id = "0123ABCD-abcd-4000-8000-00000000000F";
  if (form == 6) id = random.pick(world.secrets).second;
  return {id, id};
}

/// The secret of a key that `is_valid`, if a few tries find one; else of any.
template <typename IsGood>
std::string some_secret(Random& random, const World& world, const IsGood& is_valid) {
  for (int tries = random.chance(15) ? 0 : 20; tries > 0; --tries) {
    auto [id, key] = random.pick(world.keys);
    if (is_valid(key)) return world.secrets.at(id);
  }
  return random.pick(world.secrets).second;
}

/// A later time, often one at which something changes for a key.
inline Time some_later_time(Random& random, const World& world) {
  static const std::vector<microseconds> kSpans = {microseconds(1), milliseconds(1), seconds(30),
                                                   seconds(60),     seconds(899),    seconds(900)};
  Time later = world.now + random.pick(kSpans);
  auto expires = random.pick(world.keys).second.expires_at;
  if (!expires || random.chance(50)) return later;
  *expires += (random.chance(30) ? 30 * kDay : hours(0)) + microseconds(random.below(2) * 1000);
  if (random.chance(30)) *expires += microseconds(1);
  return *expires > world.now && *expires < world.now + 100 * kDay ? *expires : later;
}

/// The items of a JSON array.
inline std::vector<Ordered> several(const char* text) { return json::parse_ordered(text); }

/// The keys in an answer of any contract; none where it has no keys.
inline Ordered rows_in(const Ordered& body) {
  if (body.is_array()) return body;
  if (body.contains("data")) return body["data"];
  if (body.contains("apikey")) return Ordered::array({body["apikey"]});
  return body.contains("id") ? Ordered::array({body}) : Ordered::array();
}

/// An endpoint by its steps, null for none; and the step that refused there, empty for success.
using Seen = std::set<std::pair<const contract::Step*, std::string>>;

/// Every outcome that an endpoint with steps has, but those of steps that never refuse or do so
/// only over a failing store or for a JWT of nobody.
inline Seen all_outcomes(const contract::Contract& contract) {
  const std::set<std::string_view> others = {"clean_up", "create_key", "delete_key", "regenerate",
                                             "query_rows"};
  Seen all = {{nullptr, "find_endpoint"}, {nullptr, ""}};
  for (const contract::Endpoint& endpoint : contract.endpoints) {
    all.insert({endpoint.steps.data(), ""});
    for (const contract::Step& step : endpoint.steps) {
      if (!others.contains(step.name)) all.insert({endpoint.steps.data(), std::string(step.name)});
    }
  }
  return all;
}

/// One engine and the model of what it holds.
template <typename Model>
class Play {
 public:
  Play(const contract::Contract& contract, Model& model)
      : contract_(contract),
        model_(model),
        engine_(test_engine::make_engine({.contract = &contract,
                                          .fixture = fixtures::write_fixtures(model.snapshot()),
                                          .rate_limit = model.rate_limit})) {}

  void set_clock(Time now) {
    model_.now = now;
    std::string body = R"({"now":")" + base::format_time_with_fraction(now) + "\"}";
    REQUIRE(engine_.handle({"PUT", "/__admin/clock", {}, body}).status == 200);
  }

  /// Sends the request; takes what it saw off `missing`.
  template <typename Ask>
  void step(const Ask& ask, Seen& missing) {
    http::Response response = engine_.handle(ask.request);
    const std::string* reason = response.headers.find("X-Mock-Reason");
    std::string headers;
    for (const auto& each : ask.request.headers) headers += each.name + ": " + each.value + "\n";
    INFO(ask.request.method, " ", ask.request.target, "\n", headers, "\n", ask.request.body);
    INFO("at ", base::format_time_with_fraction(model_.now), ": ", response.status, " ",
         reason == nullptr ? "" : *reason, "\n", response.body);
    Outcome wanted = model_.answer(ask);
    std::string step = reason == nullptr ? "" : reason->substr(0, reason->find(':'));
    REQUIRE(step == wanted.step);
    REQUIRE(response.status == wanted.status);
    if (wanted.status == 200) check_success(response.body, wanted);
    check_keys();
    auto* endpoint =
        http::find_route(contract_.endpoints, ask.request.method, ask.request.path()).row;
    missing.erase({endpoint == nullptr ? nullptr : endpoint->steps.data(), step});
  }

 private:
  void check_success(const std::string& body, const Outcome& wanted) {
    Ordered rows = rows_in(json::parse_ordered(body));
    std::vector<int64_t> ids;
    for (const Ordered& row : rows) ids.push_back(row["id"]);
    std::sort(ids.begin(), ids.end());
    REQUIRE(ids == wanted.ids);
    if (!wanted.made) return;
    ApiKey made = *wanted.made;
    std::string secret = rows[0]["key"];
    CHECK(reported_.insert(secret).second);
    if (rows[0].contains("rbac_id")) made.rbac_id = rows[0]["rbac_id"];
    model_.set_secret(made, secret, made.key_hash.has_value());
    model_.last_id = std::max(model_.last_id, made.id);
    model_.keys[made.id] = made;
  }

  void check_keys() {
    std::string state = engine_.handle({"GET", "/__admin/state", {}, ""}).body;
    if (state != state_) {
      std::vector<fixtures::FixtureText> texts = {{"state", state}};
      auto loaded = fixtures::load_fixtures(texts, {});
      REQUIRE(loaded.problems.empty());
      state_ = state;
      keys_ = loaded.snapshot.keys;
    }
    if (keys_ == model_.snapshot().keys) return;
    INFO(state, "\nwanted: ", fixtures::write_fixtures(model_.snapshot()));
    FAIL("other keys than the page says");
  }

  const contract::Contract& contract_;
  Model& model_;
  engine::Engine engine_;
  std::set<std::string> reported_;
  /// What there is: as it is written, and as keys.
  std::string state_;
  std::vector<ApiKey> keys_;
};

/// Plays rounds in worlds of their own until all outcomes were seen, and at least a few.
template <typename Model, typename Requests>
void play_rounds(const contract::Contract& contract, Model (*make_world)(Random&)) {
  uint64_t seed = store_tests::test_seed();
  INFO("MOCK_CAPGO_TEST_SEED=", seed);
  Random random(seed);
  Seen missing = all_outcomes(contract);
  for (int round = 0; round < 30 || (round < 400 && !missing.empty()); ++round) {
    CAPTURE(round);
    Model model = make_world(random);
    Play<Model> play(contract, model);
    Requests requests(random, model);
    // A user may delete its last key; without any there is little left to ask.
    for (int step = 0; step < 120 && !model.keys.empty(); ++step) {
      if (random.chance(10)) play.set_clock(some_later_time(random, model));
      play.step(requests.next(), missing);
    }
  }
  for (const auto& [steps, step] : missing) {
    for (const contract::Endpoint& endpoint : contract.endpoints) {
      if (endpoint.steps.data() == steps) MESSAGE(endpoint.method, " ", step);
    }
  }
  CHECK(missing.empty());
}

}  // namespace model
