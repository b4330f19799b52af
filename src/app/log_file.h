#pragma once

#include <functional>
#include <memory>
#include <ostream>
#include <string>

namespace app {

/// A file that a log is appended to, without waiting for the disk.
///
/// A new file is readable by its owner alone, because a log may contain the first characters of
/// secrets. One thread at a time may write to the stream.
class LogFile {
 public:
  /// Opens the file, or creates it. Throws std::runtime_error that names the file. `warn` is called
  /// once, from another thread, if later the file cannot be written, as on a full disk.
  LogFile(const std::string& file, std::function<void(const std::string&)> warn);
  /// Writes what is left, for at most 100 ms.
  ~LogFile();
  LogFile(const LogFile&) = delete;
  LogFile& operator=(const LogFile&) = delete;

  std::ostream& stream() { return stream_; }

 private:
  int descriptor_;
  std::unique_ptr<std::streambuf> buffer_;
  std::ostream stream_;
};

}  // namespace app
