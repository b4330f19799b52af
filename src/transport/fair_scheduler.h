#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <functional>
#include <utility>

#include "transport/loop.h"

namespace transport {

class Connection;

/// Shares the time of one loop among its connections, so that signals, timers and other sockets are
/// served in between. A connection with more requests than fit into a time slice is queued.
class FairScheduler : HandleOwner {
 public:
  /// `resume` continues a queued connection, and may queue it again.
  FairScheduler(uv_loop_t* loop, std::function<void(Connection*)> resume)
      : loop_(loop), resume_(std::move(resume)) {
    uv_check_init(loop, &check_);
    uv_idle_init(loop, &idle_);
    check_.data = this;
  }

  /// Whether a connection that is not queued may handle requests now.
  bool may_run(uint64_t time) const { return queue_.empty() && !is_slice_over(time); }

  /// Whether the time slice of this loop iteration, or of the queued connections, is used up.
  bool is_slice_over(uint64_t time = now()) const {
    return time >= std::max(uv_now(loop_), resumed_at_) + kSliceMilliseconds;
  }

  /// Resumes `connection` in a later iteration of the loop. It must not be queued already.
  void enqueue(Connection* connection) {
    queue_.push_back(connection);
    if (queue_.size() > 1) return;
    uv_check_start(&check_,
                   [](uv_check_t* check) { owner_of<FairScheduler>(check).resume_queued(); });
    uv_idle_start(&idle_, [](uv_idle_t*) {});
  }

  /// Removes `connection` from the queue, if it is there.
  void remove(Connection* connection) { std::erase(queue_, connection); }

  /// Closes the handles. `enqueue` must not be called afterwards.
  void close() {
    uv_close(as_handle(&check_), nullptr);
    uv_close(as_handle(&idle_), nullptr);
  }

 private:
  /// An iteration takes at most one slice for sockets, one for queued connections, and one request.
  static constexpr uint64_t kSliceMilliseconds = 20;

  void resume_queued() {
    resumed_at_ = now();
    for (size_t left = queue_.size(); left > 0 && !queue_.empty(); --left) {
      Connection* next = queue_.front();
      queue_.pop_front();
      resume_(next);
      if (is_slice_over()) break;
    }
    if (!queue_.empty()) return;
    uv_check_stop(&check_);
    uv_idle_stop(&idle_);
  }

  uv_loop_t* loop_;
  std::function<void(Connection*)> resume_;
  std::deque<Connection*> queue_;
  /// When `resume_queued` last began.
  uint64_t resumed_at_ = 0;
  /// Runs once in each iteration of the loop, after the sockets.
  uv_check_t check_;
  /// Prevents the loop from waiting for events.
  uv_idle_t idle_;
};

}  // namespace transport
