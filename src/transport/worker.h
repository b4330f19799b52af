#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <thread>
#include <unordered_map>
#include <vector>

#include "base/mutex.h"
#include "transport/connection.h"
#include "transport/fair_scheduler.h"

namespace transport {

/// A new connection for a worker, to serve or to reject.
struct PendingConnection {
  int socket;
  bool accepted;
};

/// Serves the connections of one loop. After `finish` the loop runs until all are closed.
class Worker : HandleOwner {
 public:
  Worker(uv_loop_t* loop, const Handler& handler, const ServerOptions& options);

  /// Takes ownership of the socket. From any thread.
  void add(const PendingConnection& pending);

  /// Closes idle connections immediately, the others when their responses are sent, and all of them
  /// after `grace`. From any thread.
  void finish(std::chrono::milliseconds grace);

  /// The number of accepted connections, including pending ones. From any thread.
  size_t count() const { return count_; }

 private:
  struct Entry {
    std::unique_ptr<Connection> connection;
    bool accepted;
  };

  void on_wake();
  void open(const PendingConnection& pending);
  void on_closed(Connection* connection);
  void close_handles();

  uv_loop_t* loop_;
  const ServerOptions options_;
  Codec codec_;
  FairScheduler scheduler_{loop_, [](Connection* next) { next->resume(); }};
  std::vector<char> read_buffer_;
  size_t pending_bytes_ = 0;
  const Connection::Shared shared_{
      loop_, options_, codec_, scheduler_, read_buffer_, pending_bytes_, [this](Connection* it) {
        on_closed(it);
      }};
  std::unordered_map<Connection*, Entry> connections_;
  std::atomic<size_t> count_ = 0;
  bool finishing_ = false;
  uv_timer_t grace_timer_;
  /// Runs while there are no connections.
  uv_timer_t idle_timer_;
  uv_async_t wake_;

  /// Guards requests from other threads. Held briefly; no other lock is taken while it is held.
  base::Mutex mutex_;
  std::vector<PendingConnection> pending_ GUARDED_BY(mutex_);
  std::optional<std::chrono::milliseconds> grace_ GUARDED_BY(mutex_);
};

/// A worker with its own loop and thread.
struct WorkerThread : HandleOwner {
  /// Throws std::runtime_error if the system cannot create the loop or the thread.
  WorkerThread(const Handler& handler, const ServerOptions& options);
  /// Closes all connections, and joins the thread.
  ~WorkerThread();

  Loop loop;
  Worker worker;
  std::thread thread;
};

}  // namespace transport
