#pragma once

#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "transport/server_options.h"

namespace transport {

/// Where a server listens: an IP address or a name, and a port.
struct Address {
  std::string host;
  int port = 0;

  /// `127.0.0.1:40123`; an IPv6 address is in brackets.
  std::string host_and_port() const {
    bool ipv6 = host.find(':') != std::string::npos;
    return (ipv6 ? '[' + host + ']' : host) + ':' + std::to_string(port);
  }

  /// The address for clients on this machine. They cannot connect to `0.0.0.0` or `::` everywhere,
  /// so those become loopback addresses.
  Address for_clients() const {
    return {host == "0.0.0.0" ? "127.0.0.1" : host == "::" ? "::1" : host, port};
  }

  /// A URL for clients on this machine: `http://127.0.0.1:40123`.
  std::string url() const { return "http://" + for_clients().host_and_port(); }
};

/// Listening failed. The message names host and port, what is wrong and what to do.
class ListenError : public std::runtime_error {
 public:
  ListenError(const std::string& message, bool taken)
      : std::runtime_error(message), address_taken(taken) {}

  /// Another program (or this one) already listens there.
  bool address_taken;
};

/// How a child process ended.
struct ChildExit {
  int code = 0;    ///< The exit code; 0 if a signal ended it.
  int signal = 0;  ///< The signal that ended it; 0 if it exited.
};

/// A command could not be started. The message names it, what is wrong and what to do.
class SpawnError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Names and values added to a child's environment.
using Environment = std::vector<std::pair<std::string, std::string>>;

/// Servers, signals, the end of stdin and child processes, on the thread that calls `run`.
///
/// Only `stop` may be called from another thread. Callbacks run on the loop's thread; they must not
/// block or throw. Handlers run on the threads of all loops of their server; they must not block.
/// The constructor ignores SIGPIPE and SIGXFSZ. `run` raises the limit of open files to 10,240 if
/// the hard limit allows it.
class EventLoop {
 public:
  EventLoop();
  /// Closes everything. A child that still runs keeps running.
  ~EventLoop();

  /// Listens on `host` (an IP address or a name) and `port` (0 picks a free one). While the loop
  /// runs, `handler` serves the connections. Returns the numeric address. Throws ListenError.
  Address listen(const std::string& host, int port, const Handler& handler,
                 const ServerOptions& options = {});

  /// Calls `then` for each `signal`, instead of the default action. Unblocks the signal, but leaves
  /// it ignored if the caller of this program ignored it. After `run` it is ignored, so that a
  /// second one does not interrupt a clean stop.
  void on_signal(int signal, std::function<void()> then);

  /// Sends each `signal` to every running child, except if it comes from the terminal, which sends
  /// it to the children too. Otherwise as `on_signal`.
  void forward_signal(int signal);

  /// Reads and drops the input at `fd` (pipe, socket, terminal), and calls `then` once at its end.
  /// Files and other devices count as ended. `fd` stays open.
  void on_end_of_input(int fd, std::function<void()> then);

  /// Starts `command` (program and arguments; PATH is searched, without a shell) with the stdin,
  /// stdout, stderr and environment of this process, where `extra_environment` replaces or adds
  /// variables. The child gets the blocked and ignored signals that this program was started with,
  /// and, before `run`, its limit of open files. Calls `then` once when it has ended, unless the
  /// loop is stopped before. Returns the process id. Throws SpawnError.
  int spawn(const std::vector<std::string>& command, const Environment& extra_environment,
            std::function<void(ChildExit)> then);

  /// Serves until `stop`. Then it stops accepting, sends the pending responses that are due within
  /// less than a second, and closes everything. No handler is called afterwards. Called once.
  void run();

  /// Ends `run`. May be called from any thread and from callbacks, before or during `run`.
  void stop();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace transport
