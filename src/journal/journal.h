#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "http/message.h"
#include "journal/exchange.h"
#include "json/writer.h"

namespace journal {

/// The maximum size of a body in the journal, in bytes.
inline constexpr size_t kMaxBody = 16 * 1024;

/// A recorded request and its response. Contains secrets, which write_entry redacts.
struct Entry {
  /// 1 for the first request, 2 for the second.
  int64_t id = 0;
  Exchange exchange;
  /// The body may be truncated.
  http::Request request;
  /// The body may be truncated, and there is no dribble.
  http::Response response;
  /// In bytes, before truncation.
  size_t request_body_size = 0;
  size_t response_body_size = 0;
};

/// Writes an entry as one JSON object, as `GET /__admin/requests` lists it. Redacts headers, and
/// joins values of the same header by `, `. A truncated body is followed by its full `body_size`.
/// `fault` and `delay_milliseconds` are present only if a rule caused them; with most faults the
/// client received no response. Bytes that are not UTF-8 become U+FFFD. Header names must be
/// tokens.
void write_entry(json::Writer& writer, const Entry& entry);

/// The memory of all journals of a server, in bytes. While they use more than `max`, a journal that
/// records a request drops its oldest ones, but keeps at least `min_per_journal`. Thread-safe.
struct Budget {
  size_t max = size_t{256} << 20;
  size_t min_per_journal = size_t{256} << 10;
  std::atomic<size_t> used = 0;
};

/// The latest requests of a sandbox with their responses. Not thread-safe: guarded by the lock of
/// the sandbox that owns it.
class Journal {
 public:
  /// `capacity` is the maximum number of requests. Allocates memory as requests arrive.
  explicit Journal(size_t capacity, std::shared_ptr<Budget> budget = std::make_shared<Budget>())
      : capacity_(capacity), budget_(std::move(budget)) {}
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;
  ~Journal() { clear(); }

  /// Records a request and its response. Truncates bodies at kMaxBody, but not within a UTF-8
  /// character. If the journal is full, replaces the oldest entry; if the budget is exceeded, drops
  /// older entries.
  void record(const http::Request& request, const http::Response& response,
              const Exchange& exchange);

  size_t size() const { return size_; }
  size_t capacity() const { return capacity_; }
  /// The number of requests that were replaced, dropped or not stored since the journal was last
  /// cleared.
  int64_t dropped() const { return dropped_; }

  /// The number of requests since it was created or restarted, including dropped ones.
  int64_t recorded() const { return last_id_; }

  /// Returns a copy of the entry at this index; 0 is the oldest.
  Entry operator[](size_t index) const;

  /// Removes all entries; ids continue.
  void clear();
  /// Removes all entries; ids start from 1 again.
  void restart();

 private:
  /// An entry with its strings in one block. Overwriting the about 25 strings of an Entry, which
  /// are not in the cache, would take longer than handling the request.
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
    /// All strings with their lengths, in the order of `record`.
    std::string strings;
  };

  void drop_oldest();
  /// Counts a change of the memory for strings.
  void count_bytes(size_t before, size_t after);

  size_t capacity_;
  std::shared_ptr<Budget> budget_;
  /// The memory for strings.
  size_t bytes_ = 0;
  /// A ring buffer that grows up to the capacity.
  std::vector<Slot> slots_;
  size_t oldest_ = 0;
  size_t size_ = 0;
  int64_t dropped_ = 0;
  int64_t last_id_ = 0;
};

}  // namespace journal
