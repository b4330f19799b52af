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

/// A client's socket on its way to a worker, to be served or else rejected.
struct PendingConnection {
  int socket;
  bool accepted;
};

/// Serves the connections of one loop, which runs until all are closed after `finish`.
class Worker : HandleOwner {
 public:
  Worker(uv_loop_t* loop, const Handler& handler, const ServerOptions& options);

  /// Takes over a socket. From any thread.
  void add(const PendingConnection& pending);

  /// Closes idle connections at once, the others when their responses are sent, and all of them
  /// after `grace`. From any thread.
  void finish(std::chrono::milliseconds grace);

  /// How many accepted connections there are, pending ones included. From any thread.
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
  const Connection::Shared shared_{
      loop_, options_, codec_, scheduler_, read_buffer_, [this](Connection* it) { on_closed(it); }};
  std::unordered_map<Connection*, Entry> connections_;
  std::atomic<size_t> count_ = 0;
  bool finishing_ = false;
  uv_timer_t grace_timer_;
  uv_async_t wake_;

  /// Guards what other threads pass to the loop's. Held briefly; no other lock is taken under it.
  base::Mutex mutex_;
  std::vector<PendingConnection> pending_ GUARDED_BY(mutex_);
  std::optional<std::chrono::milliseconds> grace_ GUARDED_BY(mutex_);
};

/// A worker with a loop and a thread of its own.
struct WorkerThread : HandleOwner {
  /// Throws std::runtime_error if there can be no such loop or thread.
  WorkerThread(const Handler& handler, const ServerOptions& options);
  /// Closes what is still open, and waits for the thread to end.
  ~WorkerThread();

  Loop loop;
  Worker worker;
  std::thread thread;
};

}  // namespace transport
