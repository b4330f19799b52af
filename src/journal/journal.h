#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "capgo/api_key.h"
#include "http/message.h"
#include "journal/entry.h"

namespace journal {

/// How many bytes of a body are kept.
inline constexpr size_t kLongestBody = 16 * 1024;

/// What is known of a request beside itself and its answer; as in Entry.
struct Note {
  base::Time at{};
  std::string_view path = {};
  std::optional<int64_t> key_id = {};
  std::optional<capgo::KeyMode> caller_mode = {};
  std::string_view refused_by = {};
  std::string_view scenario = {};
  int64_t microseconds = 0;
};

/// What was asked of a sandbox and answered: the newest requests, up to a number.
/// Not thread-safe: guarded by the lock of the sandbox that owns it.
class Journal {
 public:
  /// Keeps so many requests; 0 keeps none. Room is made as requests come.
  explicit Journal(size_t capacity) : capacity_(capacity) {}

  /// Keeps a copy of a request and its answer, bodies cut at kLongestBody but not in the midst of a
  /// UTF-8 character. Where there is no room, the oldest entry makes way.
  void record(const http::Request& request, const http::Response& response, const Note& note);

  size_t size() const { return size_; }
  size_t capacity() const { return capacity_; }
  /// How many requests had to make way, or were not kept at all, since the journal was last empty.
  int64_t dropped() const { return dropped_; }

  /// How many requests there have been since it was made or begun anew, kept or not.
  int64_t recorded() const { return last_id_; }

  /// The entry at this place, the oldest having 0; made when asked for.
  Entry operator[](size_t index) const;

  /// Forgets all entries; the ids go on. The room stays for those to come.
  void clear();
  /// Forgets all entries; the ids begin anew.
  void restart();

 private:
  /// An entry as it is kept: its texts one behind the other. A ring of entries as they are read
  /// would be some 25 pieces of memory each, none of them in the processor's cache when its turn
  /// comes: to write there takes longer than to answer.
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
    /// Every text with its length before it, in the order of `record`.
    std::string texts;
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
