#pragma once

#include <chrono>
#include <deque>
#include <string>
#include <vector>

#include "transport/event_loop.h"
#include "transport/worker.h"

namespace transport {

/// A listening socket, and the workers that share its connections.
///
/// The given loop accepts connections and serves its share; the other loops run on threads of their
/// own, which the destructor waits for.
class Server : HandleOwner {
 public:
  Server(uv_loop_t* loop, const Handler& handler, const ServerOptions& options);

  /// Listens; connections are accepted once the loop runs. Called once. Throws ListenError.
  Address listen(const std::string& host, int port);

  /// Stops accepting, closes idle connections at once and the others when their responses are sent,
  /// and all of them after `grace`. Further calls do nothing.
  void finish(std::chrono::milliseconds grace);

 private:
  int listen(const sockaddr& address);
  void accept(uv_stream_t* listener);

  uv_loop_t* loop_;
  size_t max_connections_;
  Worker own_worker_;
  std::deque<WorkerThread> threads_;
  /// Of every loop, the own one first.
  std::vector<Worker*> workers_;
  /// The socket that listens is the last; those before it could not.
  std::deque<uv_tcp_t> sockets_;
};

}  // namespace transport
