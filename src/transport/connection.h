#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <limits>
#include <span>
#include <string>
#include <string_view>

#include "transport/codec.h"
#include "transport/fair_scheduler.h"
#include "transport/request_parser.h"
#include "transport/send_plan.h"
#include "transport/server_options.h"

namespace transport {

/// One client connection: reads requests, and sends the responses in the same order.
class Connection : HandleOwner {
 public:
  /// What the connections of one loop share; outlives them.
  struct Shared {
    uv_loop_t* loop;
    const ServerOptions& options;
    Codec& codec;
    FairScheduler& scheduler;
    /// For each read. Nothing stays in it, so that an idle connection costs little memory.
    std::span<char> read_buffer;
    /// The bytes of responses that are not sent yet, of all these connections.
    size_t& pending_bytes;
    /// Called once when the connection is closed, at the very end; may destroy it.
    std::function<void(Connection*)> on_closed;
  };

  explicit Connection(const Shared& shared);

  /// Takes ownership of an accepted socket and starts to read. Called once, before all others.
  void open(int socket);

  /// Sends an error and closes, without reading a request.
  void reject(const RequestError& error);

  /// Stops reading, and closes when all received requests have their responses; immediately if a
  /// response is due later than `grace`.
  void finish(std::chrono::milliseconds grace);

  /// Continues with the requests that were left when the connection was queued.
  void resume();

  /// Closes immediately and drops unsent bytes; `with_reset` sends a TCP RST.
  void close(bool with_reset = false);

 private:
  /// Serving: requests are read and handled. Finishing: the last response is not completely sent.
  /// Lingering: all is sent, and input is dropped until the client closes.
  enum class Phase { serving, finishing, lingering };

  static constexpr uint64_t kNever = std::numeric_limits<uint64_t>::max();

  size_t pending() const { return queue_.size() + unsent_.size() + sending_.size(); }
  void count_pending();
  bool all_sent() const { return queue_.empty() && unsent_.empty() && sending_.empty(); }
  bool is_hanging() const { return queue_.empty() && queue_.after() == AfterSend::hang; }
  bool may_serve() const;
  bool has_more_to_serve() const { return !unread_.empty() && may_serve(); }
  size_t unacknowledged_bytes() const;

  void receive(std::string_view bytes);
  size_t serve(std::string_view bytes);
  void enqueue(SendPlan plan);
  void advance();
  void send();
  void on_written(int status);
  void linger();
  void set_reading(bool wanted);
  void on_end_of_input(ssize_t error);
  void note_activity(uint64_t time);
  uint64_t next_deadline() const;
  void set_timer();
  void on_timeout();

  const Shared& shared_;
  uv_tcp_t socket_;
  int fd_ = -1;
  uv_write_t write_;
  uv_shutdown_t shutdown_;
  uv_timer_t timer_;

  RequestParser parser_{shared_.options.limits};
  /// Bytes received after the requests of this time slice, or while too many responses waited.
  std::string unread_;
  SendQueue queue_;
  /// Bytes that are due but not passed to libuv yet, and bytes that it is sending.
  std::string unsent_;
  std::string sending_;

  Phase phase_ = Phase::serving;
  /// When the current request must be complete, or lingering ends.
  uint64_t deadline_ = kNever;
  /// When an inactive connection is closed.
  uint64_t idle_deadline_ = 0;
  uint64_t stop_deadline_ = kNever;
  /// When the timer ends.
  uint64_t timer_end_ = kNever;
  /// At the last activity.
  size_t last_unacknowledged_bytes_ = 0;
  /// How many of its bytes `Shared::pending_bytes` includes.
  size_t counted_bytes_ = 0;
  int open_handles_ = 2;
  bool queued_ = false;
  bool reading_ = false;
  bool input_ended_ = false;
  bool closing_ = false;
};

}  // namespace transport
