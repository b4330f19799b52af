#include "app/unwaiting_buffer.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>

namespace app {
namespace {

constexpr size_t kMostKept = 1 << 20;
/// How long the end waits for a reader, and how soon the thread sees an end, in milliseconds.
constexpr int kLastPatience = 100;
constexpr int kPatience = 20;

}  // namespace

UnwaitingBuffer::~UnwaitingBuffer() {
  sync();
  if (!writer_.joinable()) return;
  {
    base::MutexLock lock(mutex_);
    ending_ = true;
  }
  rest_kept_.notify_one();
  writer_.join();
  base::MutexLock lock(mutex_);
  while (is_rest_kept() && has_room(kLastPatience)) write_some();
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
  base::MutexLock lock(mutex_);
  if (kept_.size() - taken_ + fresh_.size() <= kMostKept) {
    kept_ += fresh_;
  } else {
    dropped_lines_ += static_cast<size_t>(std::count(fresh_.begin(), fresh_.end(), '\n'));
  }
  fresh_.clear();
  while (is_rest_kept() && has_room(0)) write_some();
  if (is_rest_kept()) {
    if (!writer_.joinable()) writer_ = std::thread([this] { write_rest(); });
    rest_kept_.notify_one();
  }
  return 0;
}

/// Whether the reader has room for a little, now or within so many milliseconds.
bool UnwaitingBuffer::has_room(int patience) const {
  pollfd room{descriptor_, POLLOUT, 0};
  return poll(&room, 1, patience) > 0;
}

/// Writes what surely fits where there is room.
void UnwaitingBuffer::write_some() {
  if (kept_.empty()) {
    kept_ = "mock-capgo: " + std::to_string(dropped_lines_) +
            " lines of this log were dropped, because nothing read it\n";
    dropped_lines_ = 0;
  }
  size_t left = kept_.size() - taken_;
  // Not more than this fits into any pipe that has room at all.
  ssize_t count = ::write(descriptor_, kept_.data() + taken_, std::min<size_t>(left, PIPE_BUF));
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
  take(count < 0 ? left : static_cast<size_t>(count));  // After an error nobody will ever read it.
}

void UnwaitingBuffer::take(size_t count) {
  taken_ += count;
  if (taken_ < kept_.size() && taken_ < kMostKept / 2) return;  // To move the rest takes time.
  kept_.erase(0, taken_);
  taken_ = 0;
}

/// What the thread does: writes the rest whenever there is room.
void UnwaitingBuffer::write_rest() {
  mutex_.lock();
  while (!ending_) {
    if (!is_rest_kept()) {
      rest_kept_.wait(mutex_);
      continue;
    }
    mutex_.unlock();
    bool room = has_room(kPatience);
    mutex_.lock();
    if (room && is_rest_kept()) write_some();
  }
  mutex_.unlock();
}

}  // namespace app
