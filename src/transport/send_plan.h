#pragma once

#include <chrono>
#include <cstdint>
#include <list>
#include <string>
#include <vector>

#include "http/message.h"

namespace transport {

/// What becomes of a connection when an answer has been sent.
enum class AfterSend {
  keep_alive,
  close,
  reset,  ///< TCP RST.
  hang,   ///< Nothing happens until the client closes.
};

/// Bytes to send, and how long to wait before: for the first from when the request was complete,
/// for the others from the chunk before.
struct Chunk {
  std::chrono::milliseconds wait{0};
  std::string bytes;
};

/// What goes over the wire as one answer, and when.
struct SendPlan {
  std::vector<Chunk> chunks;
  AfterSend after = AfterSend::keep_alive;
};

/// How to send `bytes`, a whole answer of head and body, with the delay, the fault or the dribble
/// of `response`.
///
/// A dribbled body comes in at most as many chunks as it has bytes, the last after the whole time.
/// For `malformed_response_chunk` the bytes are a head that announces chunks. Random data is the
/// same each time, so that a failure can be repeated.
SendPlan plan_send(const http::Response& response, std::string bytes, bool keep_alive);

/// The answers of one connection that wait for their time, in the order of their requests.
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

  /// What becomes of the connection after the last answer that was taken whole.
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
