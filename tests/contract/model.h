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

/// Random tests of contracts. A model implements the page of a contract again, without the
/// program's code. It predicts the status, the step that rejects, and the keys after each request.
/// Messages are checked by the golden files only.
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
  std::string pick(std::initializer_list<const char*> strings) {
    return *(strings.begin() + below(strings.size()));
  }

 private:
  std::mt19937_64 engine_;
};

inline bool is_digits(const std::string& str) {
  return !str.empty() && str.find_first_not_of("0123456789") == std::string::npos;
}

inline bool is_uuid(const std::string& str) {
  static const std::regex kForm("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");
  return std::regex_match(str, kForm);
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

inline bool is_member(const capgo::Org& org, const std::string& user_id) {
  return !org.members || std::ranges::any_of(*org.members, [&](const capgo::Member& member) {
    return member.user_id == user_id;
  });
}

/// The response that a model predicts.
struct Outcome {
  int status = 200;
  /// The step in X-Mock-Reason; empty for success.
  std::string step = {};
  /// The ids of the keys in the response.
  std::vector<int64_t> ids = {};
  /// A key with a new secret, which is in the response.
  std::optional<ApiKey> created = {};
};

/// The state of a sandbox.
struct State {
  Time now = test_engine::frozen_clock().now();
  std::optional<int64_t> rate_limit;
  /// Without keys.
  capgo::Snapshot rest;
  std::map<int64_t, ApiKey> keys;
  /// The plain secrets of all keys, even of hashed ones.
  std::map<int64_t, std::string> secrets;
  /// Secrets of keys that were deleted or regenerated.
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

/// Returns the id of a key, or sometimes an unused one. There must be keys.
inline int64_t some_id(Random& random, const State& state) {
  if (random.chance(12)) return static_cast<int64_t>(random.below(30));
  return random.pick(state.keys).first;
}

/// Returns an id as it is sent in a path, and decoded.
inline std::pair<std::string, std::string> some_path_id(Random& random, const State& state) {
  std::string id = std::to_string(some_id(random, state));
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
  if (form == 6) id = random.pick(state.secrets).second;
  return {id, id};
}

/// Returns the secret of a key that `is_valid`, if a few tries find one; else of any key.
template <typename IsValid>
std::string some_secret(Random& random, const State& state, const IsValid& is_valid) {
  for (int tries = random.chance(15) ? 0 : 20; tries > 0; --tries) {
    auto [id, key] = random.pick(state.keys);
    if (is_valid(key)) return state.secrets.at(id);
  }
  return random.pick(state.secrets).second;
}

/// Returns a later time, often one at which a key expires or is cleaned up.
inline Time some_later_time(Random& random, const State& state) {
  static const std::vector<microseconds> kSpans = {microseconds(1), milliseconds(1), seconds(30),
                                                   seconds(60),     seconds(899),    seconds(900)};
  Time later = state.now + random.pick(kSpans);
  auto expires = random.pick(state.keys).second.expires_at;
  if (!expires || random.chance(50)) return later;
  *expires += (random.chance(30) ? 30 * kDay : hours(0)) + microseconds(random.below(2) * 1000);
  if (random.chance(30)) *expires += microseconds(1);
  return *expires > state.now && *expires < state.now + 100 * kDay ? *expires : later;
}

inline std::vector<Ordered> parse_array(const char* json) { return json::parse_ordered(json); }

/// Returns the keys in a response of any contract.
inline Ordered rows_in(const Ordered& body) {
  if (body.is_array()) return body;
  if (body.contains("data")) return body["data"];
  if (body.contains("apikey")) return Ordered::array({body["apikey"]});
  return body.contains("id") ? Ordered::array({body}) : Ordered::array();
}

/// The steps of an endpoint (null for an unknown path), and the one that rejected (empty for
/// success).
using Outcomes = std::set<std::pair<const contract::Step*, std::string>>;

/// Returns all outcomes, without those of steps that reject only if the store fails, for a JWT with
/// an invalid user, or never.
inline Outcomes all_outcomes(const contract::Contract& contract) {
  const std::set<std::string_view> others = {"clean_up", "create_key", "delete_key", "regenerate",
                                             "query_rows"};
  Outcomes all = {{nullptr, "find_endpoint"}, {nullptr, ""}};
  for (const contract::Endpoint& endpoint : contract.endpoints) {
    all.insert({endpoint.steps.data(), ""});
    for (const contract::Step& step : endpoint.steps) {
      if (!others.contains(step.name)) all.insert({endpoint.steps.data(), std::string(step.name)});
    }
  }
  return all;
}

/// Compares an engine with a model.
template <typename Model>
class Comparison {
 public:
  Comparison(const contract::Contract& contract, Model& model)
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

  /// Sends the request to both, and removes the outcome from `missing`.
  template <typename Request>
  void send(const Request& sent, Outcomes& missing) {
    http::Response response = engine_.handle(sent.request);
    auto reason = response.headers.find("X-Mock-Reason");
    std::string headers;
    for (const auto& each : sent.request.headers)
      headers.append(each.name).append(": ").append(each.value).append("\n");
    INFO(sent.request.method, " ", sent.request.target, "\n", headers, "\n", sent.request.body);
    INFO("at ", base::format_time_with_fraction(model_.now), ": ", response.status, " ",
         reason.value_or(""), "\n", response.body);
    Outcome expected = model_.respond(sent);
    std::string step(reason.value_or(""));
    step.resize(std::min(step.find(':'), step.size()));
    REQUIRE(step == expected.step);
    REQUIRE(response.status == expected.status);
    if (expected.status == 200) check_success(response.body, expected);
    check_keys();
    auto* endpoint =
        http::find_route(contract_.endpoints, sent.request.method, sent.request.path()).row;
    missing.erase({endpoint == nullptr ? nullptr : endpoint->steps.data(), step});
  }

 private:
  void check_success(const std::string& body, const Outcome& expected) {
    Ordered rows = rows_in(json::parse_ordered(body));
    std::vector<int64_t> ids;
    for (const Ordered& row : rows) ids.push_back(row["id"]);
    std::sort(ids.begin(), ids.end());
    REQUIRE(ids == expected.ids);
    if (!expected.created) return;
    ApiKey created = *expected.created;
    std::string secret = rows[0]["key"];
    CHECK(reported_.insert(secret).second);
    if (rows[0].contains("rbac_id")) created.rbac_id = rows[0]["rbac_id"];
    model_.set_secret(created, secret, created.key_hash.has_value());
    model_.last_id = std::max(model_.last_id, created.id);
    model_.keys[created.id] = created;
  }

  void check_keys() {
    capgo::Snapshot snapshot = engine_.snapshot();
    if (snapshot.keys == model_.snapshot().keys) return;
    INFO(fixtures::write_fixtures(snapshot),
         "\nexpected: ", fixtures::write_fixtures(model_.snapshot()));
    FAIL("the keys differ from the model");
  }

  const contract::Contract& contract_;
  Model& model_;
  engine::Engine engine_;
  std::set<std::string> reported_;
};

/// Runs rounds with a new state each until all outcomes have occurred, at least 30.
template <typename Model, typename Requests>
void run_rounds(const contract::Contract& contract, Model (*make_model)(Random&)) {
  uint64_t seed = store_tests::test_seed();
  INFO("MOCK_CAPGO_TEST_SEED=", seed);
  Random random(seed);
  Outcomes missing = all_outcomes(contract);
  for (int round = 0; round < 30 || (round < 400 && !missing.empty()); ++round) {
    CAPTURE(round);
    Model model = make_model(random);
    Comparison<Model> comparison(contract, model);
    Requests requests(random, model);
    // The last key may have been deleted.
    for (int step = 0; step < 120 && !model.keys.empty(); ++step) {
      if (random.chance(10)) comparison.set_clock(some_later_time(random, model));
      comparison.send(requests.next(), missing);
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
