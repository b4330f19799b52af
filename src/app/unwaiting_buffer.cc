#include "app/unwaiting_buffer.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>

namespace app {
namespace {

constexpr size_t kMostKept = 1 << 20;
/// How long the end waits for a reader, in milliseconds.
constexpr int kLastPatience = 100;

}  // namespace

UnwaitingBuffer::~UnwaitingBuffer() {
  sync();
  while (write_some(kLastPatience)) {
  }
}

UnwaitingBuffer::int_type UnwaitingBuffer::overflow(int_type letter) {
  if (letter != traits_type::eof()) fresh_ += traits_type::to_char_type(letter);
  return traits_type::not_eof(letter);
}

std::streamsize UnwaitingBuffer::xsputn(const char* text, std::streamsize size) {
  fresh_.append(text, static_cast<size_t>(size));
  return size;
}

int UnwaitingBuffer::sync() {
  if (kept_.size() - taken_ + fresh_.size() <= kMostKept) {
    kept_ += fresh_;
  } else {
    dropped_lines_ += static_cast<size_t>(std::count(fresh_.begin(), fresh_.end(), '\n'));
  }
  fresh_.clear();
  while (write_some(0)) {
  }
  return 0;
}

/// Writes as much as surely fits, once there is room. Gives false if there is none, for `patience`
/// milliseconds, or nothing to write.
bool UnwaitingBuffer::write_some(int patience) {
  if (kept_.empty() && dropped_lines_ > 0) tell_dropped();
  if (kept_.empty()) return false;
  pollfd room{descriptor_, POLLOUT, 0};
  if (poll(&room, 1, patience) <= 0) return false;
  // Less than this fits into any pipe that has room at all.
  size_t left = kept_.size() - taken_;
  ssize_t count = ::write(descriptor_, kept_.data() + taken_, std::min<size_t>(left, PIPE_BUF));
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return false;
  take(count < 0 ? left : static_cast<size_t>(count));  // After an error nobody will ever read it.
  return true;
}

void UnwaitingBuffer::take(size_t count) {
  taken_ += count;
  if (taken_ < kept_.size() && taken_ < kMostKept / 2) return;  // To move the rest takes time.
  kept_.erase(0, taken_);
  taken_ = 0;
}

void UnwaitingBuffer::tell_dropped() {
  kept_ = "mock-capgo: " + std::to_string(dropped_lines_) +
          " lines of this log were dropped, because nothing read it\n";
  dropped_lines_ = 0;
}

}  // namespace app
