#pragma once

#include <memory>

#include "transport/request_parser.h"
#include "transport/send_plan.h"
#include "transport/server_options.h"

namespace transport {

/// Runs requests through cpp-httplib: calls the handler and writes what it returns as HTTP/1.1.
///
/// Not thread-safe: each loop has its own. The handler is called on the calling thread.
class Codec {
 public:
  explicit Codec(Handler handler, const ServerOptions& options = {});
  ~Codec();
  Codec(const Codec&) = delete;
  Codec& operator=(const Codec&) = delete;

  /// Answers a whole request. The handler gets `parsed.request` unchanged; if it throws, the answer
  /// is a 500 with `{"error":...}`. The connection is kept if both the client and the handler's
  /// `Connection` header allow it. Content-Length and other framing headers are made here, not
  /// taken from the handler.
  SendPlan answer(const ParsedRequest& parsed);

  /// The last answer on a connection whose bytes are not a request: `{"error":"<reason>"}`, the
  /// reason in `X-Mock-Reason` too, and `Connection: close`. `request` has what was read of it.
  SendPlan reject(const http::Request& request, const RequestError& error);

 private:
  class Writer;

  http::Response call(const http::Request& request) const;
  http::Response fail(const http::Request& request, int status, const std::string& reason) const;

  Handler handler_;
  ErrorObserver on_error_;
  /// Hidden: httplib.h is slow to compile, so only codec.cc includes it.
  std::unique_ptr<Writer> writer_;
};

}  // namespace transport
