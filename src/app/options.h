#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/enum_names.h"
#include "capgo/user_token.h"
#include "contract/contract.h"

namespace app {

enum class Command { serve, exec, check, contracts, scenarios, health };
enum class Log { none, errors, requests, debug };
enum class LogFormat { text, json };

/// The options of the command line. option_values.cc describes each of them.
struct Options {
  Command command = Command::serve;
  std::vector<std::string> fixtures;
  std::vector<std::string> scenarios;
  const contract::Contract* contract = nullptr;
  /// The two contracts for `contracts` to compare; none to list them all.
  std::vector<const contract::Contract*> compared;
  /// The built-in scenario for `scenarios` to print; empty to list them all.
  std::string printed_scenario;
  /// Where the server listens; for `health`, where it is expected.
  std::string host = "127.0.0.1";
  int port = 12113;
  /// The path that `health` requests.
  std::string health_path = "/__admin/health";
  std::string base_path;
  /// Without it, keys are stored in memory.
  std::optional<std::string> sqlite_file;
  std::optional<uint64_t> seed;
  std::optional<base::Time> now;
  bool freeze = false;
  std::optional<int64_t> rate_limit;
  std::optional<std::string> ready_file;
  bool exit_on_stdin_close = false;
  std::optional<std::string> export_on_exit;
  size_t journal = 1000;
  std::optional<std::string> journal_on_exit;
  size_t max_sandboxes = 1000;
  /// Names and IP addresses in lower case, IPv6 without brackets.
  std::vector<std::string> allowed_hosts;
  std::optional<std::string> admin_token;
  /// Signs the tokens of users.
  std::string jwt_secret{capgo::kLocalSupabaseSecret};
  Log log = Log::requests;
  LogFormat log_format = LogFormat::text;
  /// Without it, the log goes to stderr.
  std::optional<std::string> log_file;
  /// The options, such as `--port`, whose values come from the environment.
  std::set<std::string> from_environment;
  /// The program that `exec` runs, and its arguments.
  std::vector<std::string> child;
};

/// There is no command to run: the command line asks for help or the version (exit code 0, text for
/// stdout), or is invalid (exit code 2, text for stderr).
struct EarlyExit {
  int exit_code = 0;
  std::string text;
};

/// Where the value of an option comes from: `--port` or `MOCK_CAPGO_PORT`.
std::string source_of(const std::string& option, const Options& options);

/// Reads the arguments after the program's name, and for options that they do not have, the
/// environment.
std::variant<Options, EarlyExit> parse_options(const std::vector<std::string>& args);

/// The version of this program.
std::string version();

}  // namespace app

template <>
inline constexpr std::array<std::string_view, 6> base::kNames<app::Command> = {
    "serve", "exec", "check", "contracts", "scenarios", "health"};
template <>
inline constexpr std::array<std::string_view, 4> base::kNames<app::Log> = {"none", "errors",
                                                                           "requests", "debug"};
template <>
inline constexpr std::array<std::string_view, 2> base::kNames<app::LogFormat> = {"text", "json"};
