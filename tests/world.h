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
#include "store/memory_store.h"

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
};

inline engine::Engine make_engine(const Wish& wish = {}) {
  base::Clock clock = standing_clock();
  std::vector<fixtures::FixtureText> texts = {{"world.json", wish.fixture}};
  auto keys = store::make_memory_store();
  keys->seed(fixtures::load_fixtures(texts, {clock.now(), wish.contract->default_user}).snapshot);
  std::vector<scenario::Scenario> scenarios;
  for (const std::string& text : wish.scenarios) {
    scenarios.push_back(scenario::load_scenario("test.json", text).scenario);
  }
  return engine::Engine({*wish.contract, std::move(keys), clock, wish.seed, wish.rate_limit,
                         std::move(scenarios), wish.base_path, "1.2.3"});
}

}  // namespace world
