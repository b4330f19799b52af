#pragma once

#include <ostream>

#include "app/inputs.h"
#include "app/options.h"
#include "app/request_log.h"

namespace app {

/// Where the output of a server goes.
struct Output {
  /// Standard output, for the ready line.
  std::ostream& out;
  /// For requests and warnings. May be the same as `errors`.
  RequestLog& log;
  /// Standard error, for why the server cannot go on, and for a person at a terminal.
  RequestLog& errors;
  /// Whether standard error is a terminal.
  bool is_terminal;
};

/// Serves until it is stopped (`serve`), or until the child has ended (`exec`). Returns the exit
/// code, as app::run does. On a terminal, `serve` also prints a request to try.
int serve(const Options& options, Inputs inputs, base::Clock clock, int in, const Output& output);

}  // namespace app
