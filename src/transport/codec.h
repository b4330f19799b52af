#pragma once

#include <memory>
#include <string>

#include "transport/delivery.h"
#include "transport/request_head.h"
#include "transport/server_options.h"

namespace transport {

/// Runs requests through cpp-httplib: calls the handler and writes what it gives as HTTP/1.1.
///
/// Not thread-safe: each loop has its own. The handler is called on the calling thread.
class Codec {
 public:
  explicit Codec(Handler handler, const ServerOptions& options = {});
  ~Codec();
  Codec(const Codec&) = delete;
  Codec& operator=(const Codec&) = delete;

  /// Answers a whole request. The handler sees `frame.request` as it is; if it throws, the answer
  /// is a 500 with `{"error":...}`. The connection is kept if both the client and the handler's
  /// `Connection` header allow it. Content-Length and other framing headers are made here, not
  /// taken from the handler.
  Delivery answer(const Frame& frame);

  /// The last answer on a connection whose bytes are not a request: `{"error":"<reason>"}`, the
  /// reason in `X-Mock-Reason` too, and `Connection: close`. `request` has what was read of it.
  Delivery refuse(const http::Request& request, const Refusal& refusal);

 private:
  class Writer;

  http::Response call(const http::Request& request) const;

  Handler handler_;
  Observer refused_;
  std::unique_ptr<Writer> writer_;
};

}  // namespace transport
