#include "transport/input_watch.h"

#include <fcntl.h>
#include <unistd.h>
#include <uv.h>

#include <array>
#include <utility>

namespace transport {
namespace {

constexpr unsigned kDropBytes = 4096;

}  // namespace

/// Pipes, sockets and terminals are read as streams. Anything else, files above all, cannot be
/// polled and is read by libuv's file threads.
struct InputWatch::Impl {
  uv_loop_t* loop;
  std::function<void()> then;
  /// Of the watch alone, so that closing it leaves the caller's open.
  int fd;
  /// The caller's fd shares them: libuv makes a stream non-blocking.
  int flags;
  bool is_stream = false;
  bool closed = false;
  uv_any_handle handle;
  uv_fs_t file_read;
  std::array<char, kDropBytes> dropped;

  Impl(uv_loop_t* its_loop, int watched, std::function<void()> callback)
      : loop(its_loop),
        then(std::move(callback)),
        fd(fcntl(watched, F_DUPFD_CLOEXEC, 0)),
        flags(fcntl(fd, F_GETFL)) {
    handle.handle.data = file_read.data = this;
    is_stream = read_stream();
    if (!is_stream) read_file();
  }

  /// Begins to read a stream, if `fd` is one that can be read.
  bool read_stream() {
    uv_handle_type type = uv_guess_handle(fd);
    if (type == UV_TTY) {
      if (uv_tty_init(loop, &handle.tty, fd, 0) != 0) return false;
    } else if (type == UV_NAMED_PIPE || type == UV_TCP) {
      uv_pipe_init(loop, &handle.pipe, 0);
      uv_pipe_open(&handle.pipe, fd);
    } else {
      return false;
    }
    if (uv_read_start(&handle.stream, on_allocate, on_stream_read) == 0) return true;
    uv_close(&handle.handle, nullptr);
    fd = -1;  // Closed with the handle; reading it as a file gives the error that ends the watch.
    return false;
  }

  void read_file() {
    uv_buf_t buffer = uv_buf_init(dropped.data(), kDropBytes);
    uv_fs_read(loop, &file_read, fd, &buffer, 1, -1, on_file_read);
  }

  void end() {
    if (closed) return;
    close();
    then();
  }

  void close() {
    if (std::exchange(closed, true)) return;
    if (is_stream) {
      fcntl(fd, F_SETFL, flags);
      uv_close(&handle.handle, nullptr);
    } else {
      uv_cancel(reinterpret_cast<uv_req_t*>(&file_read));
    }
  }

  static void on_allocate(uv_handle_t* handle, size_t, uv_buf_t* buffer) {
    auto* impl = static_cast<Impl*>(handle->data);
    *buffer = uv_buf_init(impl->dropped.data(), kDropBytes);
  }

  static void on_stream_read(uv_stream_t* stream, ssize_t count, const uv_buf_t*) {
    if (count < 0) static_cast<Impl*>(stream->data)->end();
  }

  static void on_file_read(uv_fs_t* read) {
    auto* impl = static_cast<Impl*>(read->data);
    bool more = read->result > 0 && !impl->closed;
    uv_fs_req_cleanup(read);
    if (more) return impl->read_file();
    ::close(impl->fd);
    impl->end();
  }
};

InputWatch::InputWatch(uv_loop_s* loop, int fd, std::function<void()> then)
    : impl_(std::make_unique<Impl>(loop, fd, std::move(then))) {}

InputWatch::~InputWatch() = default;

void InputWatch::close() { impl_->close(); }

}  // namespace transport
