#pragma once

#include <memory>

#include "transport/clients.h"

namespace transport {

/// A thread that serves clients on a loop of its own, from its making until they are finished.
class LoopThread {
 public:
  /// Throws std::runtime_error if there can be no such loop.
  LoopThread(const Handler& handler, const ServerOptions& options);
  /// Closes who is still there, and waits for the thread to end.
  ~LoopThread();
  LoopThread(const LoopThread&) = delete;
  LoopThread& operator=(const LoopThread&) = delete;

  Clients& clients();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace transport
