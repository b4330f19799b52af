#pragma once

#include <cstddef>
#include <streambuf>
#include <string>

namespace app {

/// What an ostream writes to a descriptor without ever waiting for its reader: a test runner that
/// does not read a server's stderr would stop the server as soon as the pipe is full.
///
/// What the reader has no room for is kept, up to a limit, and written with what comes next or at
/// the end. Lines beyond the limit are dropped, and their number is told. The descriptor stays as
/// it is, for others have it too. Not thread-safe.
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
  bool write_some(int patience);
  void take(size_t count);
  void tell_dropped();

  int descriptor_;
  /// What came since the last `sync`, and what the reader has had no room for, with so many bytes
  /// before it that it has taken.
  std::string fresh_;
  std::string kept_;
  size_t taken_ = 0;
  size_t dropped_lines_ = 0;
};

}  // namespace app
