#include "transport/worker.h"

#include <unistd.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

#include <cstdint>
#include <string>
#include <utility>

#include "base/thread.h"

namespace transport {
namespace {

/// How many milliseconds after its last connection a worker returns memory to the system.
constexpr uint64_t kIdleTime = 500;

/// glibc keeps the memory of a burst of requests otherwise.
void return_free_memory() {
#ifdef __GLIBC__
  malloc_trim(0);
#endif
}

}  // namespace

Worker::Worker(uv_loop_t* loop, const Handler& handler, const ServerOptions& options)
    : loop_(loop), options_(options), codec_(handler, options_), read_buffer_(64 * 1024) {
  uv_async_init(loop, &wake_, [](uv_async_t* wake) { owner_of<Worker>(wake).on_wake(); });
  uv_timer_init(loop, &grace_timer_);
  uv_timer_init(loop, &idle_timer_);
  wake_.data = grace_timer_.data = this;
}

void Worker::add(const PendingConnection& pending) {
  base::MutexLock lock(mutex_);
  if (grace_) {
    ::close(pending.socket);
    return;
  }
  if (pending.accepted) ++count_;
  pending_.push_back(pending);
  uv_async_send(&wake_);
}

void Worker::finish(std::chrono::milliseconds grace) {
  base::MutexLock lock(mutex_);
  if (grace_) return;
  grace_ = grace;
  uv_async_send(&wake_);
}

/// Does what other threads requested.
void Worker::on_wake() {
  std::vector<PendingConnection> pending;
  std::optional<std::chrono::milliseconds> grace;
  {
    base::MutexLock lock(mutex_);
    pending.swap(pending_);
    grace = grace_;
  }
  for (const PendingConnection& each : pending) open(each);
  if (!grace) return;
  // Reached once: after `finish`, nothing wakes the loop again.
  finishing_ = true;
  if (connections_.empty()) return close_handles();
  for (auto& [connection, entry] : connections_) connection->finish(*grace);
  uv_timer_start(
      &grace_timer_,
      [](uv_timer_t* timer) {
        for (auto& [connection, entry] : owner_of<Worker>(timer).connections_) connection->close();
      },
      static_cast<uint64_t>(grace->count()), 0);
}

void Worker::open(const PendingConnection& pending) {
  auto owner = std::make_unique<Connection>(shared_);
  Connection& connection = *owner;
  uv_timer_stop(&idle_timer_);
  connections_.emplace(&connection, Entry{std::move(owner), pending.accepted});
  connection.open(pending.socket);
  if (pending.accepted) return;
  connection.reject({503, "There are too many connections; the limit is " +
                              std::to_string(options_.max_connections) + "."});
}

void Worker::on_closed(Connection* connection) {
  auto found = connections_.find(connection);
  if (found->second.accepted) --count_;
  connections_.erase(found);
  if (!connections_.empty()) return;
  if (finishing_) return close_handles();
  uv_timer_start(
      &idle_timer_, [](uv_timer_t*) { return_free_memory(); }, kIdleTime, 0);
}

void Worker::close_handles() {
  uv_close(as_handle(&wake_), nullptr);
  uv_close(as_handle(&grace_timer_), nullptr);
  uv_close(as_handle(&idle_timer_), nullptr);
  scheduler_.close();
}

WorkerThread::WorkerThread(const Handler& handler, const ServerOptions& options)
    : worker(&loop.uv, handler, options),
      thread(base::start_thread([this] { uv_run(&loop.uv, UV_RUN_DEFAULT); })) {}

WorkerThread::~WorkerThread() {
  worker.finish(std::chrono::milliseconds{0});
  thread.join();
}

}  // namespace transport
