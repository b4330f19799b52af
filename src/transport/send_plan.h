#pragma once

#include <chrono>
#include <cstdint>
#include <list>
#include <string>
#include <vector>

#include "http/message.h"

namespace transport {

/// What happens to the connection after a response.
enum class AfterSend {
  keep_alive,
  close,
  reset,  ///< TCP RST.
  hang,   ///< Nothing, until the client closes.
};

/// Bytes to send, and how long to wait before that: from the end of the request for the first
/// chunk, from the previous chunk for the others.
struct Chunk {
  std::chrono::milliseconds wait{0};
  std::string bytes;
};

/// How to send one response.
struct SendPlan {
  std::vector<Chunk> chunks;
  AfterSend after = AfterSend::keep_alive;
};

/// Plans how to send `bytes`, a serialized response, with the delay, fault or dribble of
/// `response`.
///
/// A dribbled body has at most as many chunks as bytes, and its last chunk is sent at the end of
/// the given time. For `malformed_response_chunk`, `bytes` is a head that announces chunks. Random
/// data is always the same, so that a failure is repeatable.
SendPlan plan_send(const http::Response& response, std::string bytes, bool keep_alive);

/// The pending responses of one connection, in the order of their requests.
///
/// Times are milliseconds of a monotonic clock, rounded down. Not thread-safe.
class SendQueue {
 public:
  /// Adds the response to a request that was complete at `now`. Despite the rounding, no chunk is
  /// due too early.
  void push(SendPlan plan, uint64_t now);

  /// Removes the bytes that are due, and appends them to `bytes`.
  void take_due(uint64_t now, std::string& bytes);

  bool empty() const { return waiting_.empty(); }

  /// The number of bytes in the queue.
  size_t size() const { return size_; }

  /// When the next chunk is due. The queue must not be empty.
  uint64_t next_due() const { return waiting_.front().due; }

  /// What happens to the connection after the last response that was removed completely.
  AfterSend after() const { return after_; }

 private:
  struct Waiting {
    SendPlan plan;
    size_t next = 0;   ///< The index of the next chunk.
    uint64_t due = 0;  ///< When it is due.
  };

  // An empty list needs no heap memory, and most connections are idle.
  std::list<Waiting> waiting_;
  size_t size_ = 0;
  AfterSend after_ = AfterSend::keep_alive;
};

}  // namespace transport
