#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <sstream>
#include <string>
#include <string_view>
#include <thread>

#include "base/mutex.h"

namespace app {

/// What an ostream writes to a descriptor without ever waiting for its reader: a test runner that
/// does not read a server's stderr would stop the server as soon as the pipe is full.
///
/// A thread does the writing, in the order of the flushes. While the reader has no room, up to 1
/// MiB is kept; lines beyond it are dropped, and their number is told. The descriptor stays as it
/// is, for others have it too. One thread at a time may write to the stream. Where the system has
/// no thread to give, all is kept for the end.
class NonBlockingBuffer : public std::stringbuf {
 public:
  explicit NonBlockingBuffer(int descriptor) : descriptor_(descriptor) {}
  /// Writes what is left, if the reader takes it without much delay.
  ~NonBlockingBuffer() override;

 protected:
  int sync() override;

 private:
  void start_writer();
  void write_loop();
  std::string next_batch();
  size_t write_some(std::string_view text);

  const int descriptor_;

  /// Guards what the writer shares with whoever flushes. Held for moments only.
  base::Mutex mutex_;
  std::condition_variable_any changed_;
  std::string kept_ GUARDED_BY(mutex_);
  size_t dropped_lines_ GUARDED_BY(mutex_) = 0;
  /// Whether those were JSON, as what is told of them is to be then.
  bool drops_json_ GUARDED_BY(mutex_) = false;
  bool is_writer_idle_ GUARDED_BY(mutex_) = false;
  /// Set before `ending_`, and read after it.
  std::chrono::steady_clock::time_point deadline_;
  std::atomic<bool> ending_ = false;
  /// Started by the first flush that can. Signals are not for it.
  std::thread writer_;
};

}  // namespace app
