#include "app/nonblocking_buffer.h"

#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <climits>
#include <system_error>
#include <utility>

#include "base/thread.h"

namespace app {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr size_t kMaxBuffered = 1 << 20;
/// How long the writer collects lines between two writes, in milliseconds. A wake-up for each line
/// would slow down a busy server.
constexpr int kPause = 2;
/// How long the writer waits for the reader before it checks whether to stop, and how long it may
/// wait after that.
constexpr milliseconds kCheckInterval{20};
constexpr milliseconds kStopTimeout{100};

bool is_regular_file(int descriptor) {
  struct stat status {};
  return fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode);
}

}  // namespace

NonBlockingBuffer::NonBlockingBuffer(int descriptor, std::function<void(int)> on_failure)
    : descriptor_(descriptor),
      max_write_(is_regular_file(descriptor) ? kMaxBuffered : PIPE_BUF),
      on_failure_(std::move(on_failure)) {}

NonBlockingBuffer::~NonBlockingBuffer() {
  sync();
  {
    base::MutexLock lock(mutex_);
    deadline_ = Clock::now() + kStopTimeout;
    ending_ = true;
  }
  changed_.notify_one();
  if (writer_.joinable()) {
    writer_.join();
  } else {
    write_loop();
  }
}

std::streamsize NonBlockingBuffer::xsputn(const char* text, std::streamsize size) {
  added_.append(text, static_cast<size_t>(size));
  return size;
}

NonBlockingBuffer::int_type NonBlockingBuffer::overflow(int_type c) {
  added_ += traits_type::to_char_type(c);
  return c;
}

int NonBlockingBuffer::sync() {
  if (added_.empty()) return 0;
  {
    base::MutexLock lock(mutex_);
    if (buffered_.size() + added_.size() <= kMaxBuffered) {
      buffered_ += added_;
    } else {
      dropped_lines_ += static_cast<size_t>(std::count(added_.begin(), added_.end(), '\n'));
      drops_json_ = added_.front() == '{';
    }
  }
  added_.clear();
  changed_.notify_one();
  if (!writer_.joinable()) start_writer();
  return 0;
}

void NonBlockingBuffer::start_writer() {
  try {
    writer_ = base::start_thread([this] { write_loop(); });
  } catch (const std::system_error&) {
    // The next flush tries again.
  }
}

void NonBlockingBuffer::write_loop() {
  for (std::string batch = next_batch(); !batch.empty(); batch = next_batch()) {
    std::string_view left = batch;
    while (!left.empty()) left.remove_prefix(write_some(left));
    if (!ending_) poll(nullptr, 0, kPause);
  }
}

/// Waits until there is something to write, and returns it; empty at the end.
std::string NonBlockingBuffer::next_batch() {
  base::MutexLock lock(mutex_);
  while (buffered_.empty() && !ending_) changed_.wait(mutex_);
  std::string batch = std::exchange(buffered_, {});
  if (dropped_lines_ > 0) {
    std::string notice = std::to_string(std::exchange(dropped_lines_, 0)) +
                         " lines of this log were dropped, because nothing read it";
    batch += drops_json_ ? R"({"notice":")" + notice + "\"}\n" : "mock-capgo: " + notice + "\n";
  }
  return batch;
}

/// Returns how many bytes were written or abandoned.
size_t NonBlockingBuffer::write_some(std::string_view text) {
  pollfd output{descriptor_, POLLOUT, 0};
  bool is_last = ending_;
  milliseconds timeout = kCheckInterval;
  // After the deadline, what can be written without waiting still is: the machine may be busy.
  if (is_last) timeout = std::chrono::duration_cast<milliseconds>(deadline_ - Clock::now());
  timeout = std::max(timeout, milliseconds{0});
  if (poll(&output, 1, static_cast<int>(timeout.count())) <= 0) return is_last ? text.size() : 0;
  ssize_t count = ::write(descriptor_, text.data(), std::min(text.size(), max_write_));
  if (count >= 0) return static_cast<size_t>(count);
  int error = errno;
  if (error == EAGAIN || error == EINTR) return 0;
  if (on_failure_) std::exchange(on_failure_, nullptr)(error);
  return text.size();
}

}  // namespace app
