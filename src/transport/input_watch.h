#pragma once

#include <functional>
#include <memory>

struct uv_loop_s;

namespace transport {

/// Waits for the end of an input, dropping what comes before it.
///
/// Everything happens on the loop's thread. The object must live until the loop has closed its
/// handles: after `close`, until `uv_run` returns.
class InputWatch {
 public:
  /// Watches `fd`: a pipe, socket, terminal, file or device. `then` is called once, from the loop,
  /// when the input has ended or cannot be read (a closed `fd` is at its end). `fd` stays open
  /// and as it was.
  InputWatch(uv_loop_s* loop, int fd, std::function<void()> then);
  ~InputWatch();
  InputWatch(const InputWatch&) = delete;
  InputWatch& operator=(const InputWatch&) = delete;

  /// Stops watching; `then` is not called any more.
  void close();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace transport
