#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>

#include "base/clock.h"

namespace contract {

/// Counts events in windows of time, by name. Not thread-safe: guarded by the lock of the sandbox
/// that owns it.
class RateWindows {
 public:
  struct Window {
    int64_t count = 0;
    /// The first time after the window.
    base::Time ends{};
  };

  /// Returns the window that is open now; one with a count of 0 if there is none.
  Window current(const std::string& name, base::Time now) const;

  /// Counts an event in a window that ends this long after its first event.
  Window count_in_fixed_window(const std::string& name, base::Time now,
                               std::chrono::seconds length);

  /// Counts an event in a window that ends this long after its latest event.
  Window count_in_sliding_window(const std::string& name, base::Time now,
                                 std::chrono::seconds length);

  /// Closes a window.
  void remove(const std::string& name) { spans_.erase(name); }

 private:
  struct Span {
    Window window;
    /// If the clock is set back to before this time, the window is closed.
    base::Time starts;

    bool is_open(base::Time now) const { return starts <= now && now < window.ends; }
  };

  Window& count(const std::string& name, base::Time now, std::chrono::seconds length);

  std::unordered_map<std::string, Span> spans_;
  /// The number of spans at which closed ones are removed, so that memory does not grow with names
  /// that are counted once.
  size_t cleanup_size_ = 1024;
};

}  // namespace contract
