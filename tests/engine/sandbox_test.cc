#include "engine/sandbox.h"

#include <doctest/doctest.h>

#include <regex>
#include <string>
#include <vector>

#include "base/time_format.h"
#include "engine/requests.h"

using engine_tests::ask;
using engine_tests::bytes;
using engine_tests::create;
using engine_tests::get;
using engine_tests::request_of;
using engine_tests::send;
using engine_tests::without_times;

namespace {

constexpr const char* kReset = R"(200 {"status":"reset"})";

/// A scenario with random effects on responses.
constexpr const char* kChance = R"({"name":"chance","rules":[
    {"on":"POST *","probability":0.5,"error":"server_error"},
    {"on":"GET *","delay":{"type":"uniform","lower":0,"upper":100000}}]})";

/// Makes requests whose responses have generated values. Returns all bytes of the responses.
std::string use_all(engine::Engine& engine, const std::string& below,
                    const std::string& key = "ak_all") {
  std::string text;
  auto add = [&](const http::Response& response) {
    text += bytes(response) + std::to_string(response.delay.count()) + "\n";
  };
  const std::string creator = engine_tests::creator(engine, key);
  for (int i = 0; i < 10; ++i) {
    add(engine.handle(create("k" + std::to_string(i), below, creator)));
    add(engine.handle(get(below + "/apikey/", key)));
  }
  add(engine.handle(request_of("DELETE", below + "/apikey/2", "", key)));
  add(send(engine, "POST", below + "/__admin/clock/advance", R"({"by":"1d"})"));
  add(send(engine, "PUT", below + "/__admin/scenarios/chance", kChance));
  add(engine.handle(create("late", below, creator)));
  add(send(engine, "GET", below + "/__admin/state"));
  add(send(engine, "GET", below + "/__admin/scenarios"));
  add(send(engine, "GET", below + "/__admin/requests"));
  return without_times(text);
}

test_engine::Options options_with(uint64_t seed) {
  test_engine::Options options;
  options.seed = seed;
  options.scenarios = {kChance};
  return options;
}

/// Returns the state of a sandbox from the control API.
std::string state_of(engine::Engine& engine, const std::string& below = "") {
  std::string text;
  for (const std::string path : {"state", "clock", "scenarios", "requests"}) {
    text += ask(engine, "GET", below + "/__admin/" + path) + "\n";
  }
  return without_times(text);
}

engine::SandboxConfig make_config(base::Clock clock, std::optional<base::Time> starts_at) {
  engine::SandboxConfig config = test_engine::make_config({}).sandbox;
  config.clock = clock;
  config.starts_at = starts_at;
  return config;
}

}  // namespace

TEST_CASE("the same seed and name give the same bytes, whatever other sandboxes do") {
  for (const contract::Contract* contract : contract::all()) {
    CAPTURE(contract->name);
    test_engine::Options options = options_with(1);
    options.contract = contract;
    options.fixture =
        test_engine::read_file("tests/contract/fixture-" + std::string(contract->name) + ".json");
    engine::Engine quiet = test_engine::make_engine(options);
    REQUIRE(quiet.first_key().has_value());
    const std::string key = *quiet.first_key();
    const std::string expected = use_all(quiet, "/sandbox/a", key);
    CHECK(std::regex_search(expected, std::regex(R"("name": ?"k9")")));
    const std::string by_default = use_all(quiet, "", key);

    engine::Engine busy = test_engine::make_engine(options);
    CHECK(use_all(busy, "", key) == by_default);
    use_all(busy, "/sandbox/b", key);
    send(busy, "POST", "/__admin/sandboxes");
    send(busy, "PUT", "/sandbox/b/__admin/state", "[]");
    send(busy, "POST", "/__admin/reset");
    send(busy, "GET", "/sandbox/a/__admin/state");
    CHECK(use_all(busy, "/sandbox/a", key) == expected);
    CHECK(use_all(busy, "", key) == by_default);
    send(busy, "POST", "/sandbox/a/__admin/reset");
    CHECK(use_all(busy, "/sandbox/a", key) == expected);
  }
}

TEST_CASE("another name or another seed gives other secrets, request ids and random numbers") {
  std::vector<std::string> all;
  for (const uint64_t seed : std::vector<uint64_t>{1, 2}) {
    engine::Engine engine = test_engine::make_engine(options_with(seed));
    for (const std::string below : {"", "/sandbox/a", "/sandbox/b", "/sandbox/A", "/sandbox/1"}) {
      std::string draws;
      for (int i = 0; i < 3; ++i) {
        draws += std::to_string(engine.handle(get(below + "/apikey/")).delay.count()) + " ";
      }
      all.push_back(draws);
      auto listed = engine.handle(get(below + "/apikey/"));
      all.push_back(engine_tests::header(listed, "X-Request-Id"));
      send(engine, "DELETE", below + "/__admin/scenarios");
      auto created = json::parse(engine.handle(create("k", below)).body);
      all.push_back(created["apikey"]["key"]);
    }
  }
  for (size_t i = 0; i < all.size(); ++i) {
    for (size_t j = 0; j < i; ++j) CHECK(all[i] != all[j]);
  }
}

TEST_CASE("sandboxes share nothing: keys, ids, rate windows, clock") {
  test_engine::Options options;
  options.rate_limit = 2;
  engine::Engine engine = test_engine::make_engine(options);
  const std::string untouched = state_of(engine);
  CHECK(engine.handle(create("k", "/sandbox/a")).body.starts_with(R"({"apikey":{"id":18,)"));
  CHECK(engine.handle(create("k", "/sandbox/a")).body.starts_with(R"({"apikey":{"id":19,)"));
  CHECK(engine.handle(create("k", "/sandbox/a")).status == 429);
  CHECK(engine.handle(create("k", "/sandbox/b")).body.starts_with(R"({"apikey":{"id":18,)"));
  engine.handle(request_of("DELETE", "/sandbox/b/apikey/1"));
  send(engine, "PUT", "/sandbox/b/__admin/clock", R"({"now":"2030-01-01"})");
  send(engine, "POST", "/sandbox/a/__admin/reset");
  CHECK(state_of(engine) == untouched);
  CHECK(state_of(engine, "/sandbox/a") == untouched);
  CHECK(engine.handle(get("/sandbox/b/apikey/")).status == 401);
  CHECK(engine.handle(get("/sandbox/a/apikey/")).status == 200);
  CHECK(engine.handle(get("/apikey/")).status == 200);
}

TEST_CASE("reset restores a sandbox to the same bytes, repeatedly, named or not") {
  engine::Engine engine = test_engine::make_engine(options_with(3));
  for (const std::string below : {"", "/sandbox/a"}) {
    CAPTURE(below);
    const std::string untouched = state_of(engine, below);
    const std::string first = use_all(engine, below);
    for (int i = 0; i < 2; ++i) {
      CHECK(bytes(send(engine, "POST", below + "/__admin/reset")) ==
            engine_tests::control_bytes(200, "{\"status\":\"reset\"}"));
      CHECK(state_of(engine, below) == untouched);
      CHECK(use_all(engine, below) == first);
    }
  }
}

TEST_CASE("reset restores the initial scenarios and their counts") {
  test_engine::Options options;
  options.scenarios = {R"({"name":"a","rules":[{"on":"GET *","times":1,"error":"server_error"}]})",
                       R"({"name":"b","rules":[{"on":"GET *","times":1,"error":"expired_key"}]})"};
  engine::Engine engine = test_engine::make_engine(options);
  const std::string before = ask(engine, "GET", "/__admin/scenarios");
  send(engine, "PUT", "/__admin/scenarios/always-down");
  send(engine, "PUT", "/__admin/scenarios/b", R"({"rules":[]})");
  send(engine, "DELETE", "/__admin/scenarios/a");
  CHECK(engine.handle(get("/apikey/")).status == 503);
  CHECK(ask(engine, "POST", "/__admin/reset") == kReset);
  CHECK(ask(engine, "GET", "/__admin/scenarios") == before);
  CHECK(engine.handle(get("/apikey/")).status == 500);
  CHECK(engine.handle(get("/apikey/")).status == 401);
  CHECK(engine.handle(get("/apikey/")).status == 200);
  // Rules that were used up fire again.
  send(engine, "POST", "/__admin/reset");
  CHECK(engine.handle(get("/apikey/")).status == 500);
}

TEST_CASE("reset restores deleted keys, removes created ones and clears the rate limits") {
  test_engine::Options options;
  options.rate_limit = 2;
  engine::Engine engine = test_engine::make_engine(options);
  auto created = json::parse(engine.handle(create()).body);
  const std::string secret = created["apikey"]["key"];
  engine.handle(request_of("DELETE", "/apikey/2"));
  CHECK(engine.handle(get("/apikey/")).status == 429);
  CHECK(engine.handle(get("/apikey/", "ak_read")).status == 401);
  CHECK(ask(engine, "POST", "/__admin/reset") == kReset);
  CHECK(engine.handle(get("/apikey/")).status == 200);
  CHECK(engine.handle(get("/apikey/", "ak_read")).status == 403);
  CHECK(engine.handle(get("/apikey/", secret)).status == 401);
}

TEST_CASE("reset clears the journal, and ids start from 1 again") {
  test_engine::Options options;
  options.journal = 2;
  engine::Engine engine = test_engine::make_engine(options);
  for (int i = 0; i < 5; ++i) engine.handle(get("/apikey/"));
  send(engine, "POST", "/__admin/reset");
  CHECK(ask(engine, "GET", "/__admin/requests") == R"(200 {"requests":[],"dropped":0})");
  engine.handle(get("/apikey/"));
  CHECK(ask(engine, "GET", "/__admin/requests").starts_with(R"(200 {"requests":[{"id":1,"at":)"));
}

TEST_CASE("reset restarts a running clock where it started, even if it was set or frozen") {
  base::Time start = *base::parse_time("2030-01-01T00:00:00Z");
  engine::SandboxConfig config = make_config({}, start);
  engine::RuleUsage usage;
  engine::Sandbox sandbox(config, usage, "a");
  base::MutexLock lock(sandbox.mutex);
  auto is_at_start = [&](const base::Clock& clock) {
    return !clock.is_frozen() && clock.now() >= start &&
           clock.now() < start + std::chrono::minutes{1};
  };
  CHECK(is_at_start(sandbox.clock));
  sandbox.clock.set(*base::parse_time("2040-01-01"));
  sandbox.clock.freeze();
  sandbox.reset();
  CHECK(is_at_start(sandbox.clock));
}

TEST_CASE("reset returns a clock to the real time, and a frozen one to its initial time") {
  engine::RuleUsage usage;
  engine::SandboxConfig real = make_config({}, std::nullopt);
  engine::Sandbox running(real, usage, "");
  base::MutexLock lock(running.mutex);
  running.clock.set(*base::parse_time("2040-01-01"));
  running.clock.freeze();
  running.reset();
  CHECK(!running.clock.is_frozen());
  CHECK(running.clock.now() - base::Clock().now() < std::chrono::minutes{1});
  CHECK(base::Clock().now() - running.clock.now() < std::chrono::minutes{1});

  engine::SandboxConfig frozen = make_config(test_engine::frozen_clock(), std::nullopt);
  engine::Sandbox restored(frozen, usage, "");
  base::MutexLock other_lock(restored.mutex);
  restored.clock.thaw();
  restored.clock.set(*base::parse_time("2040-01-01"));
  restored.reset();
  CHECK(restored.clock.is_frozen());
  CHECK(restored.clock.now() == *base::parse_time("2024-02-12T00:00:00Z"));
}

TEST_CASE("a sandbox has a name and a seed; the default one has the seed of the server") {
  engine::RuleUsage usage;
  engine::SandboxConfig config = make_config({}, std::nullopt);
  engine::Sandbox unnamed(config, usage, "", store::make_memory_store());
  engine::Sandbox named(config, usage, "a");
  engine::Sandbox again(config, usage, "a");
  CHECK(unnamed.name.empty());
  CHECK(unnamed.is_durable);
  CHECK(named.name == "a");
  CHECK(!named.is_durable);
  base::MutexLock unnamed_lock(unnamed.mutex);
  base::MutexLock named_lock(named.mutex);
  base::MutexLock again_lock(again.mutex);
  CHECK(unnamed.seed == 7);
  CHECK(named.seed != 7);
  CHECK(named.seed == again.seed);
}

TEST_CASE("reset replaces the content of a durable store with the fixtures") {
  test_engine::Options options;
  options.fixture = R"([{"key":"ak_1","mode":"all","name":"n"}])";
  engine::EngineConfig config = test_engine::make_config(options);
  capgo::Snapshot fixtures = config.sandbox.fixtures->snapshot();
  config.durable = store::make_memory_store();
  engine::Engine engine(std::move(config));
  // The store was not seeded.
  CHECK(engine.handle(get("/apikey/", "ak_1")).status == 401);
  CHECK(engine.handle(get("/sandbox/a/apikey/", "ak_1")).status == 200);
  CHECK(ask(engine, "POST", "/__admin/reset") == kReset);
  CHECK((engine.snapshot() == fixtures));
  CHECK(engine.handle(get("/apikey/", "ak_1")).status == 200);
  CHECK(ask(engine, "PUT", "/__admin/state", "[]") == R"(200 {"orgs":0,"apps":0,"keys":0})");
  CHECK(engine.snapshot().keys.empty());
}
