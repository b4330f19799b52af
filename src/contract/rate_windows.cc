#include "contract/rate_windows.h"

#include <algorithm>

namespace contract {

RateWindows::Window RateWindows::current(const std::string& name, base::Time now) const {
  auto found = spans_.find(name);
  return found == spans_.end() || !found->second.is_open(now) ? Window{} : found->second.window;
}

RateWindows::Window RateWindows::count_in_fixed_window(const std::string& name, base::Time now,
                                                       std::chrono::seconds length) {
  return count(name, now, length);
}

RateWindows::Window RateWindows::count_in_sliding_window(const std::string& name, base::Time now,
                                                         std::chrono::seconds length) {
  Window& window = count(name, now, length);
  window.ends = now + length;
  return window;
}

RateWindows::Window& RateWindows::count(const std::string& name, base::Time now,
                                        std::chrono::seconds length) {
  if (spans_.size() >= cleanup_size_) {
    std::erase_if(spans_, [&](const auto& entry) { return !entry.second.is_open(now); });
    cleanup_size_ = std::max(size_t{1024}, 2 * spans_.size());
  }
  Span& span = spans_[name];
  if (!span.is_open(now)) span = {{0, now + length}, now};
  ++span.window.count;
  return span.window;
}

}  // namespace contract
