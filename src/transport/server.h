#pragma once

#include <memory>
#include <string>

#include "transport/address.h"
#include "transport/handler.h"

struct uv_loop_s;

namespace transport {

/// A listening socket and the clients that came through it, on one loop.
///
/// Everything happens on the loop's thread. The object must live until the loop has closed its
/// handles: after `close`, until `uv_run` returns.
class Server {
 public:
  Server(uv_loop_s* loop, Handler handler);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Listens; clients are accepted once the loop runs. Called once. Throws ListenError.
  Address listen(const std::string& host, int port);

  /// Accepts nobody any more, closes who has all answers, and the others as soon as they have.
  void finish();

  /// Closes everything at once.
  void close();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace transport
