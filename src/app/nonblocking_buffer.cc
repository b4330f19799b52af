#include "app/nonblocking_buffer.h"

#include <poll.h>
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
/// How long the writer gathers lines after it has written some, in milliseconds: to be woken for
/// each costs a busy server more than all else it does for it.
constexpr int kPause = 2;
/// How soon the writer sees that the end has come, and how long it may then take.
constexpr milliseconds kPatience{20};
constexpr milliseconds kLastPatience{100};

}  // namespace

NonBlockingBuffer::~NonBlockingBuffer() {
  sync();
  {
    base::MutexLock lock(mutex_);
    deadline_ = Clock::now() + kLastPatience;
    ending_ = true;
  }
  changed_.notify_one();
  if (writer_.joinable()) {
    writer_.join();
  } else {
    write_loop();
  }
}

int NonBlockingBuffer::sync() {
  std::string fresh = std::move(*this).str();
  if (fresh.empty()) return 0;
  bool is_to_be_woken = false;
  {
    base::MutexLock lock(mutex_);
    if (kept_.size() + fresh.size() <= kMaxBuffered) {
      kept_ += fresh;
    } else {
      dropped_lines_ += static_cast<size_t>(std::count(fresh.begin(), fresh.end(), '\n'));
      drops_json_ = fresh.front() == '{';
    }
    is_to_be_woken = std::exchange(is_writer_idle_, false);
  }
  if (is_to_be_woken) changed_.notify_one();
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

/// What is there to write, once there is something; nothing at the end.
std::string NonBlockingBuffer::next_batch() {
  base::MutexLock lock(mutex_);
  while (kept_.empty() && !ending_) {
    is_writer_idle_ = true;
    changed_.wait(mutex_);
  }
  std::string batch = std::exchange(kept_, {});
  if (dropped_lines_ > 0) {
    std::string notice = std::to_string(std::exchange(dropped_lines_, 0)) +
                         " lines of this log were dropped, because nothing read it";
    batch += drops_json_ ? R"({"notice":")" + notice + "\"}\n" : "mock-capgo: " + notice + "\n";
  }
  return batch;
}

/// Gives how much of the text is done with: written, or never to be read.
size_t NonBlockingBuffer::write_some(std::string_view text) {
  pollfd room{descriptor_, POLLOUT, 0};
  bool is_last = ending_;
  milliseconds patience = kPatience;
  if (is_last) patience = std::chrono::duration_cast<milliseconds>(deadline_ - Clock::now());
  if (patience.count() < 0) return text.size();
  if (poll(&room, 1, static_cast<int>(patience.count())) <= 0) return is_last ? text.size() : 0;
  // No more than this fits into any pipe that has room at all.
  ssize_t count = ::write(descriptor_, text.data(), std::min<size_t>(text.size(), PIPE_BUF));
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return 0;
  return count < 0 ? text.size() : static_cast<size_t>(count);
}

}  // namespace app
