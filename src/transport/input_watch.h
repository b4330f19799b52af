#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <functional>
#include <utility>

#include "transport/loop.h"

namespace transport {

/// Waits for the end of an input, dropping what comes before it.
///
/// Pipes, sockets and terminals are read as streams. Anything else, files above all, cannot be
/// polled and is read by libuv's file threads.
class InputWatch : HandleOwner {
 public:
  /// Calls `then` once, from the loop, when `fd` has ended or cannot be read (a closed `fd` is at
  /// its end). `fd` stays open and as it was.
  InputWatch(uv_loop_t* loop, int fd, std::function<void()> then)
      : loop_(loop),
        then_(std::move(then)),
        fd_(fcntl(fd, F_DUPFD_CLOEXEC, 0)),
        flags_(fcntl(fd_, F_GETFL)) {
    handle_.handle.data = file_read_.data = this;
    is_stream_ = read_stream();
    if (!is_stream_) read_file();
  }

  /// Stops watching; `then` is not called any more.
  void close() {
    if (std::exchange(closed_, true)) return;
    if (is_stream_) {
      fcntl(fd_, F_SETFL, flags_);
      uv_close(&handle_.handle, nullptr);
    } else {
      uv_cancel(reinterpret_cast<uv_req_t*>(&file_read_));
    }
  }

 private:
  /// Starts to read a stream, if `fd_` is one that can be read.
  bool read_stream() {
    uv_handle_type type = uv_guess_handle(fd_);
    if (type == UV_TTY) {
      if (uv_tty_init(loop_, &handle_.tty, fd_, 0) != 0) return false;
    } else if (type == UV_NAMED_PIPE || type == UV_TCP) {
      uv_pipe_init(loop_, &handle_.pipe, 0);
      uv_pipe_open(&handle_.pipe, fd_);
    } else {
      return false;
    }
    auto allocate = [](uv_handle_t* handle, size_t, uv_buf_t* buffer) {
      *buffer = owner_of<InputWatch>(handle).buffer();
    };
    auto on_read = [](uv_stream_t* stream, ssize_t count, const uv_buf_t*) {
      if (count < 0) owner_of<InputWatch>(stream).end();
    };
    if (uv_read_start(&handle_.stream, allocate, on_read) == 0) return true;
    uv_close(&handle_.handle, nullptr);
    fd_ = -1;  // Closed with the handle; reading it as a file gives the error that ends the watch.
    return false;
  }

  void read_file() {
    uv_buf_t bytes = buffer();
    uv_fs_read(loop_, &file_read_, fd_, &bytes, 1, -1, [](uv_fs_t* read) {
      InputWatch& watch = owner_of<InputWatch>(read);
      bool more = read->result > 0 && !watch.closed_;
      uv_fs_req_cleanup(read);
      if (more) return watch.read_file();
      ::close(watch.fd_);
      watch.end();
    });
  }

  void end() {
    if (closed_) return;
    close();
    then_();
  }

  uv_buf_t buffer() { return uv_buf_init(dropped_.data(), static_cast<unsigned>(dropped_.size())); }

  uv_loop_t* loop_;
  std::function<void()> then_;
  /// Of the watch alone, so that closing it leaves the caller's open.
  int fd_;
  /// The caller's fd shares them: libuv makes a stream non-blocking.
  int flags_;
  bool is_stream_ = false;
  bool closed_ = false;
  uv_any_handle handle_;
  uv_fs_t file_read_;
  std::array<char, 4096> dropped_;
};

}  // namespace transport
