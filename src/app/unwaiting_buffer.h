#pragma once

#include <condition_variable>
#include <cstddef>
#include <streambuf>
#include <string>
#include <thread>

#include "base/mutex.h"

namespace app {

/// What an ostream writes to a descriptor without ever waiting for its reader: a test runner that
/// does not read a server's stderr would stop the server as soon as the pipe is full.
///
/// What the reader has no room for is kept, up to 1 MiB, and a thread writes it once there is room.
/// Lines beyond it are dropped, and their number is told. The descriptor stays as it is, for others
/// have it too. One thread at a time may write to the stream.
class UnwaitingBuffer : public std::streambuf {
 public:
  explicit UnwaitingBuffer(int descriptor) : descriptor_(descriptor) {}
  /// Waits a moment for the reader to take what is left.
  ~UnwaitingBuffer() override;

 protected:
  int_type overflow(int_type letter) override;
  std::streamsize xsputn(const char* text, std::streamsize size) override;
  int sync() override;

 private:
  bool has_room(int patience) const;
  void write_some() REQUIRES(mutex_);
  void take(size_t count) REQUIRES(mutex_);
  bool is_rest_kept() const REQUIRES(mutex_) { return !kept_.empty() || dropped_lines_ > 0; }
  void write_rest();

  const int descriptor_;
  /// What came since the last `sync`.
  std::string fresh_;

  /// Guards what the thread shares with whoever writes. Not held while the thread waits.
  base::Mutex mutex_;
  /// What the reader has had no room for, after so many bytes that it has taken.
  std::string kept_ GUARDED_BY(mutex_);
  size_t taken_ GUARDED_BY(mutex_) = 0;
  size_t dropped_lines_ GUARDED_BY(mutex_) = 0;
  bool ending_ GUARDED_BY(mutex_) = false;
  std::condition_variable_any rest_kept_;
  /// Started when something is kept for the first time.
  std::thread writer_;
};

}  // namespace app
