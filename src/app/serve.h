#pragma once

#include <ostream>

#include "app/inputs.h"
#include "app/options.h"
#include "app/request_log.h"

namespace app {

/// Serves until it is stopped (`serve`), or until the child has ended (`exec`). Returns the exit
/// code, as app::run does. On a terminal, `serve` also prints a request to try.
int serve(const Options& options, Inputs inputs, base::Clock clock, int in, std::ostream& out,
          RequestLog& log, bool is_terminal);

}  // namespace app
