#include "app/options.h"

#include <algorithm>
#include <array>
#include <utility>

#include <CLI/CLI.hpp>

#include "app/typed_options.h"
#include "base/suggest.h"

namespace app {
namespace {

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

void add_file_options(CLI::App& command, TypedOptions& typed) {
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

/// What is not of the service: sandboxes, journals, and who may ask at all.
void add_control_options(CLI::App& command, TypedOptions& typed) {
  command
      .add_option("--journal", typed.journal, "requests each sandbox's journal keeps, to 100000")
      ->type_name("N")
      ->default_str("1000");
  command
      .add_option("--max-sandboxes", typed.max_sandboxes,
                  "sandboxes there may be at a time, to 100000")
      ->type_name("N")
      ->default_str("1000");
  command
      .add_option("--allow-host", typed.allowed_hosts,
                  "host that requests may name in Host, beside loopback; may be given again")
      ->type_name("NAME")
      ->allow_extra_args(false);
  command
      .add_option("--admin-token", typed.options.admin_token,
                  "what control calls must send as Authorization: Bearer TOKEN "
                  "(default: nothing on loopback; elsewhere none are taken)")
      ->type_name("TOKEN");
}

void add_server_options(CLI::App& command, TypedOptions& typed) {
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
  add_control_options(command, typed);
  command.add_option("--log", typed.log, "what goes to stderr: none, requests or debug")
      ->capture_default_str();
  command
      .add_option("--log-format", typed.log_format,
                  "how it is written: text, or json with one object a line")
      ->type_name("text|json")
      ->capture_default_str();
}

NothingToRun bad_usage(const std::string& problem) {
  return {2, "mock-capgo: " + problem + "\nSee mock-capgo --help.\n"};
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
  const CLI::Option* token = command.get_option_no_throw("--admin-token");
  bool may_be_secret = token != nullptr && token->count() > 0;
  std::string problem = may_be_secret ? "a word that may be part of the token, so it is not shown,"
                                      : "\"" + extras.front() + "\"";
  problem += " is no option and belongs to none";
  if (command.get_name() == "exec") problem += "; put the command to run after --";
  return problem;
}

/// Why an option has too few values or too many, from what CLI11 says: `--port: 1 required ...`.
std::string explain_mismatch(const std::string& said) {
  bool is_doubled = said.find("At Most") != std::string::npos;
  return said.substr(0, said.find(':')) + (is_doubled ? ": give it once" : ": needs a value");
}

}  // namespace

std::string version() { return MOCK_CAPGO_VERSION; }

std::variant<Options, NothingToRun> parse_options(const std::vector<std::string>& args) {
  TypedOptions typed;
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
  } catch (const CLI::ArgumentMismatch& error) {
    return bad_usage(explain_mismatch(error.what()));
  } catch (const CLI::ParseError& error) {
    return bad_usage(error.what());
  }
  const CLI::App& command = *program.get_subcommands().front();
  std::vector<std::string> extras = command.remaining();
  if (!extras.empty()) return bad_usage(explain_extra(command, extras));

  if (&command == &exec) typed.options.command = Command::exec;
  if (&command == &check) typed.options.command = Command::check;
  if (&command == &contracts) typed.options.command = Command::contracts;
  auto judged = judge(typed);
  if (const auto* problem = std::get_if<std::string>(&judged)) return bad_usage(*problem);
  return std::get<Options>(std::move(judged));
}

}  // namespace app
