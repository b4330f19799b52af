#pragma once

#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "transport/server_options.h"

namespace transport {

/// Where a server listens: a numeric IP address and a port.
struct Address {
  std::string host;
  int port = 0;

  /// `127.0.0.1:40123`; an IPv6 address is in brackets.
  std::string host_and_port() const {
    bool ipv6 = host.find(':') != std::string::npos;
    return (ipv6 ? '[' + host + ']' : host) + ':' + std::to_string(port);
  }

  /// `http://127.0.0.1:40123`
  std::string url() const { return "http://" + host_and_port(); }
};

/// Why listening failed; the message names host and port, what is wrong and what to do.
class ListenError : public std::runtime_error {
 public:
  ListenError(const std::string& message, bool taken)
      : std::runtime_error(message), address_taken(taken) {}

  /// Whether another program (or this one) already listens there.
  bool address_taken;
};

/// How a child process ended.
struct ChildExit {
  /// Its exit code; 0 if a signal ended it.
  int code = 0;
  /// The signal that ended it; 0 if it exited by itself.
  int signal = 0;
};

/// Why a command could not be started; the message names it, what is wrong and what to do.
class SpawnError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Names and values added to a child's environment.
using Environment = std::vector<std::pair<std::string, std::string>>;

/// Servers, signals, the end of stdin and child processes, on the thread that calls `run`.
///
/// Only `stop` may be called from another thread. Callbacks run on the loop's thread between other
/// work, handlers on the threads of all loops of their server: they must neither block nor,
/// callbacks, throw. Once a loop has been made, writing to a closed pipe or socket is an error and
/// no signal (SIGPIPE is ignored), and the process may have 10,240 files open if its hard limit
/// allows it.
class EventLoop {
 public:
  EventLoop();
  /// Closes what is open. A child that still runs is left alone.
  ~EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  /// Listens on `host`, an IP address or a name, and `port` (0 takes a free one); connections are
  /// accepted from here on and served by `handler` while the loop runs. Returns the address in
  /// numbers. Throws ListenError.
  Address listen(const std::string& host, int port, const Handler& handler,
                 const ServerOptions& options = {});

  /// Calls `then` each time the process gets `signal`, instead of what it would do. After `run`,
  /// and for good, the signal does nothing: a second one does not end a clean stop.
  void on_signal(int signal, std::function<void()> then);

  /// Reads `fd` (pipe, socket, terminal, file, device), drops what comes, and calls `then` once at
  /// its end. `fd` stays open.
  void on_end_of_input(int fd, std::function<void()> then);

  /// Starts `command` (program and arguments; PATH is searched, no shell) with this process's
  /// stdin, stdout, stderr and environment, where `extra_environment` replaces or adds. Calls
  /// `then` once when it has ended, unless the loop is stopped before. Returns the process id.
  /// Throws SpawnError.
  int spawn(const std::vector<std::string>& command, const Environment& extra_environment,
            std::function<void(ChildExit)> then);

  /// Sends a signal to every child that still runs.
  void signal_children(int signal);

  /// Serves until `stop`; then accepts nothing more, sends the answers under way, as far as they
  /// are due within less than a second, and closes all. No handler is called after it. Called once.
  void run();

  /// Makes `run` end, soon. From any thread and from callbacks, before or during `run`.
  void stop();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace transport
