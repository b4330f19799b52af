#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/enum_names.h"
#include "contract/contract.h"

namespace app {

enum class Command { serve, exec, check, contracts, scenarios };
enum class Log { none, requests, debug };
enum class LogFormat { text, json };

/// What the command line asks for. option_values.cc says what each option means.
struct Options {
  Command command = Command::serve;
  std::vector<std::string> fixtures;
  std::vector<std::string> scenarios;
  const contract::Contract* contract = nullptr;
  /// The two that `contracts` is to compare; none to list them all.
  std::vector<const contract::Contract*> compared;
  /// The built-in scenario that `scenarios` is to print; empty to list them all.
  std::string printed_scenario;
  std::string host = "127.0.0.1";
  int port = 12113;
  std::string base_path;
  /// Nothing means memory.
  std::optional<std::string> sqlite_file;
  std::optional<uint64_t> seed;
  std::optional<base::Time> now;
  bool freeze = false;
  std::optional<int64_t> rate_limit;
  std::optional<std::string> ready_file;
  bool exit_on_stdin_close = false;
  std::optional<std::string> export_on_exit;
  size_t journal = 1000;
  size_t max_sandboxes = 1000;
  /// Names and IP addresses in lower case, IPv6 without brackets.
  std::vector<std::string> allowed_hosts;
  std::optional<std::string> admin_token;
  Log log = Log::requests;
  LogFormat log_format = LogFormat::text;
  /// What `exec` runs: the program and its arguments.
  std::vector<std::string> child;
};

/// The command line has nothing to run: it asked for help or the version (exit code 0, for
/// stdout), or is wrong (exit code 2, for stderr).
struct EarlyExit {
  int exit_code = 0;
  std::string text;
};

/// Reads the arguments after the program's name.
std::variant<Options, EarlyExit> parse_options(const std::vector<std::string>& args);

/// The version of this program.
std::string version();

}  // namespace app

template <>
inline constexpr std::array<std::string_view, 5> base::kNames<app::Command> = {
    "serve", "exec", "check", "contracts", "scenarios"};
template <>
inline constexpr std::array<std::string_view, 3> base::kNames<app::Log> = {"none", "requests",
                                                                           "debug"};
template <>
inline constexpr std::array<std::string_view, 2> base::kNames<app::LogFormat> = {"text", "json"};
