#pragma once

#include <ostream>

#include "app/inputs.h"
#include "app/options.h"
#include "app/request_log.h"

namespace app {

/// Serves until told to stop (`serve`), or until the child has ended (`exec`). Gives back the exit
/// code, as app::run.
int serve(const Options& options, Inputs inputs, base::Clock clock, int in, std::ostream& out,
          RequestLog& log);

}  // namespace app
