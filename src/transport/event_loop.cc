#include "transport/event_loop.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <csignal>
#include <deque>
#include <utility>

#include "transport/child_process.h"
#include "transport/inherited_signals.h"
#include "transport/input_watch.h"
#include "transport/loop.h"
#include "transport/server.h"

namespace transport {
namespace {

/// How long a stop waits for pending responses, so that it ends within a second.
constexpr std::chrono::milliseconds kGrace{900};

/// Allows as many open sockets as a server accepts, if the system permits it.
void raise_file_limit() {
  constexpr rlim_t kWanted = 10'240;  // The maximum of macOS.
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= kWanted) return;
  limit.rlim_cur = std::min(limit.rlim_max, kWanted);
  setrlimit(RLIMIT_NOFILE, &limit);
}

/// Who sent a signal. The terminal signals every process of the foreground group.
enum Sender : unsigned { process = 1, terminal = 2 };

// A signal handler may use lock-free atomics and uv_async_send. Signals belong to the process, so
// one loop at a time watches them.
std::array<std::atomic<unsigned>, NSIG> senders;
std::atomic<uv_async_t*> signal_wake;

void handle_signal(int signal, siginfo_t* info, void*) {
#ifdef SI_KERNEL
  bool from_terminal = info->si_code == SI_KERNEL;
#else
  bool from_terminal = info->si_code == 0;  // macOS
#endif
  senders[static_cast<size_t>(signal)] |= from_terminal ? terminal : process;
  if (uv_async_t* wake = signal_wake) uv_async_send(wake);
}

}  // namespace

struct EventLoop::Impl {
  struct SignalWatch {
    int number;
    /// The senders whose signals count.
    unsigned from;
    std::function<void()> then;
  };

  ~Impl();

  /// Catches and unblocks a signal.
  void watch_signal(int signal, unsigned from, std::function<void()> then) {
    signals.push_back({signal, from, std::move(then)});
    signal_wake = &wake;
    struct sigaction action = {};
    action.sa_sigaction = handle_signal;
    action.sa_flags = SA_SIGINFO | SA_RESTART;
    sigaction(signal, &action, nullptr);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, signal);
    pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
  }

  void on_wake() {
    if (stop_requested.exchange(false)) finish(kGrace);
    for (SignalWatch& watch : signals) {
      unsigned sent_by = senders[static_cast<size_t>(watch.number)].exchange(0);
      if ((sent_by & watch.from) != 0) watch.then();
    }
  }

  /// Closes everything except connections with pending responses; uv_run ends after those. Signals
  /// are still caught, so that a second SIGINT does not interrupt a clean stop.
  void finish(std::chrono::milliseconds grace) {
    if (std::exchange(finishing, true)) return;
    for (InputWatch& input : inputs) input.close();
    for (ChildProcess& child : children) child.close();
    for (Server& server : servers) server.finish(grace);
    uv_unref(as_handle(&wake));
  }

  Loop loop;
  /// Wakes the loop for a signal, or for a stop from another thread.
  uv_async_t wake;
  std::atomic<bool> stop_requested = false;
  bool finishing = false;
  std::deque<Server> servers;
  std::deque<SignalWatch> signals;
  std::deque<InputWatch> inputs;
  std::deque<ChildProcess> children;
};

/// Runs the loop to its end, and ignores the signals from then on, except SIGCHLD: ignoring it
/// would take the exit status of child processes away.
EventLoop::Impl::~Impl() {
  finish(std::chrono::milliseconds{0});
  for (SignalWatch& watch : signals) {
    std::signal(watch.number, watch.number == SIGCHLD ? SIG_DFL : SIG_IGN);
  }
  if (!signals.empty()) signal_wake = nullptr;
  uv_close(as_handle(&wake), nullptr);
  uv_run(&loop.uv, UV_RUN_DEFAULT);
}

EventLoop::EventLoop() {
  inherited_signals();
  // Writing to a closed socket, or beyond the limit of a file's size, is an error.
  for (int signal : {SIGPIPE, SIGXFSZ}) std::signal(signal, SIG_IGN);
  impl_ = std::make_unique<Impl>();
  impl_->wake.data = impl_.get();
  uv_async_init(&impl_->loop.uv, &impl_->wake,
                [](uv_async_t* wake) { owner_of<Impl>(wake).on_wake(); });
  // GCC 12's thread sanitizer loses a signal that arrives during a thread's first blocking call.
  uv_run(&impl_->loop.uv, UV_RUN_NOWAIT);
}

EventLoop::~EventLoop() = default;

Address EventLoop::listen(const std::string& host, int port, const Handler& handler,
                          const ServerOptions& options) {
  return impl_->servers.emplace_back(&impl_->loop.uv, handler, options).listen(host, port);
}

void EventLoop::on_signal(int signal, std::function<void()> then) {
  if (sigismember(&inherited_signals().ignored, signal)) return;
  impl_->watch_signal(signal, process | terminal, std::move(then));
}

void EventLoop::forward_signal(int signal) {
  if (sigismember(&inherited_signals().ignored, signal)) return;
  // When the terminal closes, only the leader of the session gets SIGHUP from the system.
  bool is_for_leader = signal == SIGHUP && getsid(0) == getpid();
  impl_->watch_signal(signal, is_for_leader ? process | terminal : process, [this, signal] {
    for (ChildProcess& child : impl_->children) child.send_signal(signal);
  });
}

void EventLoop::on_end_of_input(int fd, std::function<void()> then) {
  impl_->inputs.emplace_back(&impl_->loop.uv, fd, std::move(then));
}

int EventLoop::spawn(const std::vector<std::string>& command, const Environment& extra_environment,
                     std::function<void(ChildExit)> then) {
  impl_->watch_signal(SIGCHLD, process | terminal, [this] {
    for (ChildProcess& child : impl_->children) child.reap();
  });
  ChildProcess& child = impl_->children.emplace_back();
  return child.start(command, extra_environment, std::move(then));
}

void EventLoop::run() {
  raise_file_limit();
  uv_run(&impl_->loop.uv, UV_RUN_DEFAULT);
  impl_->servers.clear();
}

void EventLoop::stop() {
  impl_->stop_requested = true;
  uv_async_send(&impl_->wake);
}

}  // namespace transport
