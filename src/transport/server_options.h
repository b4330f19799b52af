#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "http/message.h"

namespace transport {

/// Handles one request. Called concurrently on the threads of all loops; must not block. An
/// exception becomes a 500.
using Handler = std::function<http::Response(const http::Request&)>;

/// Called before each response that the transport created itself is sent, because the bytes were
/// not a request, a limit was reached or the handler threw. May add headers. The request is
/// incomplete if it could not be read. Called like a Handler; must not throw.
using ErrorObserver =
    std::function<void(const http::Request&, http::Response&, const std::string& reason)>;

/// The maximum size of one request, in bytes and lines.
struct Limits {
  size_t target_bytes = 8 * 1024;
  /// Request line, header lines and the empty line, line ends included. Chunk extensions and
  /// trailers together have the same limit.
  size_t head_bytes = 16 * 1024;
  size_t head_lines = 100;
  size_t body_bytes = 1 << 20;
};

/// Limits and timeouts of a server.
struct ServerOptions {
  Limits limits = {};
  /// How long a request may take to arrive, from its first byte to its last.
  std::chrono::milliseconds request_time{10'000};
  /// How long a client may send nothing between requests, or read nothing of a response.
  std::chrono::milliseconds idle_time{75'000};
  /// Further connections get a 503.
  size_t max_connections = 10'000;
  /// While more bytes of responses wait until clients read them, further requests get a 503. Each
  /// loop has an equal part.
  size_t max_pending_bytes = size_t{256} << 20;
  /// The number of event loops, one thread each; 0 means one per core, at most four.
  size_t loops = 0;
  ErrorObserver on_error = nullptr;
  /// Called on the loop's thread, at most every 10 s, when connections wait because the process
  /// has too many open files. The text says what to do.
  std::function<void(const std::string&)> on_warning = nullptr;
};

}  // namespace transport
