#include "engine/sandboxes.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "engine/requests.h"

using engine::Sandboxes;
using engine_tests::create;
using engine_tests::get;
using engine_tests::send;

namespace {

Sandboxes make_sandboxes(size_t max) {
  engine::SandboxConfig config = test_engine::make_config({}).sandbox;
  config.fixtures = store::make_seed({});
  return {std::move(config), nullptr, max};
}

std::string names(const Sandboxes& sandboxes) {
  std::string all;
  for (const auto& sandbox : sandboxes.list()) all += sandbox->name + " ";
  return all;
}

/// Calls `action` on several threads at the same time, `rounds` times each.
template <typename Action>
void run_threads(int threads, int rounds, const Action& action) {
  std::vector<std::thread> all;
  for (int thread = 0; thread < threads; ++thread) {
    all.emplace_back([&, thread] {
      for (int round = 0; round < rounds; ++round) action(thread, round);
    });
  }
  for (std::thread& each : all) each.join();
}

}  // namespace

TEST_CASE("sandboxes are created, found, removed, and created again") {
  Sandboxes sandboxes = make_sandboxes(3);
  auto first = sandboxes.find_or_create("b");
  REQUIRE(first != nullptr);
  CHECK(sandboxes.find_or_create("b") == first);
  CHECK(sandboxes.create("b") == nullptr);
  CHECK(sandboxes.create("a") != nullptr);
  CHECK(sandboxes.create_with_generated_name()->name == "sandbox-1");
  CHECK(names(sandboxes) == "a b sandbox-1 ");
  CHECK(sandboxes.find_or_create("c") == nullptr);
  CHECK(sandboxes.create("c") == nullptr);
  CHECK(sandboxes.create_with_generated_name() == nullptr);
  CHECK(sandboxes.find_or_create("b") == first);
  CHECK(sandboxes.find("b") != nullptr);
  CHECK(sandboxes.remove("b"));
  CHECK(sandboxes.find("b") == nullptr);
  CHECK(!sandboxes.remove("b"));
  CHECK(sandboxes.find_or_create("b") != first);
  CHECK(&sandboxes.default_sandbox() == &sandboxes.default_sandbox());
  CHECK(sandboxes.default_sandbox().name.empty());
  CHECK(names(sandboxes) == "a b sandbox-1 ");
  CHECK(sandboxes.max() == 3);
  CHECK(sandboxes.config().key == "ak_all");
}

TEST_CASE("a removed sandbox lives as long as its users") {
  Sandboxes sandboxes = make_sandboxes(1);
  auto first = sandboxes.find_or_create("a");
  sandboxes.remove("a");
  auto second = sandboxes.find_or_create("a");
  base::MutexLock lock(first->mutex);
  first->keys->insert({});
  base::MutexLock other_lock(second->mutex);
  CHECK(first->keys->snapshot().keys.size() == 1);
  CHECK(second->keys->snapshot().keys.empty());
}

TEST_CASE("concurrent first requests create a sandbox once, and not more than the limit") {
  test_engine::Options options;
  options.max_sandboxes = 3;
  engine::Engine engine = test_engine::make_engine(options);
  std::atomic<int> rejected = 0;
  std::atomic<int> created = 0;
  run_threads(4, 10, [&](int /*thread*/, int round) {
    const std::string below = "/sandbox/" + std::to_string(round % 5);
    const int status = engine.handle(create("k", below)).status;
    if (status == 200) ++created;
    if (status == 507) ++rejected;
  });
  CHECK(created + rejected == 40);
  auto all = json::parse(send(engine, "GET", "/__admin/sandboxes").body);
  REQUIRE(all["sandboxes"].size() == 3);
  int requests = 0;
  for (const auto& each : all["sandboxes"]) {
    CHECK(each["requests"] == 8);
    requests += each["requests"].get<int>();
  }
  CHECK(requests == created);
}

TEST_CASE("generated names are unique across threads") {
  engine::Engine engine = test_engine::make_engine();
  run_threads(4, 25,
              [&](int /*thread*/, int /*round*/) { send(engine, "POST", "/__admin/sandboxes"); });
  auto all = json::parse(send(engine, "GET", "/__admin/sandboxes").body);
  CHECK(all["sandboxes"].size() == 100);
}

TEST_CASE("threads may use, reset, import and remove one sandbox concurrently") {
  test_engine::Options options;
  options.journal = 5;
  options.scenarios = {R"({"name":"s","rules":[{"on":"GET *","every":3,"error":"server_error"}]})"};
  std::atomic<int> observed = 0;
  options.observer = [&observed](const http::Request& /*request*/,
                                 const http::Response& /*response*/,
                                 const journal::Exchange& /*exchange*/) { ++observed; };
  engine::Engine engine = test_engine::make_engine(options);
  const std::string state = send(engine, "GET", "/sandbox/a/__admin/state").body;
  const std::string clock = R"({"by":"1s"})";
  const std::vector<http::Request> calls = {
      get("/sandbox/a/apikey/"),
      create("k", "/sandbox/a"),
      {"POST", "/sandbox/a/__admin/reset", {}, ""},
      {"PUT", "/sandbox/a/__admin/state", {}, state},
      {"PUT", "/sandbox/a/__admin/state", {}, "[{\"mode\":\"ak_all\"}]"},
      {"GET", "/sandbox/a/__admin/state", {}, ""},
      {"PUT", "/sandbox/a/__admin/scenarios/rate-limited", {}, ""},
      {"DELETE", "/sandbox/a/__admin/scenarios/rate-limited", {}, ""},
      {"GET", "/sandbox/a/__admin/scenarios", {}, ""},
      {"GET", "/sandbox/a/__admin/requests?limit=3", {}, ""},
      {"POST", "/sandbox/a/__admin/verify", {}, R"({"count":{"exactly":1000}})"},
      {"POST", "/sandbox/a/__admin/clock/advance", {}, clock},
      {"POST", "/sandbox/a/__admin/authorize", {}, R"({"key":"ak_all","action":"all"})"},
      {"GET", "/__admin/sandboxes", {}, ""},
      {"POST", "/__admin/sandboxes", {}, R"({"name":"a"})"},
      {"DELETE", "/__admin/sandboxes/a", {}, ""},
      {"GET", "/sandbox/a/__admin/clock", {}, ""},
      {"DELETE", "/sandbox/a/__admin/requests", {}, ""},
  };
  std::atomic<int> unexpected = 0;
  constexpr int kThreads = 2;
  constexpr int kRounds = 300;
  run_threads(kThreads, kRounds, [&](int thread, int round) {
    // The threads use different steps, so that all pairs of requests meet.
    const size_t step = thread == 0 ? 1 : 5;
    const http::Response response =
        engine.handle(calls[static_cast<size_t>(round) * step % calls.size()]);
    const std::vector<int> usual = {200, 201, 400, 404, 409, 429, 500};
    if (std::find(usual.begin(), usual.end(), response.status) == usual.end()) ++unexpected;
    if (round % 50 == 0) engine.unused_rules();
  });
  CHECK(unexpected == 0);
  CHECK(observed == kThreads * kRounds + 1);
  send(engine, "POST", "/sandbox/a/__admin/reset");
  CHECK(send(engine, "GET", "/sandbox/a/__admin/state").body == state);
}

TEST_CASE("other threads see an import as a whole or not at all") {
  test_engine::Options options;
  options.fixture = "[]";
  engine::Engine engine = test_engine::make_engine(options);
  std::vector<std::string> states;
  for (const std::string mark : {"a", "b"}) {
    std::string keys;
    for (int i = 0; i < 20; ++i) {
      keys += (i == 0 ? "" : ",") +
              (R"({"key":"ak_)" + mark + std::to_string(i) + R"(","mode":"all","name":"k"})");
    }
    send(engine, "PUT", "/__admin/state", "[" + keys + "]");
    states.push_back(send(engine, "GET", "/__admin/state").body);
  }
  std::atomic<int> torn = 0;
  run_threads(2, 100, [&](int thread, int round) {
    if (thread == 0) {
      send(engine, "PUT", "/__admin/state", states[static_cast<size_t>(round) % 2]);
    } else {
      const std::string state = send(engine, "GET", "/__admin/state").body;
      if (state != states[0] && state != states[1]) ++torn;
    }
  });
  CHECK(torn == 0);
}
