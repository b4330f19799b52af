#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <streambuf>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "base/mutex.h"

namespace app {

/// A stream buffer that writes to a descriptor without waiting for its reader. Otherwise a test
/// runner that does not read a server's stderr would block the server once the pipe is full.
///
/// A thread writes what is flushed, in order. While the reader is busy, up to 1 MiB is buffered;
/// lines beyond that are dropped, and a notice says how many. The descriptor keeps its flags,
/// because other processes share it. One thread at a time may write to the stream. If no thread can
/// be started, the destructor writes everything.
class NonBlockingBuffer : public std::streambuf {
 public:
  /// `on_failure` is called with errno by the thread that writes, after the first write that fails.
  /// What that write had is lost; later ones are tried.
  explicit NonBlockingBuffer(int descriptor, std::function<void(int)> on_failure = nullptr);
  /// Writes what is left, and waits for its reader for at most 100 ms.
  ~NonBlockingBuffer() override;

 protected:
  std::streamsize xsputn(const char* text, std::streamsize size) override;
  int_type overflow(int_type c) override;
  int sync() override;

 private:
  void start_writer();
  void write_loop();
  std::string next_batch();
  size_t write_some(std::string_view text);

  const int descriptor_;
  /// In bytes. A file never blocks; a pipe that is ready for writing has room for PIPE_BUF.
  const size_t max_write_;
  std::function<void(int)> on_failure_;
  /// What was not flushed yet.
  std::string added_;

  /// Guards what the writer shares with the thread that flushes.
  base::Mutex mutex_;
  std::condition_variable_any changed_;
  std::string buffered_ GUARDED_BY(mutex_);
  size_t dropped_lines_ GUARDED_BY(mutex_) = 0;
  /// Whether those were JSON; the notice about them is JSON then too.
  bool drops_json_ GUARDED_BY(mutex_) = false;
  /// Set before `ending_`, and read after it.
  std::chrono::steady_clock::time_point deadline_;
  std::atomic<bool> ending_ = false;
  /// Started by the first flush. Receives no signals.
  std::thread writer_;
};

}  // namespace app
