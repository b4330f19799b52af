#include "app/options.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <iterator>
#include <span>
#include <utility>

#include <CLI/CLI.hpp>

#include "app/built_in_scenarios.h"
#include "app/exec_advice.h"
#include "app/option_values.h"
#include "base/ascii.h"
#include "base/suggest.h"
#include "contract/catalog.h"

namespace app {
namespace {

constexpr const char* kServeHelp = R"(Run the server until SIGINT or SIGTERM.

Example:
  mock-capgo --fixtures keys.json --port 12113
  curl -H 'authorization: ak_123' http://127.0.0.1:12113/apikey/)";

constexpr const char* kExecHelp =
    R"(Start the server on a free port, run a command with CAPGO_API_URL, CAPGO_TOKEN,
CAPGO_USER_TOKEN and MOCK_CAPGO_ADMIN_URL in its environment, stop the server, and exit with the
command's exit code.

Example:
  mock-capgo exec --fixtures keys.json -- npm test)";

constexpr const char* kCheckHelp =
    R"(Check fixture and scenario files without starting a server. Exit with 2 if there is a problem.

Example:
  mock-capgo check --fixtures keys.json --scenario flaky-create)";

constexpr const char* kContractsHelp =
    R"(List the contracts, or compare two of them.

Example:
  mock-capgo contracts documented deployed-2026-02)";

constexpr const char* kScenariosHelp =
    R"(List the built-in scenarios, or print one as JSON.

Example:
  mock-capgo scenarios flaky-create > my-scenario.json)";

constexpr const char* kHealthHelp =
    R"(Check whether a server answers. Exit with 0 if it does, and with 1 if not. Without --url, the
server is that of MOCK_CAPGO_ADMIN_URL, or else that of MOCK_CAPGO_HOST and MOCK_CAPGO_PORT.

Example:
  mock-capgo health --url http://127.0.0.1:12113)";

constexpr const char* kMainHelp = R"(Commands:
  serve                run the server (the default)
  exec -- COMMAND...   start a server, run a command with its address, and stop
  check                check fixture and scenario files
  contracts [A [B]]    list the contracts, or compare two
  scenarios [NAME]     list the built-in scenarios, or print one
  health               check whether a server answers
  version              print the version
  help [COMMAND]       show the options of a command, such as: mock-capgo help serve)";

constexpr auto kCommands = std::to_array<std::string_view>(
    {"serve", "exec", "check", "contracts", "scenarios", "health", "version", "help"});

/// The environment variable of an option: `MOCK_CAPGO_READY_FILE` for `--ready-file`.
std::string variable_of(std::string_view option) {
  if (option == "--url") return "MOCK_CAPGO_ADMIN_URL";  // As exec sets it.
  std::string name = "MOCK_CAPGO_" + std::string(option.substr(2));
  std::transform(name.begin(), name.end(), name.begin(),
                 [](char c) { return c == '-' ? '_' : base::to_upper(c); });
  return name;
}

/// Lets an option be set in the environment, if `args` do not have it.
void allow_in_environment(const std::vector<std::string>& args, CLI::Option& option,
                          Options& options) {
  const std::string name = option.get_name();
  bool is_argument = std::any_of(args.begin(), args.end(), [&](const std::string& each) {
    return each.substr(0, each.find('=')) == name;
  });
  const char* value = std::getenv(variable_of(name).c_str());
  bool is_set = value != nullptr && *value != '\0';
  if (is_argument || !is_set) return;
  option.envname(variable_of(name));
  options.from_environment.insert(name);
}

/// Defines the options of the command that runs that have a value. `problem` is set to the first
/// problem.
void add_options(CLI::App& command, std::span<const ValueOption> added,
                 const std::vector<std::string>& args, Options& options, Problem& problem) {
  for (const ValueOption& option : added) {
    auto read = [&option, &options, &problem](const std::string& value) {
      auto found = option.read(value, options);
      if (found && !problem) problem = source_of(option.name, options) + ": " + *found;
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
    allow_in_environment(args, *defined, options);
    if (std::string_view(option.name) == "--now") {
      allow_in_environment(args, *command.add_flag("--freeze", options.freeze, "stop the clock"),
                           options);
    }
  }
}

void define_commands(CLI::App& program, const std::vector<std::string>& args, Options& options,
                     std::vector<std::string>& compared, Problem& problem) {
  program.set_version_flag("--version", "mock-capgo " + version());
  CLI::App& serve = *program.add_subcommand("serve", kServeHelp);
  CLI::App& exec = *program.add_subcommand("exec", kExecHelp);
  CLI::App& check = *program.add_subcommand("check", kCheckHelp);
  CLI::App& health = *program.add_subcommand("health", kHealthHelp);
  // Only the options of the command that runs: one takes 10,000 instructions, and CLI11 would set
  // those of all commands in the environment.
  for (CLI::App* command : {&serve, &exec, &check}) {
    if (command->get_name() != args.front()) continue;
    add_options(*command, file_options(), args, options, problem);
    if (command != &check) add_options(*command, server_options(), args, options, problem);
  }
  if (args.front() == "health") {
    add_options(health, health_options(), args, options, problem);
  } else if (args.front() == "exec") {
    exec.get_option("--port")->default_str("0");  // Test runs at the same time need other ports.
  } else if (args.front() == "serve") {
    // Not for exec, whose child reads standard input.
    allow_in_environment(args,
                         *serve.add_flag("--exit-on-stdin-close", options.exit_on_stdin_close,
                                         "stop when standard input ends"),
                         options);
  }
  CLI::App& contracts = *program.add_subcommand("contracts", kContractsHelp);
  contracts.add_option("NAME", compared, "the two contracts to compare");
  CLI::App& scenarios = *program.add_subcommand("scenarios", kScenariosHelp);
  scenarios.add_option("NAME", options.printed_scenario, "the scenario to print");
  if (args.front() == "scenarios") {
    add_options(scenarios, contract_option(), args, options, problem);
  }
  program.footer(kMainHelp);  // Last: commands added later would inherit it.
  for (CLI::App* command : program.get_subcommands({})) {
    command->allow_extras()->group("");  // Not in the list of CLI11: the footer has them.
  }
}

/// Points to the help of the command; an empty one means the list of commands.
EarlyExit bad_usage(const std::string& problem, const std::string& command) {
  return {2, "mock-capgo: " + problem + "\nSee mock-capgo " + command +
                 (command.empty() ? "" : " ") + "--help.\n"};
}

/// `; repeat --fixtures for more files`, if an option before the argument can be repeated.
std::string repeat_hint(const std::vector<std::string>& args, const std::string& argument) {
  auto is_option = [](const std::string& each) { return each.starts_with("--"); };
  auto begin = std::make_reverse_iterator(std::find(args.begin(), args.end(), argument));
  auto before = std::find_if(begin, args.rend(), is_option);
  if (before == args.rend()) return "";
  std::string name = before->substr(0, before->find('='));
  for (std::span<const ValueOption> options : {file_options(), server_options()}) {
    for (const ValueOption& option : options) {
      if (!option.is_list || option.name != name) continue;
      bool is_file = std::string_view(option.type).starts_with("FILE");
      return "; repeat " + name + " for more " + (is_file ? "files" : "values");
    }
  }
  return "";
}

/// Returns the option that was given and has a secret as its value; null if there is none.
const CLI::Option* find_secret_option(const CLI::App& command) {
  for (const char* name : {"--admin-token", "--jwt-secret"}) {
    const CLI::Option* option = command.get_option_no_throw(name);
    if (option != nullptr && option->count() > 0) return option;
  }
  return nullptr;
}

/// What is wrong with the arguments that the command does not accept. `args` are all arguments
/// before `--`, `child` those after it.
std::string explain_extra(const CLI::App& command, const std::vector<std::string>& args,
                          const std::vector<std::string>& extras,
                          const std::vector<std::string>& child) {
  const CLI::Option* secret = find_secret_option(command);
  if (!extras.front().starts_with('-') && command.get_name() == "exec") {
    if (secret != nullptr) return "exec: put -- before the command to run";
    std::vector<std::string> words = extras;
    if (!child.empty()) words.emplace_back("--");
    words.insert(words.end(), child.begin(), child.end());
    return "exec: put -- before the command: " + exec_line(words);
  }
  std::vector<std::string> names;
  for (const CLI::Option* option : command.get_options()) names.push_back(option->get_name());
  std::vector<std::string_view> views(names.begin(), names.end());
  for (const std::string& extra : extras) {
    if (!extra.starts_with('-')) continue;
    std::string name = extra.substr(0, extra.find('='));
    std::string unknown = command.get_name() + ": unknown option " + name;
    if (command.get_name() == "exec" && name == "--exit-on-stdin-close") {
      return unknown + "; standard input belongs to the command";
    }
    if (std::string meant = base::did_you_mean(name, views); !meant.empty()) return unknown + meant;
    unknown += "; the options are:";
    for (std::string_view each : views) unknown += " " + std::string(each);
    return unknown;
  }
  if (secret != nullptr) {
    return "unexpected argument, not shown because it may be part of the " + secret->get_name();
  }
  return "unexpected argument \"" + extras.front() + "\"" + repeat_hint(args, extras.front());
}

/// Explains a flag with a value that is no truth value. `message` is that of CLI11, such as
/// "Could not convert: --freeze = maybe".
std::string explain_flag(const std::string& message, const Options& options) {
  size_t name = message.find("--");
  size_t equals = std::min(message.find(" = "), message.size());
  if (name >= equals) return message;
  return source_of(message.substr(name, equals - name), options) + ": \"" +
         message.substr(std::min(equals + 3, message.size())) + "\" must be true or false";
}

/// Explains that an option has too few or too many values. `message` is that of CLI11, such as
/// "--port: 1 required".
std::string explain_mismatch(const std::string& message) {
  bool is_duplicate = message.find("At Most") != std::string::npos;
  return message.substr(0, message.find(':')) +
         (is_duplicate ? ": given more than once" : ": needs a value");
}

/// Finds the address for `health` without --url: that of a server with the same environment.
Problem read_address_in_environment(Options& options) {
  for (const ValueOption& option : server_options()) {
    std::string name = option.name;
    if (name != "--host" && name != "--port") continue;
    const char* value = std::getenv(variable_of(name).c_str());
    if (value == nullptr || *value == '\0') continue;
    if (auto problem = option.read(value, options)) return variable_of(name) + ": " + *problem;
  }
  if (options.port != 0) return std::nullopt;
  return "health: with MOCK_CAPGO_PORT=0 the port can be any; name the server with --url";
}

/// Finds problems that need the whole command line.
Problem check_command(const std::vector<std::string>& compared, Options& options) {
  for (const std::string& name : compared) {
    auto problem = read_contract(name, options.compared.emplace_back());
    if (problem) return "contracts: " + *problem;
  }
  if (options.compared.size() == 1 || options.compared.size() > 2) {
    return "contracts: name two to compare, or none to list them all";
  }
  if (const std::string& name = options.printed_scenario;
      !name.empty() && built_in_scenario(*options.contract, name).empty()) {
    return base::unknown_name("built-in scenario", name,
                              built_in_scenario_names(*options.contract));
  }
  bool is_exec = options.command == Command::exec;
  if (is_exec && options.child.empty()) {
    return "exec: no command to run; put it after --, as in: mock-capgo exec -- npm test";
  }
  if (!is_exec && !options.child.empty()) {
    return "only exec runs a command after --; write exec first, before its options";
  }
  return std::nullopt;
}

}  // namespace

std::string version() { return MOCK_CAPGO_VERSION; }

std::string source_of(const std::string& option, const Options& options) {
  return options.from_environment.contains(option) ? variable_of(option) : option;
}

std::variant<Options, EarlyExit> parse_options(const std::vector<std::string>& args) {
  Options options;
  options.contract = contract::all().front();
  std::vector<std::string> compared;
  Problem problem;
  CLI::App program("A stand-in for Capgo's API-key service, for tests and offline work.",
                   "mock-capgo");
  auto dashes = std::find(args.begin(), args.end(), "--");
  std::vector<std::string> own(args.begin(), dashes);  // All before `--`.
  if (dashes != args.end()) options.child.assign(dashes + 1, args.end());
  std::string first = own.empty() ? "" : own.front();
  if (first == "version") own = {"--version"};
  if (first == "help") {
    own.erase(own.begin());
    own.emplace_back("--help");
    first = own.front();
  }
  bool is_command = std::find(kCommands.begin(), kCommands.end(), first) != kCommands.end();
  if (!first.empty() && !first.starts_with('-') && !is_command) {
    return bad_usage(base::unknown_name("command", first, kCommands), "");
  }
  constexpr auto kAlone = std::to_array<std::string_view>({"--help", "-h", "--version"});
  bool is_alone = std::find(kAlone.begin(), kAlone.end(), first) != kAlone.end();
  if (!is_command && !is_alone) own.insert(own.begin(), "serve");
  define_commands(program, own, options, compared, problem);

  try {
    program.parse(std::vector<std::string>(own.rbegin(), own.rend()));
  } catch (const CLI::CallForHelp&) {
    return EarlyExit{0, program.help()};
  } catch (const CLI::CallForVersion&) {
    return EarlyExit{0, "mock-capgo " + version() + "\n"};
  } catch (const CLI::ArgumentMismatch& error) {
    return bad_usage(explain_mismatch(error.what()), own.front());
  } catch (const CLI::ConversionError& error) {
    return bad_usage(explain_flag(error.what(), options), own.front());
  } catch (const CLI::ParseError& error) {
    return bad_usage(error.what(), own.front());
  }
  const CLI::App& command = *program.get_subcommands().front();
  if (program.get_subcommands().size() > 1) {
    std::string other = program.get_subcommands()[1]->get_name();
    return bad_usage("\"" + other + "\" is a command; write it first, before its options", other);
  }
  std::vector<std::string> extras = command.remaining();
  if (!extras.empty()) {
    return bad_usage(explain_extra(command, own, extras, options.child), command.get_name());
  }
  options.command = *base::parse_name<Command>(command.get_name());
  bool is_exec = options.command == Command::exec;
  if (is_exec && command.get_option("--port")->count() == 0) options.port = 0;
  bool is_health = options.command == Command::health;
  if (is_health && command.get_option("--url")->count() == 0) {
    problem = read_address_in_environment(options);
  }
  if (!problem) problem = check_command(compared, options);
  if (problem) return bad_usage(*problem, command.get_name());
  return options;
}

}  // namespace app
