#pragma once

#include <chrono>
#include <cstdint>
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
  int listen(const addrinfo& address);
  void watch_listener();
  void accept_all();
  void pass_on(int socket);
  void warn_of_waiting(int error);

  uv_loop_t* loop_;
  const ServerOptions options_;
  /// The time of the next warning at the earliest, as `now()`.
  uint64_t next_warning_ = 0;
  Worker own_worker_;
  std::deque<WorkerThread> threads_;
  /// `own_worker_` and those of `threads_`.
  std::vector<Worker*> workers_;
  /// The socket that listens; negative if there is none.
  int listener_ = -1;
  uv_poll_t poll_;
  uv_timer_t retry_timer_;
  bool finishing_ = false;
};

}  // namespace transport
