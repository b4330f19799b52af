#include "app/inputs.h"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <system_error>
#include <utility>

#include "app/atomic_file.h"
#include "app/built_in_scenarios.h"
#include "base/embedded_files.h"
#include "base/suggest.h"
#include "control/control.h"
#include "fixtures/fixture_file.h"
#include "store/sqlite_store.h"

namespace app {
namespace {

/// A common mistake in a file name, and what to do instead.
struct FileHint {
  bool (*matches)(std::string_view name);
  const char* hint;
};

constexpr FileHint kFileHints[] = {
    {[](std::string_view name) { return name.empty(); }, "the name is empty; is a variable unset?"},
    {[](std::string_view name) { return name.starts_with('~'); },
     "the shell expands ~ only without quotes and at the start of a word, not after ="},
    {[](std::string_view name) { return name == "-"; },
     "standard input is not read; save it to a file"},
    {[](std::string_view name) { return name.find_first_of("*?[") != std::string_view::npos; },
     "wildcards are not expanded; repeat the option for each file"},
    {[](std::string_view name) { return name.find(',') != std::string_view::npos; },
     "commas do not separate files; repeat the option for each file"},
};

/// `; ` and a hint, if the name of a missing file looks like a common mistake; else empty.
std::string file_hint(std::string_view name) {
  for (const FileHint& each : kFileHints) {
    if (each.matches(name)) return std::string("; ") + each.hint;
  }
  return "";
}

/// How much is read at once from a file without a size, such as a pipe.
constexpr size_t kPipeBlock = 1 << 16;

/// The rest of a file of about this size. Iterators would take 40 instructions for each byte.
std::string read_rest(std::istream& file, size_t size) {
  std::string text;
  while (file) {
    size_t end = text.size();
    text.resize(end + size + 1);  // One more, to reach the end of the file with the first block.
    file.read(&text[end], static_cast<std::streamsize>(size + 1));
    text.resize(end + static_cast<size_t>(file.gcount()));
  }
  return text;
}

/// The content of the file that an option names. Adds a problem and returns nothing if it cannot be
/// read.
std::optional<std::string> read_file(const std::string& option, const std::string& name,
                                     std::vector<std::string>& problems) {
  namespace fs = std::filesystem;
  std::error_code failure;
  fs::path path = fs::absolute(name.empty() ? "." : name, failure).lexically_normal();
  std::string problem = option + " " + (name.empty() ? "\"\"" : name) + ": ";
  if (!name.empty() && fs::is_directory(path, failure)) {
    problems.push_back(problem + path.string() + " is a directory; name a file in it");
    return std::nullopt;
  }
  errno = 0;
  std::ifstream file(name, std::ios::binary);
  if (file) {
    auto size = fs::file_size(name, failure);
    std::string text = read_rest(file, failure ? kPipeBlock : size);
    if (!file.bad()) return text;
  }
  std::string reason = std::generic_category().message(errno);
  problem += name.empty() ? "cannot read a file" : "cannot read " + path.string() + ": " + reason;
  fs::path target = fs::read_symlink(path, failure);
  if (!failure) problem += "; it is a symbolic link to " + target.string();
  problems.push_back(problem + file_hint(name));
  return std::nullopt;
}

/// The name of the built-in fixture: the contract's own if there is one, as keys may differ in
/// form.
std::string demo_fixture(const contract::Contract& contract) {
  std::string own = "fixtures/demo-" + std::string(contract.name) + ".json";
  return base::embedded_file(own).empty() ? "fixtures/demo.json" : own;
}

bool looks_like_file(std::string_view name) {
  return name.ends_with(".json") || name.find('/') != std::string_view::npos;
}

/// The JSON of a scenario, given by file or by the name of a built-in one.
std::optional<std::string> read_scenario(const std::string& name, const Options& options,
                                         std::vector<std::string>& problems) {
  const contract::Contract& contract = *options.contract;
  std::string source = source_of("--scenario", options);
  if (looks_like_file(name)) {
    auto text = read_file(source, name, problems);
    std::string bare = std::filesystem::path(name).stem();
    if (!text && !built_in_scenario(contract, bare).empty()) {
      problems.back() += "; for the built-in scenario write --scenario " + bare;
    }
    return text;
  }
  if (auto text = built_in_scenario(contract, name); !text.empty()) return std::string(text);
  problems.push_back(
      source + ": " +
      base::unknown_name("built-in scenario", name, built_in_scenario_names(contract)) +
      "; the name of a file ends with .json or contains a /" + file_hint(name));
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
    auto text = read_file(source_of("--fixtures", options), name, inputs.problems);
    if (text) texts.push_back({name, std::move(*text)});
  }
  if (options.fixtures.empty()) {
    std::string demo = demo_fixture(*options.contract);
    texts.push_back({demo, std::string(base::embedded_file(demo))});
  }
  const contract::Contract& contract = *options.contract;
  fixtures::Fixtures loaded =
      fixtures::load_fixtures(texts, {now, contract.default_user, contract.has_roles()});
  inputs.snapshot = std::move(loaded.snapshot);
  inputs.notes = std::move(loaded.notes);
  append(inputs.problems, std::move(loaded.problems));

  for (const std::string& name : options.scenarios) {
    auto text = read_scenario(name, options, inputs.problems);
    if (!text) continue;
    auto scenario =
        scenario::load_scenario(name, std::move(*text), options.contract->caller_check.rights);
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
  if (options.sqlite_file) {
    std::error_code failure;
    bool has_folder =
        fs::is_directory(fs::absolute(*options.sqlite_file, failure).parent_path(), failure);
    auto reason = has_folder ? find_write_problem(*options.sqlite_file) : std::nullopt;
    if (reason) {
      problems.push_back(source_of("--storage", options) + " \"sqlite:" + *options.sqlite_file +
                         "\": cannot be written: " + *reason);
    }
  }
  std::map<fs::path, std::string> written;
  for (const auto& [option, file] : {std::pair("--ready-file", options.ready_file),
                                     std::pair("--export-on-exit", options.export_on_exit),
                                     std::pair("--journal-on-exit", options.journal_on_exit),
                                     std::pair("--log-file", options.log_file)}) {
    if (!file) continue;
    std::string problem = source_of(option, options) + " \"" + *file + "\": ";
    std::error_code failure;
    fs::path folder = fs::absolute(*file, failure).parent_path();
    if (file->empty()) {
      problems.push_back(problem + "cannot be written" + file_hint(*file));
    } else if (!fs::is_directory(folder, failure)) {
      problems.push_back(problem + "cannot be written; there is no folder " + folder.string());
    } else if (fs::exists(*file, failure) && !fs::is_regular_file(*file, failure)) {
      problems.push_back(problem + "cannot be written; it is not a regular file");
    } else if (auto reason = find_write_problem(*file)) {
      problems.push_back(problem + "cannot be written: " + *reason);
    }
    auto [other, is_only] = written.emplace(fs::weakly_canonical(*file, failure), option);
    if (!is_only) {
      problems.push_back(problem + "is also written by " + source_of(other->second, options) +
                         "; choose another");
    }
    for (const std::string& source : read) {
      if (!fs::equivalent(source, *file, failure)) continue;
      problems.push_back(problem + "is also read from and would be overwritten; choose another");
    }
  }
  return problems;
}

base::Clock make_clock(const Options& options) {
  base::Clock clock;
  // In this order, so that no time passes between the two.
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
      inputs.notes.clear();
      if (!options.fixtures.empty()) {
        hooks.warn(*options.sqlite_file +
                   " has keys already, so --fixtures is ignored; use a new file to load the "
                   "fixtures");
      }
    }
  }
  for (const std::string& note : inputs.notes) hooks.warn(note);
  engine::SandboxConfig& sandbox = config.sandbox;
  sandbox.contract = options.contract;
  sandbox.clock = clock;
  sandbox.starts_at = options.now;
  sandbox.seed = options.seed;
  sandbox.rate_limit = options.rate_limit;
  for (scenario::Scenario& each : inputs.scenarios) {
    sandbox.scenarios.push_back(std::make_shared<scenario::Scenario>(std::move(each)));
  }
  sandbox.built_in = built_in_scenarios(*options.contract);
  sandbox.journal = options.journal;
  sandbox.jwt_secret = options.jwt_secret;
  sandbox.key = engine::pick_key(*options.contract, inputs.snapshot, clock.now());
  sandbox.user = engine::owner_of(sandbox.key, inputs.snapshot, *options.contract);
  sandbox.fixtures = store::make_seed(std::move(inputs.snapshot));
  config.max_sandboxes = options.max_sandboxes;
  config.base_path = options.base_path;
  config.guards = {hooks.listens_on, options.allowed_hosts, options.admin_token};
  config.control = control::make_control_api({options.base_path, version()});
  config.observer = hooks.observer;
  return std::make_unique<engine::Engine>(std::move(config));
}

}  // namespace app
