#pragma once

#include <ostream>
#include <string>
#include <vector>

namespace app {

/// Exit codes: an error at run time; bad usage or a bad file.
inline constexpr int kFailed = 1;
inline constexpr int kBadUsage = 2;

/// Properties of standard error.
struct ErrorStream {
  bool is_terminal = false;
  /// Whether the log has colors.
  bool colored = false;
};

/// Runs one command of mock-capgo and returns its exit code: 0 clean stop, 1 failed at run
/// time, 2 bad usage or a bad file, 3 the address is taken; `exec` returns its child's.
///
/// `args` are the arguments after the program's name, `in` the descriptor of standard input. Blocks
/// until the command is done. A process may run one at a time, because it handles signals.
int run(const std::vector<std::string>& args, int in, std::ostream& out, std::ostream& err,
        ErrorStream error_stream = {});

}  // namespace app
