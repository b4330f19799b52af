#include "app/inputs.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>

#include "base/embedded_files.h"
#include "base/suggest.h"
#include "control/control.h"
#include "fixtures/fixture_file.h"
#include "store/sqlite_store.h"

namespace app {
namespace {

constexpr std::string_view kScenarioFolder = "scenarios/";

/// The text of a file; nothing, and a problem, if it cannot be read.
std::optional<std::string> read_file(const std::string& name, std::vector<std::string>& problems) {
  std::error_code failure;
  if (std::filesystem::is_directory(name, failure)) {
    problems.push_back(name + ": is a directory; name a file in it");
    return std::nullopt;
  }
  std::ifstream file(name, std::ios::binary);
  if (file) return std::string{std::istreambuf_iterator<char>(file), {}};
  problems.push_back(name + ": cannot be read; check the name and the permissions");
  return std::nullopt;
}

/// The name of the built-in fixture: the contract's own, where its keys have another form.
std::string demo_fixture(const contract::Contract& contract) {
  std::string own = "fixtures/demo-" + std::string(contract.name) + ".json";
  return base::embedded_file(own).empty() ? "fixtures/demo.json" : own;
}

/// The names of the built-in scenarios: `permission-denied`.
std::vector<std::string_view> built_in_scenarios() {
  std::vector<std::string_view> names;
  for (const base::EmbeddedFile& file : base::embedded_files()) {
    if (!file.name.starts_with(kScenarioFolder) || file.name.ends_with(".schema.json")) continue;
    std::string_view name = file.name.substr(kScenarioFolder.size());
    names.push_back(name.substr(0, name.rfind(".json")));
  }
  return names;
}

/// Where a built-in scenario is among the embedded files.
std::string scenario_file(std::string_view name) {
  return std::string(kScenarioFolder) + std::string(name) + ".json";
}

bool looks_like_file(std::string_view name) {
  return name.ends_with(".json") || name.find('/') != std::string_view::npos;
}

/// The text of a scenario given by file or by the name of a built-in one.
std::optional<std::string> read_scenario(const std::string& name,
                                         std::vector<std::string>& problems) {
  if (looks_like_file(name)) {
    auto text = read_file(name, problems);
    std::string bare = std::filesystem::path(name).stem();
    if (!text && !base::embedded_file(scenario_file(bare)).empty()) {
      problems.back() += "; or did you mean the built-in one, --scenario " + bare + "?";
    }
    return text;
  }
  if (auto text = base::embedded_file(scenario_file(name)); !text.empty()) return std::string(text);
  auto built_in = built_in_scenarios();
  std::string problem = "--scenario " + name + ": no built-in scenario has this name" +
                        base::did_you_mean(name, built_in) + "; the built-in ones are:";
  for (std::string_view each : built_in) problem += " " + std::string(each);
  problems.push_back(problem + " (a file of your own needs its .json or a /)");
  return std::nullopt;
}

void append(std::vector<std::string>& problems, std::vector<std::string> more) {
  std::move(more.begin(), more.end(), std::back_inserter(problems));
}

}  // namespace

Inputs read_inputs(const Options& options, base::Time now) {
  Inputs inputs;
  std::vector<fixtures::FixtureText> texts;
  for (const std::string& name : options.fixtures) {
    if (auto text = read_file(name, inputs.problems)) texts.push_back({name, std::move(*text)});
  }
  if (options.fixtures.empty()) {
    std::string demo = demo_fixture(*options.contract);
    texts.push_back({demo, std::string(base::embedded_file(demo))});
  }
  fixtures::Fixtures loaded = fixtures::load_fixtures(texts, {now, options.contract->default_user});
  inputs.snapshot = std::move(loaded.snapshot);
  append(inputs.problems, std::move(loaded.problems));

  for (const std::string& name : options.scenarios) {
    auto text = read_scenario(name, inputs.problems);
    if (!text) continue;
    auto scenario = scenario::load_scenario(name, std::move(*text));
    scenario.scenario.is_built_in = !looks_like_file(name);
    inputs.scenarios.push_back(std::move(scenario.scenario));
    append(inputs.problems, std::move(scenario.problems));
  }
  return inputs;
}

std::vector<std::string> find_unwritable_files(const Options& options) {
  namespace fs = std::filesystem;
  std::vector<std::string> read = options.fixtures;
  read.insert(read.end(), options.scenarios.begin(), options.scenarios.end());
  if (options.sqlite_file) read.push_back(*options.sqlite_file);
  std::vector<std::string> problems;
  for (const auto& file : {options.ready_file, options.export_on_exit}) {
    if (!file) continue;
    std::error_code failure;
    fs::path folder = fs::absolute(*file, failure).parent_path();
    if (file->empty() || !fs::is_directory(folder, failure)) {
      problems.push_back("\"" + *file + "\" cannot be written: there is no such folder");
    } else if (fs::exists(*file, failure) && !fs::is_regular_file(*file, failure)) {
      problems.push_back(*file + " cannot be written: it is not a regular file");
    }
    for (const std::string& source : read) {
      if (!fs::equivalent(source, *file, failure)) continue;
      problems.push_back(*file + " is read from, and writing it would lose it; choose another");
    }
  }
  return problems;
}

base::Clock make_clock(const Options& options) {
  base::Clock clock;
  // In this order, so that not a microsecond passes between.
  if (options.freeze) clock.freeze();
  if (options.now) clock.set(*options.now);
  return clock;
}

std::unique_ptr<engine::Engine> make_engine(const Options& options, Inputs inputs,
                                            base::Clock clock, const Hooks& hooks) {
  engine::EngineConfig config;
  if (options.sqlite_file) {
    config.durable = store::open_sqlite_store(*options.sqlite_file);
    if (config.durable->is_untouched()) {
      config.durable->seed(inputs.snapshot);
    } else {
      inputs.snapshot = config.durable->snapshot();
      if (!options.fixtures.empty()) {
        hooks.warn(*options.sqlite_file +
                   " has its own keys already, so --fixtures is not loaded; choose another file "
                   "to start from the fixtures");
      }
    }
  }
  engine::SandboxConfig& sandbox = config.sandbox;
  sandbox.contract = options.contract;
  sandbox.fixtures = store::make_seed(inputs.snapshot);
  sandbox.clock = clock;
  sandbox.starts_at = options.now;
  sandbox.seed = options.seed.value_or(base::random_seed());
  sandbox.rate_limit = options.rate_limit;
  for (scenario::Scenario& each : inputs.scenarios) {
    sandbox.scenarios.push_back(std::make_shared<scenario::Scenario>(std::move(each)));
  }
  sandbox.journal = options.journal;
  sandbox.key = engine::pick_key(inputs.snapshot, clock.now());
  control::ControlConfig control{{}, options.base_path, version()};
  for (std::string_view name : built_in_scenarios()) {
    control.built_in.push_back({name, base::embedded_file(scenario_file(name))});
  }
  config.max_sandboxes = options.max_sandboxes;
  config.base_path = options.base_path;
  config.guards = {hooks.listens_on, options.allowed_hosts, options.admin_token};
  config.control = control::make_control_api(std::move(control));
  config.observer = hooks.observer;
  return std::make_unique<engine::Engine>(std::move(config));
}

}  // namespace app
