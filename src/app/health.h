#pragma once

#include <ostream>

#include "app/options.h"

namespace app {

/// The command `health`: prints whether a mock-capgo answers at the address in the options. Blocks
/// for a few seconds at most. Returns the exit code.
int check_health(const Options& options, std::ostream& out, std::ostream& err);

}  // namespace app
