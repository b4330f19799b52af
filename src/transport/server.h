#pragma once

#include <chrono>
#include <deque>
#include <string>
#include <vector>

#include "transport/event_loop.h"
#include "transport/worker.h"

namespace transport {

/// A listening socket, and the workers that serve its connections.
///
/// The given loop accepts connections and serves some of them. The other loops have their own
/// threads, which the destructor joins.
class Server : HandleOwner {
 public:
  Server(uv_loop_t* loop, const Handler& handler, const ServerOptions& options);

  /// See EventLoop::listen. Called once.
  Address listen(const std::string& host, int port);

  /// Stops accepting, and closes the connections as Worker::finish does. Further calls do nothing.
  void finish(std::chrono::milliseconds grace);

 private:
  int try_listen(const sockaddr& address);
  void accept(uv_stream_t* listener);

  uv_loop_t* loop_;
  size_t max_connections_;
  Worker own_worker_;
  std::deque<WorkerThread> threads_;
  /// `own_worker_` and those of `threads_`.
  std::vector<Worker*> workers_;
  /// The last one listens; the others failed to.
  std::deque<uv_tcp_t> sockets_;
};

}  // namespace transport
