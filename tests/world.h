#pragma once

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "base/time_text.h"
#include "contract/catalog.h"
#include "engine/engine.h"
#include "fixtures/fixture_file.h"
#include "scenario/scenario.h"

/// Worlds for tests: an engine over memory, its clock standing still at the moment the examples of
/// the documents were made, 2024-02-12T00:00:00Z.
namespace world {

inline std::string read_file(const std::string& name) {
  std::ifstream file(std::string(MOCK_CAPGO_SOURCE_DIR "/") + name, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

inline base::Clock standing_clock() {
  base::Clock clock;
  clock.freeze();
  clock.set(*base::parse_time("2024-02-12T00:00:00Z"));
  return clock;
}

struct Wish {
  const contract::Contract* contract = &contract::kDocumented;
  std::string fixture = read_file("tests/contract/world-documented.json");
  std::vector<std::string> scenarios = {};
  uint64_t seed = 7;
  std::string base_path = {};
  std::optional<int64_t> rate_limit = std::nullopt;
  size_t journal = 1000;
  size_t max_sandboxes = 1000;
  engine::Guards::Rules guards = {};
  engine::Observer observer = {};
};

inline engine::Setup make_setup(const Wish& wish) {
  engine::Setup setup{*wish.contract};
  setup.clock = standing_clock();
  std::vector<fixtures::FixtureText> texts = {{"world.json", wish.fixture}};
  setup.fixtures =
      fixtures::load_fixtures(texts, {setup.clock.now(), wish.contract->default_user}).snapshot;
  for (const std::string& text : wish.scenarios) {
    setup.scenarios.push_back(scenario::load_scenario("test.json", text).scenario);
  }
  setup.shipped = {{"rate-limited", R"({"rules":[{"on":"* *","times":1,"error":"rate_limited"}]})"},
                   {"always-down", R"({"rules":[{"on":"* *","respond":{"status":503}}]})"}};
  setup.seed = wish.seed;
  setup.rate_limit = wish.rate_limit;
  setup.base_path = wish.base_path;
  setup.version = "1.2.3";
  setup.journal = wish.journal;
  setup.max_sandboxes = wish.max_sandboxes;
  setup.guards = wish.guards;
  setup.observer = wish.observer;
  return setup;
}

inline engine::Engine make_engine(const Wish& wish = {}) {
  return engine::Engine(make_setup(wish));
}

}  // namespace world
