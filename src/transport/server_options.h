#pragma once

#include <chrono>
#include <cstddef>

#include "transport/handler.h"
#include "transport/request_head.h"

namespace transport {

/// How a server treats its clients. The defaults are what users get; tests have less patience.
struct ServerOptions {
  Limits limits;
  /// How long a request may take to arrive whole, from its first byte on.
  std::chrono::milliseconds request_time{10'000};
  /// How long a client may send nothing between requests, or take nothing of an answer.
  std::chrono::milliseconds idle_time{75'000};
  /// Who comes beyond them is refused (503).
  size_t max_connections = 10'000;
  /// Event loops, each on a thread of its own but for the first; 0: one a core, four at most.
  size_t loops = 0;
  Observer refused;
};

}  // namespace transport
