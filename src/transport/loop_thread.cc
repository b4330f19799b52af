#include "transport/loop_thread.h"

#include <uv.h>

#include <stdexcept>
#include <string>

#include "base/thread.h"

namespace transport {
namespace {

/// A loop that is closed at the end, when its handles are.
struct Loop {
  Loop() {
    if (int error = uv_loop_init(&loop); error != 0) {
      throw std::runtime_error(std::string("cannot make an event loop: ") + uv_strerror(error));
    }
  }
  ~Loop() { uv_loop_close(&loop); }
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  uv_loop_t loop;
};

}  // namespace

struct LoopThread::Impl {
  Impl(const Handler& handler, const ServerOptions& options)
      : clients(&own.loop, handler, options),
        thread(base::start_thread([this] { uv_run(&own.loop, UV_RUN_DEFAULT); })) {}

  Loop own;
  Clients clients;
  std::thread thread;
};

LoopThread::LoopThread(const Handler& handler, const ServerOptions& options)
    : impl_(std::make_unique<Impl>(handler, options)) {}

LoopThread::~LoopThread() {
  impl_->clients.finish(std::chrono::milliseconds{0});
  impl_->thread.join();
}

Clients& LoopThread::clients() { return impl_->clients; }

}  // namespace transport
