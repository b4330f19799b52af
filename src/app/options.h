#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "contract/contract.h"

namespace app {

enum class Command { serve, exec, check, contracts };
enum class Log { none, requests, debug };
enum class LogFormat { text, json };

/// What the command line asks for.
struct Options {
  Command command = Command::serve;
  std::vector<std::string> fixtures;
  /// Files, or names of shipped scenarios.
  std::vector<std::string> scenarios;
  const contract::Contract* contract = nullptr;
  /// The two that `contracts` is to compare; none to list them all.
  std::vector<const contract::Contract*> compared;
  std::string host = "127.0.0.1";
  int port = 12112;
  std::string base_path;
  /// The SQLite file keys are kept in; nothing means memory.
  std::optional<std::string> sqlite_file;
  std::optional<uint64_t> seed;
  std::optional<base::Time> now;
  bool freeze = false;
  /// How many requests a key may make a minute; nothing means that nobody counts.
  std::optional<int64_t> rate_limit;
  std::optional<std::string> ready_file;
  bool exit_on_stdin_close = false;
  std::optional<std::string> export_on_exit;
  /// How many requests each sandbox's journal keeps.
  size_t journal = 1000;
  /// How many sandboxes with a name there may be at a time.
  size_t max_sandboxes = 1000;
  /// The hosts that requests may name beside loopback: names and IP addresses in lower case, IPv6
  /// without brackets.
  std::vector<std::string> allowed_hosts;
  /// What control calls must send as `Authorization: Bearer ...`; nothing means nothing.
  std::optional<std::string> admin_token;
  Log log = Log::requests;
  LogFormat log_format = LogFormat::text;
  /// What `exec` runs: the program and its arguments.
  std::vector<std::string> child;
};

/// The command line has nothing to run: it asked for help or the version (exit code 0, for
/// stdout), or is wrong (exit code 2, for stderr).
struct NothingToRun {
  int exit_code = 0;
  std::string text;
};

/// Reads the arguments after the program's name.
std::variant<Options, NothingToRun> parse_options(const std::vector<std::string>& args);

/// The version of this program.
std::string version();

}  // namespace app
