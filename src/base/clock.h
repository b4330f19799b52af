#pragma once

#include <chrono>
#include <optional>

namespace base {

/// A time in UTC, to the microsecond, as in the deployed service's database.
using Time = std::chrono::time_point<std::chrono::system_clock, std::chrono::microseconds>;

/// A sandbox's clock: the real time, shifted or frozen.
///
/// Tests use the same class, set and frozen. Not thread-safe; it is guarded by the lock of the
/// sandbox that owns it.
class Clock {
 public:
  /// The current time of this clock.
  Time now() const { return frozen_at_ ? *frozen_at_ : real_now() + shift_; }

  /// Sets the current time. The clock continues from there, or stays there if it is frozen.
  void set(Time time) {
    shift_ = time - real_now();
    if (frozen_at_) frozen_at_ = time;
  }

  /// Stops the clock at its current time.
  void freeze() { frozen_at_ = now(); }

  /// Lets the clock continue from its current time.
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
