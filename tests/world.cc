#include "world.h"

#include <fstream>
#include <iterator>

#include "base/time_text.h"
#include "fixtures/fixture_file.h"
#include "scenario/scenario.h"

namespace world {

std::string read_file(const std::string& name) {
  std::ifstream file(std::string(MOCK_CAPGO_SOURCE_DIR "/") + name, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

base::Clock standing_clock() {
  base::Clock clock;
  clock.freeze();
  clock.set(*base::parse_time("2024-02-12T00:00:00Z"));
  return clock;
}

engine::Setup make_setup(const Wish& wish) {
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

engine::Engine make_engine(const Wish& wish) { return engine::Engine(make_setup(wish)); }

}  // namespace world
