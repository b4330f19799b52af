#include "app/options.h"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include <CLI/CLI.hpp>

#include "app/option_values.h"
#include "base/suggest.h"
#include "contract/catalog.h"

namespace app {
namespace {

constexpr const char* kServeHelp = R"(Run the server until SIGINT or SIGTERM.

Example:
  mock-capgo --fixtures keys.json --port 12113
  curl -H 'authorization: ak_123' http://127.0.0.1:12113/apikey/)";

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

/// Defines the options of a command that take a value. The first problem with one is kept.
void add_options(CLI::App& command, std::span<const ValueOption> added, Options& options,
                 Problem& problem) {
  for (const ValueOption& option : added) {
    auto read = [&option, &options, &problem](const std::string& value) {
      auto found = option.read(value, options);
      if (found && !problem) problem = std::string(option.name) + ": " + *found;
    };
    CLI::Option* defined = nullptr;
    if (option.is_list) {
      auto read_all = [read](const std::vector<std::string>& values) {
        for (const std::string& value : values) read(value);
      };
      defined =
          command.add_option_function<std::vector<std::string>>(option.name, read_all, option.help);
      defined->allow_extra_args(false);
    } else {
      defined = command.add_option_function<std::string>(option.name, read, option.help);
    }
    defined->type_name(option.type)->default_str(option.default_value);
  }
}

void define_commands(CLI::App& program, Options& options, std::vector<std::string>& compared,
                     Problem& problem) {
  program.set_version_flag("--version", "mock-capgo " + version());
  program.footer(kMainHelp);
  CLI::App& serve = *program.add_subcommand("serve", kServeHelp);
  CLI::App& exec = *program.add_subcommand("exec", kExecHelp);
  CLI::App& check = *program.add_subcommand("check", kCheckHelp);
  for (CLI::App* command : {&serve, &exec, &check}) {
    command->allow_extras();
    add_options(*command, file_options(), options, problem);
    if (command == &check) continue;
    add_options(*command, server_options(), options, problem);
    command->add_flag("--freeze", options.freeze, "keep the clock still");
  }
  exec.get_option("--port")->default_str("0");  // A test run beside another must not meet its port.
  // Not for exec: there, standard input is the child's.
  serve.add_flag("--exit-on-stdin-close", options.exit_on_stdin_close,
                 "stop when standard input ends");
  CLI::App& contracts = *program.add_subcommand("contracts", kContractsHelp);
  contracts.allow_extras();
  contracts.add_option("NAME", compared, "the two contracts to compare");
}

EarlyExit bad_usage(const std::string& problem) {
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
  bool is_sensitive = token != nullptr && token->count() > 0;
  std::string problem = is_sensitive ? "a word that may be part of the token, so it is not shown,"
                                     : "\"" + extras.front() + "\"";
  problem += " is no option and belongs to none";
  if (command.get_name() == "exec") problem += "; put the command to run after --";
  return problem;
}

/// Why an option has too few values or too many, from what CLI11 says: `--port: 1 required ...`.
std::string explain_mismatch(const std::string& said) {
  bool is_duplicate = said.find("At Most") != std::string::npos;
  return said.substr(0, said.find(':')) + (is_duplicate ? ": give it once" : ": needs a value");
}

/// What only the whole of a command line shows.
Problem check_command(const std::vector<std::string>& compared, Options& options) {
  for (const std::string& name : compared) {
    auto problem = read_contract(name, options.compared.emplace_back());
    if (problem) return "contracts: " + *problem;
  }
  if (options.compared.size() == 1 || options.compared.size() > 2) {
    return "contracts: name two of them to see where they differ, or none to list them all";
  }
  bool is_exec = options.command == Command::exec;
  if (is_exec && options.child.empty()) {
    return "exec: no command to run; put it after --, as in: mock-capgo exec -- npm test";
  }
  if (!is_exec && !options.child.empty()) return "only exec runs a command after --";
  return std::nullopt;
}

}  // namespace

std::string version() { return MOCK_CAPGO_VERSION; }

std::variant<Options, EarlyExit> parse_options(const std::vector<std::string>& args) {
  Options options;
  options.contract = contract::all().front();
  std::vector<std::string> compared;
  Problem problem;
  CLI::App program("A stand-in for Capgo's API-key service, for tests and offline work.",
                   "mock-capgo");
  define_commands(program, options, compared, problem);

  auto dashes = std::find(args.begin(), args.end(), "--");
  std::vector<std::string> own(args.begin(), dashes);
  if (dashes != args.end()) options.child.assign(dashes + 1, args.end());
  constexpr auto kAlone = std::to_array<std::string_view>({"--help", "-h", "--version"});
  auto is_first = [&](const auto& words) {
    return !own.empty() && std::find(words.begin(), words.end(), own.front()) != words.end();
  };
  const auto& commands = base::kNames<Command>;
  if (!own.empty() && !own.front().starts_with('-') && !is_first(commands)) {
    return bad_usage("there is no command \"" + own.front() + "\"" +
                     base::did_you_mean(own.front(), commands) +
                     "; the commands are: serve exec check contracts");
  }
  if (!is_first(commands) && !is_first(kAlone)) own.insert(own.begin(), "serve");

  try {
    program.parse(std::vector<std::string>(own.rbegin(), own.rend()));
  } catch (const CLI::CallForHelp&) {
    return EarlyExit{0, program.help()};
  } catch (const CLI::CallForVersion&) {
    return EarlyExit{0, "mock-capgo " + version() + "\n"};
  } catch (const CLI::ArgumentMismatch& error) {
    return bad_usage(explain_mismatch(error.what()));
  } catch (const CLI::ParseError& error) {
    return bad_usage(error.what());
  }
  const CLI::App& command = *program.get_subcommands().front();
  std::vector<std::string> extras = command.remaining();
  if (!extras.empty()) return bad_usage(explain_extra(command, extras));
  options.command = *base::parse_name<Command>(command.get_name());
  bool is_exec = options.command == Command::exec;
  if (is_exec && command.get_option("--port")->count() == 0) options.port = 0;
  if (!problem) problem = check_command(compared, options);
  if (problem) return bad_usage(*problem);
  return options;
}

}  // namespace app
