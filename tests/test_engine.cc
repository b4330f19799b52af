#include "test_engine.h"

#include <fstream>
#include <iterator>

#include "base/time_format.h"
#include "control/control.h"
#include "fixtures/fixture_file.h"
#include "scenario/scenario.h"

namespace test_engine {

std::string read_file(const std::string& name) {
  std::ifstream file(std::string(MOCK_CAPGO_SOURCE_DIR "/") + name, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

base::Clock frozen_clock() {
  base::Clock clock;
  clock.freeze();
  clock.set(*base::parse_time("2024-02-12T00:00:00Z"));
  return clock;
}

engine::EngineConfig make_config(const Options& options) {
  engine::EngineConfig config;
  engine::SandboxConfig& sandbox = config.sandbox;
  sandbox.contract = options.contract;
  sandbox.clock = frozen_clock();
  std::vector<fixtures::FixtureText> texts = {{"fixture.json", options.fixture}};
  auto fixtures =
      fixtures::load_fixtures(texts, {sandbox.clock.now(), options.contract->default_user});
  sandbox.fixtures = store::make_seed(fixtures.snapshot);
  sandbox.key = engine::pick_key(*options.contract, fixtures.snapshot, sandbox.clock.now());
  sandbox.user = engine::owner_of(sandbox.key, fixtures.snapshot, *options.contract);
  for (const std::string& text : options.scenarios) {
    auto loaded = scenario::load_scenario("test.json", text, options.contract->caller_check.rights);
    sandbox.scenarios.push_back(std::make_shared<scenario::Scenario>(std::move(loaded.scenario)));
  }
  sandbox.seed = options.seed;
  sandbox.rate_limit = options.rate_limit;
  sandbox.journal = options.journal;
  config.max_sandboxes = options.max_sandboxes;
  config.base_path = options.base_path;
  config.guards = options.guards;
  config.observer = options.observer;
  sandbox.built_in = {
      {"rate-limited", R"({"rules":[{"on":"* *","times":1,"error":"rate_limited"}]})"},
      {"always-down", R"({"rules":[{"on":"* *","respond":{"status":503}}]})"}};
  config.control = control::make_control_api({options.base_path, "1.2.3"});
  return config;
}

engine::Engine make_engine(const Options& options) { return engine::Engine(make_config(options)); }

}  // namespace test_engine
