#pragma once

#include <uv.h>

#include <cstdint>
#include <limits>

namespace transport {

/// As `uv_now`, but not as old as the loop's round.
inline uint64_t now() { return uv_hrtime() / 1'000'000; }

/// A timer that is put off far more often than it rings: to move it to a later time costs nothing.
///
/// Times are those of `uv_now`, in milliseconds. Everything happens on the loop's thread. The
/// object must live until `close` has called back.
class Alarm {
 public:
  static constexpr uint64_t kNever = std::numeric_limits<uint64_t>::max();
  using Callback = void (*)(void* owner);

  /// `ring(owner)` is called at the time that was last set.
  Alarm(uv_loop_t* loop, void* owner, Callback ring) : owner_(owner), ring_(ring) {
    uv_timer_init(loop, &timer_);
    timer_.data = this;
  }

  void set(uint64_t at) {
    at_ = at;
    if (at_ < rings_at_) start();
  }

  void close(uv_close_cb then) {
    timer_.data = owner_;
    uv_close(reinterpret_cast<uv_handle_t*>(&timer_), then);
  }

 private:
  void start() {
    uint64_t now = uv_now(timer_.loop);
    rings_at_ = at_;
    uv_timer_start(&timer_, on_timer, at_ > now ? at_ - now : 0, 0);
  }

  static void on_timer(uv_timer_t* timer) {
    Alarm& alarm = *static_cast<Alarm*>(timer->data);
    alarm.rings_at_ = kNever;
    if (alarm.at_ == kNever) return;
    if (alarm.at_ > uv_now(timer->loop)) return alarm.start();
    alarm.at_ = kNever;
    alarm.ring_(alarm.owner_);
  }

  uv_timer_t timer_;
  void* owner_;
  Callback ring_;
  /// When to ring, and when the timer is set to wake up: no later.
  uint64_t at_ = kNever;
  uint64_t rings_at_ = kNever;
};

}  // namespace transport
