#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <functional>
#include <utility>

#include "transport/loop.h"

namespace transport {

/// Reads and drops an input until its end: pipes, sockets and terminals. Anything else, such as a
/// file or /dev/null, cannot be waited for and counts as ended.
class InputWatch : HandleOwner {
 public:
  /// Calls `then` once, from the loop, when `fd` has ended or cannot be read. `fd` stays open, with
  /// the same flags.
  InputWatch(uv_loop_t* loop, int fd, std::function<void()> then)
      : then_(std::move(then)), fd_(fcntl(fd, F_DUPFD_CLOEXEC, 0)), flags_(fcntl(fd_, F_GETFL)) {
    if (!read_stream(loop)) {
      ::close(std::exchange(fd_, -1));
      uv_timer_init(loop, &handle_.timer);
      uv_timer_start(
          &handle_.timer, [](uv_timer_t* timer) { owner_of<InputWatch>(timer).end(); }, 0, 0);
    }
    handle_.handle.data = this;
  }

  /// Stops watching; `then` is no longer called.
  void close() {
    if (uv_is_closing(&handle_.handle)) return;
    if (fd_ >= 0) fcntl(fd_, F_SETFL, flags_);
    uv_close(&handle_.handle, nullptr);
  }

 private:
  /// Returns false if `fd_` is not a stream that can be read.
  bool read_stream(uv_loop_t* loop) {
    if ((flags_ & O_ACCMODE) == O_WRONLY) return false;
    uv_handle_type type = uv_guess_handle(fd_);
    if (type == UV_TTY) {
      std::signal(SIGTTIN, SIG_IGN);  // Or reading from the background would stop the process.
      if (uv_tty_init(loop, &handle_.tty, fd_, 0) != 0) return false;
    } else if (type == UV_NAMED_PIPE || type == UV_TCP) {
      uv_pipe_init(loop, &handle_.pipe, 0);
      uv_pipe_open(&handle_.pipe, fd_);
    } else {
      return false;
    }
    auto allocate = [](uv_handle_t* handle, size_t, uv_buf_t* buffer) {
      std::array<char, 4096>& dropped = owner_of<InputWatch>(handle).dropped_;
      *buffer = uv_buf_init(dropped.data(), static_cast<unsigned>(dropped.size()));
    };
    auto on_read = [](uv_stream_t* stream, ssize_t count, const uv_buf_t*) {
      InputWatch& watch = owner_of<InputWatch>(stream);
      if (count < 0 && !watch.is_in_background()) watch.end();
    };
    uv_read_start(&handle_.stream, allocate, on_read);
    return true;
  }

  /// Whether another job has the terminal. Reading fails then, but the terminal has not ended.
  bool is_in_background() const {
    pid_t foreground = tcgetpgrp(fd_);
    return foreground > 0 && foreground != getpgrp();
  }

  void end() {
    close();
    then_();
  }

  std::function<void()> then_;
  /// A duplicate, so that closing it leaves the caller's open.
  int fd_;
  /// libuv makes a stream non-blocking; the caller's fd shares these flags.
  int flags_;
  uv_any_handle handle_;
  std::array<char, 4096> dropped_;
};

}  // namespace transport
