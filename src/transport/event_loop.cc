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

/// How long a stop waits for answers under way, so that it is over within a second.
constexpr std::chrono::milliseconds kGrace{900};

/// Lets the process have as many sockets as it may serve, if the system allows it.
void raise_file_limit() {
  constexpr rlim_t kEnough = 10'240;  // All that macOS allows.
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= kEnough) return;
  limit.rlim_cur = std::min(limit.rlim_max, kEnough);
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

  /// Closes all but the answers being sent, and uv_run ends when those are. Signals stay caught
  /// until the end: a second SIGINT must not cut a clean stop short.
  void finish(std::chrono::milliseconds grace) {
    if (std::exchange(finishing, true)) return;
    for (InputWatch& input : inputs) input.close();
    for (ChildProcess& child : children) child.close();
    for (Server& server : servers) server.finish(grace);
    uv_unref(as_handle(&wake));
  }

  Loop loop;
  /// Brings a stop from another thread to the loop's.
  uv_async_t wake;
  bool finishing = false;
  std::deque<Server> servers;
  std::deque<SignalWatch> signals;
  std::deque<InputWatch> inputs;
  std::deque<ChildProcess> children;
};

/// Runs the loop to its end and has the signals ignored from then on. They are blocked until they
/// are ignored: when libuv stops watching a signal, it restores its default action, death.
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
  // GCC 12's thread sanitizer loses a signal that comes during a thread's first blocking call.
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
