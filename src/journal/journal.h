#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "http/message.h"
#include "journal/exchange.h"
#include "json/writer.h"

namespace journal {

/// How many bytes of a body are kept.
inline constexpr size_t kMaxBody = 16 * 1024;

/// One request and its answer, as kept. Secrets are in it; write_entry redacts them.
struct Entry {
  /// From 1, one more for each request.
  int64_t id = 0;
  Exchange exchange;
  /// Its body may be cut.
  http::Request request;
  /// Its body may be cut, and it has no dribble.
  http::Response response;
  /// In bytes, before the cut.
  size_t request_body_size = 0;
  size_t response_body_size = 0;
};

/// Writes an entry as one JSON object, as `GET /__admin/requests` lists it. Headers are redacted,
/// lines of one header joined by `, `. A body that was cut is followed by its `body_size` before
/// the cut. A `fault` or `delay_milliseconds` stands there only if a rule made one; with most
/// faults the client has seen nothing of the answer. Bytes that are not UTF-8 become U+FFFD. Names
/// of headers must be tokens, as the transport sees to.
void write_entry(json::Writer& writer, const Entry& entry);

/// The requests of a sandbox and its answers: the newest, up to a number.
/// Not thread-safe: guarded by the lock of the sandbox that owns it.
class Journal {
 public:
  /// Keeps this many requests; 0 keeps none. Memory is taken as requests come.
  explicit Journal(size_t capacity) : capacity_(capacity) {}

  /// Keeps a copy of a request and its answer, bodies cut at kMaxBody but not within a UTF-8
  /// character. If it is full, the oldest entry is replaced.
  void record(const http::Request& request, const http::Response& response,
              const Exchange& exchange);

  size_t size() const { return size_; }
  size_t capacity() const { return capacity_; }
  /// How many requests were replaced, or not kept at all, since the journal was last empty.
  int64_t dropped() const { return dropped_; }

  /// How many requests there have been since it was made or restarted, kept or not.
  int64_t recorded() const { return last_id_; }

  /// The entry at this place, the oldest having 0; made when asked for.
  Entry operator[](size_t index) const;

  /// Removes all entries; the ids go on.
  void clear();
  /// Removes all entries; the ids begin anew.
  void restart();

 private:
  /// An entry with its strings one behind the other. As an Entry it would be some 25 pieces of
  /// memory, none of them in the processor's cache when it is written again: that takes longer than
  /// to answer.
  struct Slot {
    int64_t id = 0;
    base::Time at{};
    std::optional<int64_t> key_id;
    std::optional<capgo::KeyMode> caller_mode;
    int64_t microseconds = 0;
    int status = 0;
    size_t request_body_size = 0;
    size_t response_body_size = 0;
    std::chrono::milliseconds delay{0};
    std::optional<http::Fault> fault;
    /// Every string with its length before it, in the order of `record`.
    std::string strings;
  };

  Slot& next_slot();

  size_t capacity_;
  /// A ring once it is full; up to then the oldest entry is the first.
  std::vector<Slot> slots_;
  size_t oldest_ = 0;
  size_t size_ = 0;
  int64_t dropped_ = 0;
  int64_t last_id_ = 0;
};

}  // namespace journal
