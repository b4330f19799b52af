#include "app/log_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "app/nonblocking_buffer.h"

namespace app {
namespace {

std::string explain(const std::string& file, int error) {
  return file + ": cannot be written: " + std::generic_category().message(error);
}

int open_to_append(const std::string& file) {
  int descriptor = open(file.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0) throw std::runtime_error(explain(file, errno));
  return descriptor;
}

}  // namespace

LogFile::LogFile(const std::string& file, std::function<void(const std::string&)> warn)
    : descriptor_(open_to_append(file)),
      buffer_(std::make_unique<NonBlockingBuffer>(
          descriptor_, [file, warn = std::move(warn)](
                           int error) { warn(explain(file, error) + "; the log is incomplete"); })),
      stream_(buffer_.get()) {}

LogFile::~LogFile() {
  buffer_.reset();
  close(descriptor_);
}

}  // namespace app
