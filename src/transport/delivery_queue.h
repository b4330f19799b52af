#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <list>
#include <string>

#include "transport/delivery.h"

namespace transport {

/// The answers of one connection that wait for their time, in the order of their requests.
///
/// A pure function of the times it is told, which are milliseconds of any clock that never goes
/// back, rounded down. Not thread-safe.
class DeliveryQueue {
 public:
  static constexpr uint64_t kNever = std::numeric_limits<uint64_t>::max();

  /// Adds the answer to a request that was whole at `now`. No piece of it comes too early, though
  /// times are rounded.
  void push(Delivery delivery, uint64_t now);

  /// Appends to `bytes` what is due.
  void take_due(uint64_t now, std::string& bytes);

  /// Whether every piece has been taken.
  bool empty() const { return waiting_.empty(); }

  /// How many bytes are yet to be taken.
  size_t size() const { return size_; }

  /// When the next piece is due; never, if the queue is empty.
  uint64_t next_due() const { return waiting_.empty() ? kNever : waiting_.front().due; }

  /// What becomes of the connection after the last answer that was taken whole.
  Ending ending() const { return ending_; }

 private:
  struct Waiting {
    Delivery delivery;
    size_t next = 0;
    /// Of the piece `next`.
    uint64_t due = 0;
  };

  // A list costs nothing while it is empty, and most connections are idle.
  std::list<Waiting> waiting_;
  size_t size_ = 0;
  Ending ending_ = Ending::keep_alive;
};

}  // namespace transport
