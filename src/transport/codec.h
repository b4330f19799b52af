#pragma once

#include <memory>
#include <string>

#include "transport/handler.h"
#include "transport/request_head.h"

namespace transport {

/// The bytes that answer one request.
struct Answer {
  std::string bytes;
  /// Whether the connection stays open after them.
  bool keep_alive = true;
};

/// Runs requests through cpp-httplib: calls the handler and writes what it gives as HTTP/1.1.
///
/// Not thread-safe: each loop has its own. The handler is called on the calling thread.
class Codec {
 public:
  explicit Codec(Handler handler);
  ~Codec();
  Codec(const Codec&) = delete;
  Codec& operator=(const Codec&) = delete;

  /// Answers a whole request. The handler sees `frame.request` as it is; if it throws, the answer
  /// is a 500 with `{"error":...}`. The connection is kept if both the client and the handler's
  /// `Connection` header allow it. Content-Length and other framing headers are made here, not
  /// taken from the handler. Delays and faults of the response are not carried out yet.
  Answer answer(const Frame& frame);

  /// The last answer on a connection whose bytes are not a request: `{"error":"<reason>"}`, the
  /// reason in `X-Mock-Reason` too, and `Connection: close`.
  std::string refuse(const Refusal& refusal);

 private:
  class Writer;

  Handler handler_;
  std::unique_ptr<Writer> writer_;
};

}  // namespace transport
