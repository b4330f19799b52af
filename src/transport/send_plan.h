#pragma once

#include <chrono>
#include <cstdint>
#include <list>
#include <string>
#include <vector>

#include "http/message.h"

namespace transport {

/// What happens to a connection after a response was sent.
enum class AfterSend {
  keep_alive,
  close,
  reset,  ///< TCP RST.
  hang,   ///< Nothing happens until the client closes.
};

/// Bytes to send, and how long to wait first: after the complete request for the first chunk, after
/// the previous chunk for the others.
struct Chunk {
  std::chrono::milliseconds wait{0};
  std::string bytes;
};

/// The chunks of one response, with their timing.
struct SendPlan {
  std::vector<Chunk> chunks;
  AfterSend after = AfterSend::keep_alive;
};

/// Plans how to send `bytes`, a whole response of head and body, with the delay, fault or dribble
/// of `response`.
///
/// A dribbled body is sent in at most as many chunks as it has bytes, the last one after the whole
/// time. For `malformed_response_chunk` the bytes are a head that announces chunks. Random data is
/// the same each time, so that a failure can be repeated.
SendPlan plan_send(const http::Response& response, std::string bytes, bool keep_alive);

/// The responses of one connection that are not due yet, in the order of their requests.
///
/// A pure function of the times it is given, which are milliseconds of any clock that never goes
/// back, rounded down. Not thread-safe.
class SendQueue {
 public:
  /// Adds the answer to a request that was complete at `now`. No chunk of it is due too early,
  /// though times are rounded.
  void push(SendPlan plan, uint64_t now);

  /// Appends to `bytes` what is due.
  void take_due(uint64_t now, std::string& bytes);

  /// Whether every chunk has been taken.
  bool empty() const { return waiting_.empty(); }

  /// How many bytes are yet to be taken.
  size_t size() const { return size_; }

  /// When the next chunk is due. The queue must not be empty.
  uint64_t next_due() const { return waiting_.front().due; }

  /// What happens to the connection after the last response that was taken whole.
  AfterSend after() const { return after_; }

 private:
  struct Waiting {
    SendPlan plan;
    size_t next = 0;
    /// Of the chunk `next`.
    uint64_t due = 0;
  };

  // A list takes no memory while it is empty, and most connections are idle.
  std::list<Waiting> waiting_;
  size_t size_ = 0;
  AfterSend after_ = AfterSend::keep_alive;
};

}  // namespace transport
