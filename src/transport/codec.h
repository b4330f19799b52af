#pragma once

#include <memory>

#include "transport/request_parser.h"
#include "transport/send_plan.h"
#include "transport/server_options.h"

namespace transport {

/// Runs requests through cpp-httplib: calls the handler and writes what it returns as HTTP/1.1.
///
/// Not thread-safe: each event loop has its own. The handler is called on the calling thread.
class Codec {
 public:
  explicit Codec(Handler handler, const ServerOptions& options = {});
  ~Codec();

  /// Passes a request to the handler unchanged, and returns its response. If the handler throws,
  /// the response is a 500 with `{"error":...}`. The connection is kept open if both the client and
  /// the handler's `Connection` header allow it. Content-Length and other framing headers are
  /// computed here; those of the handler are ignored.
  SendPlan respond(const ParsedRequest& parsed);

  /// The last response on a connection whose bytes are not a valid request: `{"error":"<reason>"}`,
  /// with `X-Mock-Reason` and `Connection: close`. `request` is the request as far as it was read.
  SendPlan reject(const http::Request& request, const RequestError& error);

 private:
  class Writer;

  http::Response call_handler(const http::Request& request) const;
  http::Response make_error(const http::Request& request, int status,
                            const std::string& reason) const;

  Handler handler_;
  ErrorObserver on_error_;
  /// Hidden: httplib.h is slow to compile, so no header includes it.
  std::unique_ptr<Writer> writer_;
};

}  // namespace transport
