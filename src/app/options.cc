#include "app/options.h"

#include <algorithm>
#include <array>
#include <charconv>

#include <CLI/CLI.hpp>

#include "base/suggest.h"
#include "base/time_text.h"
#include "contract/catalog.h"

namespace app {
namespace {

constexpr std::array<std::string_view, 3> kLogNames = {"none", "requests", "debug"};

/// Options as typed, before they are judged.
struct Typed {
  Options options;
  std::string contract = "documented";
  std::vector<std::string> compared;
  std::string storage = "memory";
  std::optional<std::string> port;
  std::optional<std::string> seed;
  std::optional<std::string> now;
  std::optional<std::string> rate_limit;
  std::string log = "requests";
};

constexpr const char* kServeHelp = R"(Run the server until SIGINT or SIGTERM.

Example:
  mock-capgo --fixtures keys.json --port 12112
  curl -H 'authorization: ak_123' http://127.0.0.1:12112/apikey/)";

constexpr const char* kExecHelp =
    R"(Start the server on a free port, run a command with CAPGO_API_URL, CAPGO_TOKEN and
MOCK_CAPGO_ADMIN_URL in its environment, stop, and exit as the command did.

Example:
  mock-capgo exec --fixtures keys.json -- npm test)";

constexpr const char* kCheckHelp =
    R"(Load every fixture and scenario named, report every problem, and exit 0 or 2.

Example:
  mock-capgo check --fixtures keys.json --scenario flaky-create)";

constexpr const char* kContractsHelp =
    R"(List the contracts there are, or show where two of them differ.

Example:
  mock-capgo contracts documented deployed-2026-02)";

constexpr const char* kMainHelp = R"(Commands:
  serve      run the server (the default); see mock-capgo serve --help
  exec       run a command beside a server of its own; see mock-capgo exec --help
  check      check fixture and scenario files; see mock-capgo check --help
  contracts  list the contracts, or show where two differ; see mock-capgo contracts --help)";

void add_file_options(CLI::App& command, Typed& typed) {
  command
      .add_option("--fixtures", typed.options.fixtures,
                  "seed data, a JSON file; may be given again, later files add "
                  "(default: a demo set with one key of mode all)")
      ->type_name("FILE")
      ->allow_extra_args(false);
  command
      .add_option("--scenario", typed.options.scenarios,
                  "scenario to start with, a JSON file or the name of a shipped one; may be "
                  "given again")
      ->type_name("FILE|NAME")
      ->allow_extra_args(false);
  command.add_option("--contract", typed.contract, "which contract to speak")
      ->type_name("NAME")
      ->capture_default_str();
}

void add_server_options(CLI::App& command, Typed& typed) {
  Options& options = typed.options;
  command.add_option("--host", options.host, "where to listen")->capture_default_str();
  command.add_option("--port", typed.port, "port; 0 takes a free one")
      ->type_name("N")
      ->default_str(command.get_name() == "exec" ? "0" : "12112");
  command.add_option("--base-path", options.base_path, "also answer below this path")
      ->type_name("PATH");
  command.add_option("--storage", typed.storage, "where keys live: memory or sqlite:FILE")
      ->capture_default_str();
  command.add_option("--seed", typed.seed, "same number, same keys and ids (default: random)")
      ->type_name("N");
  command.add_option("--now", typed.now, "start the clock at this time, as 2024-01-31T12:00:00Z")
      ->type_name("TIME");
  command.add_flag("--freeze", options.freeze, "keep the clock still");
  command
      .add_option("--rate-limit", typed.rate_limit,
                  "requests a minute each key may make: standard, enterprise or a number "
                  "(default: nobody counts)")
      ->type_name("standard|enterprise|N");
  command.add_option("--ready-file", options.ready_file, "write the ready line to this file too")
      ->type_name("FILE");
  command
      .add_option("--export-on-exit", options.export_on_exit,
                  "write the keys as a fixture file on a clean stop")
      ->type_name("FILE");
  command.add_option("--log", typed.log, "what goes to stderr: none, requests or debug")
      ->capture_default_str();
}

NothingToRun bad_usage(const std::string& problem) {
  return {2, "mock-capgo: " + problem + "\nSee mock-capgo --help.\n"};
}

/// A whole number written in decimal digits, at most `greatest`.
std::optional<uint64_t> parse_number(std::string_view text, uint64_t greatest) {
  uint64_t number = 0;
  auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  bool is_whole = read.ec == std::errc{} && read.ptr == text.data() + text.size();
  if (!is_whole || number > greatest) return std::nullopt;
  return number;
}

using Problem = std::optional<std::string>;

/// Why there is no contract of this name.
std::string explain_no_contract(const std::string& wanted) {
  std::vector<std::string_view> names;
  for (const contract::Contract* each : contract::all()) names.push_back(each->name);
  std::string known;
  for (std::string_view name : names) known += " " + std::string(name);
  return "there is no contract \"" + wanted + "\"" + base::did_you_mean(wanted, names) +
         "; there are:" + known;
}

Problem judge_contract(const Typed& typed, Options& options) {
  options.contract = contract::find_contract(typed.contract);
  if (options.contract == nullptr) return "--contract: " + explain_no_contract(typed.contract);
  for (const std::string& name : typed.compared) {
    options.compared.push_back(contract::find_contract(name));
    if (options.compared.back() == nullptr) return "contracts: " + explain_no_contract(name);
  }
  if (options.compared.size() == 1 || options.compared.size() > 2) {
    return "contracts: name two of them to see where they differ, or none to list them all";
  }
  return std::nullopt;
}

Problem judge_numbers(const Typed& typed, Options& options) {
  constexpr uint64_t kGreatestPort = 65535;
  if (typed.port) {
    auto port = parse_number(*typed.port, kGreatestPort);
    if (!port) return "--port: \"" + *typed.port + "\" must be a number from 0 to 65535";
    options.port = static_cast<int>(*port);
  } else if (options.command == Command::exec) {
    options.port = 0;  // A test run beside another must not meet its port.
  }
  if (typed.seed) {
    options.seed = parse_number(*typed.seed, UINT64_MAX);
    if (!options.seed) {
      return "--seed: \"" + *typed.seed + "\" must be a number from 0 to 18446744073709551615";
    }
  }
  if (typed.now) {
    options.now = base::parse_time(*typed.now);
    if (!options.now) {
      return "--now: \"" + *typed.now + "\" is no time; write it as 2024-01-31T12:00:00Z";
    }
  }
  return std::nullopt;
}

Problem judge_rate_limit(const Typed& typed, Options& options) {
  if (!typed.rate_limit || options.contract == nullptr) return std::nullopt;
  constexpr uint64_t kGreatest = 1'000'000'000;
  const contract::RateLimits& limits = options.contract->rate_limits;
  auto number = parse_number(*typed.rate_limit, kGreatest);
  if (typed.rate_limit == "standard") {
    options.rate_limit = limits.standard;
  } else if (typed.rate_limit == "enterprise") {
    options.rate_limit = limits.enterprise;
  } else if (number && *number > 0) {
    options.rate_limit = static_cast<int64_t>(*number);
  } else {
    return "--rate-limit: \"" + *typed.rate_limit +
           "\" must be standard, enterprise or a number from 1 to 1000000000";
  }
  return std::nullopt;
}

Problem judge_words(const Typed& typed, Options& options) {
  if (options.host.empty()) return "--host: must not be empty; leave it out for 127.0.0.1";
  if (typed.storage.starts_with("sqlite:") && typed.storage.size() > 7) {
    options.sqlite_file = typed.storage.substr(7);
  } else if (typed.storage != "memory") {
    return "--storage: \"" + typed.storage + "\" must be memory or sqlite:FILE";
  }
  const auto* log = std::find(kLogNames.begin(), kLogNames.end(), typed.log);
  if (log == kLogNames.end()) {
    return "--log: \"" + typed.log + "\" must be none, requests or debug" +
           base::did_you_mean(typed.log, kLogNames);
  }
  options.log = static_cast<Log>(log - kLogNames.begin());
  while (options.base_path.ends_with('/')) options.base_path.pop_back();
  const std::string& path = options.base_path;
  bool is_path = path.starts_with('/') && path.find_first_of(" ?#%") == std::string::npos;
  if (!path.empty() && !is_path) {
    return "--base-path: \"" + path + "\" must begin with / and be a plain path, as /functions/v1";
  }
  return std::nullopt;
}

Problem judge_child(const Options& options) {
  bool is_exec = options.command == Command::exec;
  if (is_exec && options.child.empty()) {
    return "exec: no command to run; put it after --, as in: mock-capgo exec -- npm test";
  }
  if (!is_exec && !options.child.empty()) return "only exec runs a command after --";
  return std::nullopt;
}

/// Why the command line has something that nothing takes: the first word that is no option of the
/// command, or is no option's value.
std::string explain_extra(const CLI::App& command, const std::vector<std::string>& extras) {
  std::vector<std::string> names;
  for (const CLI::Option* option : command.get_options()) names.push_back(option->get_name());
  std::vector<std::string_view> views(names.begin(), names.end());
  for (const std::string& extra : extras) {
    if (!extra.starts_with('-')) continue;
    std::string name = extra.substr(0, extra.find('='));
    std::string which = command.get_name() + " has no option " + name;
    if (name == "--exit-on-stdin-close") return which + ": standard input is the child's";
    return which + base::did_you_mean(name, views);
  }
  std::string problem = "\"" + extras.front() + "\" is no option and belongs to none";
  if (command.get_name() == "exec") problem += "; put the command to run after --";
  return problem;
}

}  // namespace

std::string version() { return MOCK_CAPGO_VERSION; }

std::variant<Options, NothingToRun> parse_options(const std::vector<std::string>& args) {
  Typed typed;
  CLI::App program("A stand-in for Capgo's API-key service, for tests and offline work.",
                   "mock-capgo");
  program.set_version_flag("--version", "mock-capgo " + version());
  CLI::App& serve = *program.add_subcommand("serve", kServeHelp);
  CLI::App& exec = *program.add_subcommand("exec", kExecHelp);
  CLI::App& check = *program.add_subcommand("check", kCheckHelp);
  CLI::App& contracts = *program.add_subcommand("contracts", kContractsHelp);
  contracts.allow_extras();
  contracts.add_option("NAME", typed.compared, "the two contracts to compare");
  program.footer(kMainHelp);
  for (CLI::App* command : {&serve, &exec, &check}) {
    command->allow_extras();
    add_file_options(*command, typed);
  }
  for (CLI::App* command : {&serve, &exec}) add_server_options(*command, typed);
  // Not for exec: there, standard input is the child's.
  serve.add_flag("--exit-on-stdin-close", typed.options.exit_on_stdin_close,
                 "stop when standard input ends");

  auto dashes = std::find(args.begin(), args.end(), "--");
  std::vector<std::string> own(args.begin(), dashes);
  if (dashes != args.end()) typed.options.child.assign(dashes + 1, args.end());
  constexpr auto kCommands =
      std::to_array<std::string_view>({"serve", "exec", "check", "contracts"});
  constexpr auto kAlone = std::to_array<std::string_view>({"--help", "-h", "--version"});
  auto is_first = [&](const auto& words) {
    return !own.empty() && std::find(words.begin(), words.end(), own.front()) != words.end();
  };
  if (!own.empty() && !own.front().starts_with('-') && !is_first(kCommands)) {
    return bad_usage("there is no command \"" + own.front() + "\"" +
                     base::did_you_mean(own.front(), kCommands) +
                     "; the commands are: serve exec check contracts");
  }
  if (!is_first(kCommands) && !is_first(kAlone)) own.insert(own.begin(), "serve");

  try {
    program.parse(std::vector<std::string>(own.rbegin(), own.rend()));
  } catch (const CLI::CallForHelp&) {
    return NothingToRun{0, program.help()};
  } catch (const CLI::CallForVersion&) {
    return NothingToRun{0, "mock-capgo " + version() + "\n"};
  } catch (const CLI::ParseError& error) {
    return bad_usage(error.what());
  }
  const CLI::App& command = *program.get_subcommands().front();
  std::vector<std::string> extras = command.remaining();
  if (!extras.empty()) return bad_usage(explain_extra(command, extras));

  Options options = typed.options;
  if (&command == &exec) options.command = Command::exec;
  if (&command == &check) options.command = Command::check;
  if (&command == &contracts) options.command = Command::contracts;
  for (Problem problem :
       {judge_contract(typed, options), judge_numbers(typed, options),
        judge_rate_limit(typed, options), judge_words(typed, options), judge_child(options)}) {
    if (problem) return bad_usage(*problem);
  }
  return options;
}

}  // namespace app
