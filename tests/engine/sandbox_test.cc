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

/// A scenario whose draws show in answers.
constexpr const char* kChance = R"({"name":"chance","rules":[
    {"on":"POST *","probability":0.5,"error":"server_error"},
    {"on":"GET *","delay":{"type":"uniform","lower":0,"upper":100000}}]})";

/// Uses everything that a world makes up, below a path: all bytes of all answers.
std::string use_all(engine::Engine& engine, const std::string& below,
                    const std::string& key = "ak_all") {
  std::string text;
  auto add = [&](const http::Response& answer) {
    text += bytes(answer) + std::to_string(answer.delay.count()) + "\n";
  };
  for (int i = 0; i < 10; ++i) {
    add(engine.handle(create("k" + std::to_string(i), below, key)));
    add(engine.handle(get(below + "/apikey/", key)));
  }
  add(engine.handle(request_of("DELETE", below + "/apikey/2", "", key)));
  add(send(engine, "POST", below + "/__admin/clock/advance", R"({"by":"1d"})"));
  add(send(engine, "PUT", below + "/__admin/scenarios/chance", kChance));
  add(engine.handle(create("late", below, key)));
  add(send(engine, "GET", below + "/__admin/state"));
  add(send(engine, "GET", below + "/__admin/scenarios"));
  add(send(engine, "GET", below + "/__admin/requests"));
  return without_times(text);
}

test_engine::Options wish_of(uint64_t seed) {
  test_engine::Options options;
  options.seed = seed;
  options.scenarios = {kChance};
  return options;
}

/// All that a control API tells of a sandbox.
std::string told(engine::Engine& engine, const std::string& below = "") {
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
    test_engine::Options options = wish_of(1);
    options.contract = contract;
    options.fixture =
        test_engine::read_file("tests/contract/world-" + std::string(contract->name) + ".json");
    engine::Engine quiet = test_engine::make_engine(options);
    REQUIRE(quiet.first_key().has_value());
    const std::string key = *quiet.first_key();
    const std::string expected = use_all(quiet, "/sandbox/a", key);
    CHECK(std::regex_search(expected, std::regex(R"("name": ?"k9")")));
    const std::string plain = use_all(quiet, "", key);

    engine::Engine busy = test_engine::make_engine(options);
    CHECK(use_all(busy, "", key) == plain);
    use_all(busy, "/sandbox/b", key);
    send(busy, "POST", "/__admin/sandboxes");
    send(busy, "PUT", "/sandbox/b/__admin/state", "[]");
    send(busy, "POST", "/__admin/reset");
    send(busy, "GET", "/sandbox/a/__admin/state");
    CHECK(use_all(busy, "/sandbox/a", key) == expected);
    CHECK(use_all(busy, "", key) == plain);
    send(busy, "POST", "/sandbox/a/__admin/reset");
    CHECK(use_all(busy, "/sandbox/a", key) == expected);
  }
}

TEST_CASE("another name or another seed gives other secrets, request ids and draws") {
  std::vector<std::string> all;
  for (const uint64_t seed : std::vector<uint64_t>{1, 2}) {
    engine::Engine engine = test_engine::make_engine(wish_of(seed));
    for (const std::string below : {"", "/sandbox/a", "/sandbox/b", "/sandbox/A", "/sandbox/1"}) {
      std::string draws;
      for (int i = 0; i < 3; ++i) {
        draws += std::to_string(engine.handle(get(below + "/apikey/")).delay.count()) + " ";
      }
      all.push_back(draws);
      auto listed = engine.handle(get(below + "/apikey/"));
      all.push_back(engine_tests::header(listed, "X-Request-Id"));
      send(engine, "DELETE", below + "/__admin/scenarios");
      auto made = json::parse(engine.handle(create("k", below)).body);
      all.push_back(made["apikey"]["key"]);
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
  const std::string untouched = told(engine);
  CHECK(engine.handle(create("k", "/sandbox/a")).body.starts_with(R"({"apikey":{"id":18,)"));
  CHECK(engine.handle(create("k", "/sandbox/a")).body.starts_with(R"({"apikey":{"id":19,)"));
  CHECK(engine.handle(create("k", "/sandbox/a")).status == 429);
  CHECK(engine.handle(create("k", "/sandbox/b")).body.starts_with(R"({"apikey":{"id":18,)"));
  engine.handle(request_of("DELETE", "/sandbox/b/apikey/1"));
  send(engine, "PUT", "/sandbox/b/__admin/clock", R"({"now":"2030-01-01"})");
  send(engine, "POST", "/sandbox/a/__admin/reset");
  CHECK(told(engine) == untouched);
  CHECK(told(engine, "/sandbox/a") == untouched);
  CHECK(engine.handle(get("/sandbox/b/apikey/")).status == 401);
  CHECK(engine.handle(get("/sandbox/a/apikey/")).status == 200);
  CHECK(engine.handle(get("/apikey/")).status == 200);
}

TEST_CASE("reset makes a sandbox what it was, to the byte: again and again, named or not") {
  engine::Engine engine = test_engine::make_engine(wish_of(3));
  for (const std::string below : {"", "/sandbox/a"}) {
    CAPTURE(below);
    const std::string untouched = told(engine, below);
    const std::string first = use_all(engine, below);
    for (int i = 0; i < 2; ++i) {
      CHECK(bytes(send(engine, "POST", below + "/__admin/reset")) ==
            "200\nContent-Type: application/json\nX-Content-Type-Options: nosniff\n"
            "Cross-Origin-Resource-Policy: same-origin\n\n{\"status\":\"reset\"}");
      CHECK(told(engine, below) == untouched);
      CHECK(use_all(engine, below) == first);
    }
  }
}

TEST_CASE("reset brings back the scenarios of the start: added ones go, removed ones return") {
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
  // Used up, they act again.
  send(engine, "POST", "/__admin/reset");
  CHECK(engine.handle(get("/apikey/")).status == 500);
}

TEST_CASE("reset brings back deleted keys, forgets made ones and opens the rate windows") {
  test_engine::Options options;
  options.rate_limit = 2;
  engine::Engine engine = test_engine::make_engine(options);
  auto made = json::parse(engine.handle(create()).body);
  const std::string secret = made["apikey"]["key"];
  engine.handle(request_of("DELETE", "/apikey/2"));
  CHECK(engine.handle(get("/apikey/")).status == 429);
  CHECK(engine.handle(get("/apikey/", "ak_read")).status == 401);
  CHECK(ask(engine, "POST", "/__admin/reset") == kReset);
  CHECK(engine.handle(get("/apikey/")).status == 200);
  CHECK(engine.handle(get("/apikey/", "ak_read")).status == 403);
  CHECK(engine.handle(get("/apikey/", secret)).status == 401);
}

TEST_CASE("reset begins the journal anew, with ids from 1 and nothing lost") {
  test_engine::Options options;
  options.journal = 2;
  engine::Engine engine = test_engine::make_engine(options);
  for (int i = 0; i < 5; ++i) engine.handle(get("/apikey/"));
  send(engine, "POST", "/__admin/reset");
  CHECK(ask(engine, "GET", "/__admin/requests") == R"(200 {"requests":[],"dropped":0})");
  engine.handle(get("/apikey/"));
  CHECK(ask(engine, "GET", "/__admin/requests").starts_with(R"(200 {"requests":[{"id":1,"at":)"));
}

TEST_CASE("a clock that goes on begins anew where it started, one that was moved or frozen too") {
  base::Time start = *base::parse_time("2030-01-01T00:00:00Z");
  engine::SandboxConfig config = make_config({}, start);
  engine::RuleUsage use;
  engine::Sandbox sandbox(config, use, "a");
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

TEST_CASE("a clock of the real time goes back to it, and one that stood at first stands there") {
  engine::RuleUsage use;
  engine::SandboxConfig real = make_config({}, std::nullopt);
  engine::Sandbox goes_on(real, use, "");
  base::MutexLock lock(goes_on.mutex);
  goes_on.clock.set(*base::parse_time("2040-01-01"));
  goes_on.clock.freeze();
  goes_on.reset();
  CHECK(!goes_on.clock.is_frozen());
  CHECK(goes_on.clock.now() - base::Clock().now() < std::chrono::minutes{1});
  CHECK(base::Clock().now() - goes_on.clock.now() < std::chrono::minutes{1});

  engine::SandboxConfig frozen = make_config(test_engine::frozen_clock(), std::nullopt);
  engine::Sandbox stands(frozen, use, "");
  base::MutexLock its_lock(stands.mutex);
  stands.clock.thaw();
  stands.clock.set(*base::parse_time("2040-01-01"));
  stands.reset();
  CHECK(stands.clock.is_frozen());
  CHECK(stands.clock.now() == *base::parse_time("2024-02-12T00:00:00Z"));
}

TEST_CASE("a sandbox knows its name, whether its keys last, and the plain one has the own seed") {
  engine::RuleUsage use;
  engine::SandboxConfig config = make_config({}, std::nullopt);
  engine::Sandbox plain(config, use, "", store::make_memory_store());
  engine::Sandbox named(config, use, "a");
  CHECK(plain.name.empty());
  CHECK(plain.is_durable);
  CHECK(plain.seed == 7);
  CHECK(named.name == "a");
  CHECK(!named.is_durable);
  CHECK(named.seed != 7);
  CHECK(named.seed == engine::Sandbox(config, use, "a").seed);
}

TEST_CASE("a store that outlives the process is put back to the fixtures by a reset") {
  test_engine::Options options;
  options.fixture = R"([{"key":"ak_1","mode":"all","name":"n"}])";
  engine::EngineConfig config = test_engine::make_config(options);
  capgo::Snapshot fixtures = config.sandbox.fixtures->snapshot();
  config.durable = store::make_memory_store();
  engine::Engine engine(std::move(config));
  // It holds what it held.
  CHECK(engine.handle(get("/apikey/", "ak_1")).status == 401);
  CHECK(engine.handle(get("/sandbox/a/apikey/", "ak_1")).status == 200);
  CHECK(ask(engine, "POST", "/__admin/reset") == kReset);
  CHECK((engine.snapshot() == fixtures));
  CHECK(engine.handle(get("/apikey/", "ak_1")).status == 200);
  CHECK(ask(engine, "PUT", "/__admin/state", "[]") == R"(200 {"orgs":0,"apps":0,"keys":0})");
  CHECK(engine.snapshot().keys.empty());
}
