#include "transport/event_loop.h"

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <deque>
#include <utility>

#include "transport/child_process.h"
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

}  // namespace

struct EventLoop::Impl {
  struct SignalWatch {
    int number;
    uv_signal_t handle;
    std::function<void()> then;
  };

  ~Impl();

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
  /// Wakes the loop for a stop from another thread.
  uv_async_t wake;
  bool finishing = false;
  std::deque<Server> servers;
  std::deque<SignalWatch> signals;
  std::deque<InputWatch> inputs;
  std::deque<ChildProcess> children;
};

/// Runs the loop to its end. Signals are blocked until they are ignored, because libuv restores
/// their default action when it stops watching them.
EventLoop::Impl::~Impl() {
  finish(std::chrono::milliseconds{0});
  uv_close(as_handle(&wake), nullptr);
  sigset_t watched;
  sigset_t before;
  sigemptyset(&watched);
  for (SignalWatch& watch : signals) sigaddset(&watched, watch.number);
  pthread_sigmask(SIG_BLOCK, &watched, &before);
  for (SignalWatch& watch : signals) uv_close(as_handle(&watch.handle), nullptr);
  uv_run(&loop.uv, UV_RUN_DEFAULT);
  for (SignalWatch& watch : signals) std::signal(watch.number, SIG_IGN);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

EventLoop::EventLoop() {
  std::signal(SIGPIPE, SIG_IGN);
  raise_file_limit();
  impl_ = std::make_unique<Impl>();
  impl_->wake.data = impl_.get();
  uv_async_init(&impl_->loop.uv, &impl_->wake,
                [](uv_async_t* wake) { owner_of<Impl>(wake).finish(kGrace); });
  // GCC 12's thread sanitizer loses a signal that arrives during a thread's first blocking call.
  uv_run(&impl_->loop.uv, UV_RUN_NOWAIT);
}

EventLoop::~EventLoop() = default;

Address EventLoop::listen(const std::string& host, int port, const Handler& handler,
                          const ServerOptions& options) {
  return impl_->servers.emplace_back(&impl_->loop.uv, handler, options).listen(host, port);
}

void EventLoop::on_signal(int signal, std::function<void()> then) {
  Impl::SignalWatch& watch = impl_->signals.emplace_back();
  watch.number = signal;
  watch.then = std::move(then);
  watch.handle.data = &watch;
  uv_signal_init(&impl_->loop.uv, &watch.handle);
  uv_signal_start(
      &watch.handle, [](uv_signal_t* handle, int) { owner_of<Impl::SignalWatch>(handle).then(); },
      signal);
  uv_unref(as_handle(&watch.handle));
}

void EventLoop::on_end_of_input(int fd, std::function<void()> then) {
  impl_->inputs.emplace_back(&impl_->loop.uv, fd, std::move(then));
}

int EventLoop::spawn(const std::vector<std::string>& command, const Environment& extra_environment,
                     std::function<void(ChildExit)> then) {
  ChildProcess& child = impl_->children.emplace_back();
  return child.start(&impl_->loop.uv, command, extra_environment, std::move(then));
}

void EventLoop::signal_children(int signal) {
  for (ChildProcess& child : impl_->children) child.send_signal(signal);
}

void EventLoop::run() {
  uv_run(&impl_->loop.uv, UV_RUN_DEFAULT);
  impl_->servers.clear();
}

void EventLoop::stop() { uv_async_send(&impl_->wake); }

}  // namespace transport
