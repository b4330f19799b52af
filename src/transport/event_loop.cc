#include "transport/event_loop.h"

#include <sys/resource.h>
#include <uv.h>

#include <algorithm>
#include <csignal>
#include <stdexcept>
#include <utility>

#include "transport/input_watch.h"
#include "transport/server.h"

namespace transport {
namespace {

/// How long a stop waits for answers under way, so that it is over within a second.
constexpr std::chrono::milliseconds kGrace{900};

template <typename Handle>
uv_handle_t* as_handle(Handle* handle) {
  return reinterpret_cast<uv_handle_t*>(handle);
}

/// Lets the process have as many sockets as it may serve, if the system allows it.
void raise_file_limit() {
  constexpr rlim_t kEnough = 10'240;  // All that macOS allows.
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= kEnough) return;
  limit.rlim_cur = std::min(limit.rlim_max, kEnough);
  setrlimit(RLIMIT_NOFILE, &limit);
}

struct SignalWatch {
  int number;
  uv_signal_t handle;
  std::function<void()> then;
};

}  // namespace

class EventLoop::Impl {
 public:
  Impl() {
    std::signal(SIGPIPE, SIG_IGN);
    raise_file_limit();
    if (int error = uv_loop_init(&loop_); error != 0) {
      throw std::runtime_error(std::string("cannot make an event loop: ") + uv_strerror(error));
    }
    uv_async_init(&loop_, &wake_, [](uv_async_t* wake) { of(wake).finish(kGrace); });
    wake_.data = this;
    // GCC 12's thread sanitizer loses a signal that comes during a thread's first blocking call.
    uv_run(&loop_, UV_RUN_NOWAIT);
  }

  ~Impl() {
    finish(std::chrono::milliseconds{0});
    uv_close(as_handle(&wake_), nullptr);
    close_signals();
    uv_loop_close(&loop_);
  }

  void run() {
    uv_run(&loop_, UV_RUN_DEFAULT);
    servers_.clear();
  }

  void stop() { uv_async_send(&wake_); }

  Address listen(const std::string& host, int port, const Handler& handler,
                 const ServerOptions& options) {
    servers_.push_back(std::make_unique<Server>(&loop_, handler, options));
    return servers_.back()->listen(host, port);
  }

  void on_signal(int number, std::function<void()> then) {
    signals_.push_back(std::make_unique<SignalWatch>());
    SignalWatch& watch = *signals_.back();
    watch.number = number;
    watch.then = std::move(then);
    watch.handle.data = &watch;
    uv_signal_init(&loop_, &watch.handle);
    uv_signal_start(
        &watch.handle,
        [](uv_signal_t* handle, int) { static_cast<SignalWatch*>(handle->data)->then(); }, number);
    uv_unref(as_handle(&watch.handle));
  }

  void on_end_of_input(int fd, std::function<void()> then) {
    inputs_.push_back(std::make_unique<InputWatch>(&loop_, fd, std::move(then)));
  }

  int spawn(const std::vector<std::string>& command, const Environment& extra,
            std::function<void(ChildExit)> then) {
    children_.push_back(std::make_unique<ChildProcess>());
    return children_.back()->start(&loop_, command, extra, std::move(then));
  }

  void signal_child(int number) {
    for (auto& child : children_) child->send_signal(number);
  }

 private:
  /// Closes all but the answers being sent, and uv_run ends when those are. Signals stay caught
  /// until the end: a second SIGINT must not cut a clean stop short.
  void finish(std::chrono::milliseconds grace) {
    if (std::exchange(finishing_, true)) return;
    for (auto& input : inputs_) input->close();
    for (auto& child : children_) child->close();
    for (auto& server : servers_) server->finish(grace);
    uv_unref(as_handle(&wake_));
  }

  /// Runs the loop to its end and has the signals ignored from then on. Until they are they wait:
  /// libuv gives a signal its default act, death, when it watches it no more.
  void close_signals() {
    sigset_t watched;
    sigset_t before;
    sigemptyset(&watched);
    for (auto& watch : signals_) sigaddset(&watched, watch->number);
    pthread_sigmask(SIG_BLOCK, &watched, &before);
    for (auto& watch : signals_) uv_close(as_handle(&watch->handle), nullptr);
    uv_run(&loop_, UV_RUN_DEFAULT);
    for (auto& watch : signals_) std::signal(watch->number, SIG_IGN);
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
  }

  template <typename Handle>
  static Impl& of(Handle* handle) {
    return *static_cast<Impl*>(handle->data);
  }

  uv_loop_t loop_;
  /// Brings a stop from another thread to the loop's.
  uv_async_t wake_;
  bool finishing_ = false;
  std::vector<std::unique_ptr<Server>> servers_;
  std::vector<std::unique_ptr<SignalWatch>> signals_;
  std::vector<std::unique_ptr<InputWatch>> inputs_;
  std::vector<std::unique_ptr<ChildProcess>> children_;
};

EventLoop::EventLoop() : impl_(std::make_unique<Impl>()) {}

EventLoop::~EventLoop() = default;

Address EventLoop::listen(const std::string& host, int port, const Handler& handler,
                          const ServerOptions& options) {
  return impl_->listen(host, port, handler, options);
}

void EventLoop::on_signal(int signal, std::function<void()> then) {
  impl_->on_signal(signal, std::move(then));
}

void EventLoop::on_end_of_input(int fd, std::function<void()> then) {
  impl_->on_end_of_input(fd, std::move(then));
}

int EventLoop::spawn(const std::vector<std::string>& command, const Environment& extra_environment,
                     std::function<void(ChildExit)> then) {
  return impl_->spawn(command, extra_environment, std::move(then));
}

void EventLoop::signal_child(int signal) { impl_->signal_child(signal); }

void EventLoop::run() { impl_->run(); }

void EventLoop::stop() { impl_->stop(); }

}  // namespace transport
