#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "transport/address.h"
#include "transport/server_options.h"

struct uv_loop_s;

namespace transport {

/// A listening socket, and the loops that share the clients who come.
///
/// The given loop accepts and serves; the others, on threads of their own, serve too. Everything
/// here is called on the given loop's thread. The object must live until that loop has closed its
/// handles: after `finish`, until `uv_run` returns. Its end waits for the other loops to end.
class Server {
 public:
  Server(uv_loop_s* loop, const Handler& handler, const ServerOptions& options);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Listens; clients are accepted once the loop runs. Called once. Throws ListenError.
  Address listen(const std::string& host, int port);

  /// Accepts nobody any more, closes who has all answers, the others as soon as they have, and
  /// after `grace` all. Further calls do nothing.
  void finish(std::chrono::milliseconds grace);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace transport
