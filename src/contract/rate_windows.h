#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>

#include "base/clock.h"

namespace contract {

/// Counts how often something was done in a window of time, by name. Not thread-safe; guarded by
/// the lock of the sandbox that owns it.
class RateWindows {
 public:
  struct Window {
    /// How often, this time included.
    int64_t count = 0;
    /// The first time that is no longer in the window.
    base::Time ends{};
  };

  /// The window that is open now; one with a count of 0 if there is none.
  Window current(const std::string& name, base::Time now) const;

  /// Counts once more in a window that opens with the first count and has this length.
  Window count_in_fixed_window(const std::string& name, base::Time now,
                               std::chrono::seconds length);

  /// Counts once more in a window that each count makes end this long from now.
  Window count_in_sliding_window(const std::string& name, base::Time now,
                                 std::chrono::seconds length);

  /// Closes a window.
  void remove(const std::string& name) { spans_.erase(name); }

 private:
  struct Span {
    Window window;
    /// A clock that was set back before it finds the window closed.
    base::Time begins;

    bool is_open(base::Time now) const { return begins <= now && now < window.ends; }
  };

  Span& open(const std::string& name, base::Time now, std::chrono::seconds length);

  std::unordered_map<std::string, Span> spans_;
  /// At this size the closed windows are cleared away, so that names seen once cost nothing
  /// lasting.
  size_t cleanup_size_ = 1024;
};

}  // namespace contract
