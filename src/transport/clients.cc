#include "transport/clients.h"

#include <unistd.h>
#include <uv.h>

#include <atomic>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "transport/codec.h"
#include "transport/connection.h"
#include "transport/turns.h"

namespace transport {
namespace {

constexpr size_t kReadBufferBytes = 64 * 1024;

template <typename Handle>
uv_handle_t* as_handle(Handle* handle) {
  return reinterpret_cast<uv_handle_t*>(handle);
}

/// A socket on its way to its loop.
struct Newcomer {
  int socket;
  bool is_welcome;
};

struct Client {
  std::unique_ptr<Connection> connection;
  /// Who is not was turned away and does not count.
  bool is_welcome;
};

}  // namespace

class Clients::Impl {
 public:
  Impl(uv_loop_t* loop, const Handler& handler, const ServerOptions& options)
      : loop_(loop), options_(options), codec_(handler, options_) {
    uv_async_init(loop, &wake_, [](uv_async_t* wake) { of(wake).obey(); });
    uv_timer_init(loop, &grace_);
    wake_.data = grace_.data = this;
  }

  void adopt(int socket, bool is_welcome) {
    base::MutexLock lock(mutex_);
    if (grace_given_) {
      ::close(socket);
      return;
    }
    if (is_welcome) ++count_;
    newcomers_.push_back({socket, is_welcome});
    uv_async_send(&wake_);
  }

  void finish(std::chrono::milliseconds grace) {
    base::MutexLock lock(mutex_);
    if (grace_given_) return;
    grace_given_ = grace;
    uv_async_send(&wake_);
  }

  size_t count() const { return count_; }

 private:
  /// Does what other threads asked for.
  void obey() {
    std::vector<Newcomer> newcomers;
    std::optional<std::chrono::milliseconds> grace;
    {
      base::MutexLock lock(mutex_);
      newcomers.swap(newcomers_);
      grace = grace_given_;
    }
    for (const Newcomer& newcomer : newcomers) welcome(newcomer);
    if (grace) close_within(*grace);
  }

  void welcome(const Newcomer& newcomer) {
    auto owner = std::make_unique<Connection>(loop_, shared_);
    Connection& connection = *owner;
    connections_.emplace(&connection, Client{std::move(owner), newcomer.is_welcome});
    connection.open(newcomer.socket);
    if (newcomer.is_welcome) return;
    connection.refuse({503, "There are " + std::to_string(options_.max_connections) +
                                " connections, and there may be no more; close some."});
  }

  void closed(Connection* connection) {
    auto found = connections_.find(connection);
    if (found->second.is_welcome) --count_;
    connections_.erase(found);
    if (finishing_ && connections_.empty()) close_handles();
  }

  /// Called once: nobody comes after a grace was given, so nothing wakes the loop for it again.
  void close_within(std::chrono::milliseconds grace) {
    finishing_ = true;
    if (connections_.empty()) return close_handles();
    for (auto& [connection, client] : connections_) connection->finish(grace);
    uv_timer_start(
        &grace_, [](uv_timer_t* timer) { of(timer).close_all(); },
        static_cast<uint64_t>(grace.count()), 0);
  }

  void close_all() {
    for (auto& [connection, client] : connections_) connection->close();
  }

  void close_handles() {
    uv_close(as_handle(&wake_), nullptr);
    uv_close(as_handle(&grace_), nullptr);
    turns_.close();
  }

  template <typename Handle>
  static Impl& of(Handle* handle) {
    return *static_cast<Impl*>(handle->data);
  }

  uv_loop_t* loop_;
  const ServerOptions options_;
  Codec codec_;
  Turns turns_{loop_, [](Connection* next) { next->take_turn(); }};
  std::vector<char> read_buffer_ = std::vector<char>(kReadBufferBytes);
  const Connection::Shared shared_{options_, codec_, turns_, read_buffer_,
                                   [this](Connection* it) { closed(it); }};
  std::unordered_map<Connection*, Client> connections_;
  std::atomic<size_t> count_ = 0;
  bool finishing_ = false;

  uv_timer_t grace_;
  uv_async_t wake_;
  /// Guards what other threads tell the loop's. Held for moments, and under it no other is taken.
  base::Mutex mutex_;
  std::vector<Newcomer> newcomers_ GUARDED_BY(mutex_);
  std::optional<std::chrono::milliseconds> grace_given_ GUARDED_BY(mutex_);
};

Clients::Clients(uv_loop_s* loop, const Handler& handler, const ServerOptions& options)
    : impl_(std::make_unique<Impl>(loop, handler, options)) {}

Clients::~Clients() = default;

void Clients::adopt(int socket) { impl_->adopt(socket, true); }
void Clients::turn_away(int socket) { impl_->adopt(socket, false); }
void Clients::finish(std::chrono::milliseconds grace) { impl_->finish(grace); }
size_t Clients::count() const { return impl_->count(); }

}  // namespace transport
