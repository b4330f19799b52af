#pragma once

#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

struct uv_loop_s;

namespace transport {

/// How a child process ended.
struct ChildExit {
  /// Its exit code; 0 if a signal ended it.
  int code = 0;
  /// The signal that ended it; 0 if it exited by itself.
  int signal = 0;
};

/// Why a command could not be started; the text names it, what is wrong and what to do.
class SpawnError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Names and values added to a child's environment.
using Environment = std::vector<std::pair<std::string, std::string>>;

/// One child process. Everything happens on the loop's thread. The object must live until the
/// loop has closed its handles: after `close`, until `uv_run` returns.
class ChildProcess {
 public:
  ChildProcess();
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  /// Starts `command` (program and arguments; PATH is searched, no shell) with this process's
  /// stdin, stdout, stderr and environment, where `extra` replaces or adds. Gives the process id.
  /// `then` is called once when it has ended. Called once. Throws SpawnError.
  int start(uv_loop_s* loop, const std::vector<std::string>& command, const Environment& extra,
            std::function<void(ChildExit)> then);

  /// Sends it a signal; does nothing if it has ended.
  void send_signal(int signal);

  /// Forgets it: it runs on, and `then` is not called any more.
  void close();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace transport
