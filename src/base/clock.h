#pragma once

#include <chrono>
#include <optional>

namespace base {

/// A moment in UTC, to the microsecond (what the deployed service's database keeps too).
using Time = std::chrono::time_point<std::chrono::system_clock, std::chrono::microseconds>;

/// The time a world lives in: the real time, shifted or standing still if asked to.
///
/// A value, not an interface: a test's clock is this clock, set and frozen. Not thread-safe; it is
/// guarded by the lock of the sandbox that owns it.
class Clock {
 public:
  /// The moment it is now, in this clock's world.
  Time now() const { return frozen_at_ ? *frozen_at_ : real_now() + shift_; }

  /// Makes it `moment` now; the clock goes on from there, or stands there if it is frozen.
  void set(Time moment) {
    shift_ = moment - real_now();
    if (frozen_at_) frozen_at_ = moment;
  }

  /// Stops the clock at this moment.
  void freeze() { frozen_at_ = now(); }

  /// Lets the clock go on from this moment.
  void thaw() {
    shift_ = now() - real_now();
    frozen_at_.reset();
  }

  bool is_frozen() const { return frozen_at_.has_value(); }

 private:
  static Time real_now() {
    return std::chrono::time_point_cast<std::chrono::microseconds>(
        std::chrono::system_clock::now());
  }

  std::chrono::microseconds shift_{0};
  std::optional<Time> frozen_at_;
};

}  // namespace base
