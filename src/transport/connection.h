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

/// One client: reads its requests, has them answered in order, sends the answers.
class Connection : HandleOwner {
 public:
  /// What the connections of one loop have in common; outlives them.
  struct Shared {
    uv_loop_t* loop;
    const ServerOptions& options;
    Codec& codec;
    FairScheduler& scheduler;
    /// Where bytes are read to; nothing stays there, so that an idle connection costs little.
    std::span<char> read_buffer;
    /// Called once when the connection is closed, as the last thing; may destroy it.
    std::function<void(Connection*)> on_closed;
  };

  explicit Connection(const Shared& shared);

  /// Takes over an accepted socket and starts to read. Called once, and before anything else.
  void open(int socket);

  /// Sends an error and closes, without reading a request.
  void reject(const RequestError& error);

  /// Reads no more and closes as soon as what was read is answered and sent; at once, if that would
  /// take longer than `grace`.
  void finish(std::chrono::milliseconds grace);

  /// Goes on with the requests that were left when the connection was queued.
  void resume();

  /// Closes at once, whatever is unsent; with a TCP RST if asked to.
  void close(bool with_reset = false);

 private:
  /// Serving: requests are read and answered. Finishing: the last answer is made but not all sent.
  /// Lingering: all is sent, input is dropped until the client closes.
  enum class Phase { serving, finishing, lingering };

  static constexpr uint64_t kNever = std::numeric_limits<uint64_t>::max();

  bool all_sent() const { return queue_.empty() && unsent_.empty() && sending_.empty(); }
  bool is_hanging() const { return queue_.empty() && queue_.after() == AfterSend::hang; }
  bool may_serve() const;
  bool has_more_to_serve() const { return !unread_.empty() && may_serve(); }
  size_t untaken_bytes() const;

  void receive(std::string_view bytes);
  size_t serve(std::string_view bytes);
  void enqueue(SendPlan plan);
  void advance();
  void send();
  void on_written(int status);
  void linger();
  void set_reading(bool wanted);
  void on_end_of_input(ssize_t error);
  void note_activity();
  void set_timer();
  void on_timeout();

  const Shared& shared_;
  uv_tcp_t socket_;
  int fd_ = -1;
  uv_write_t write_;
  uv_shutdown_t shutdown_;
  uv_timer_t timer_;

  RequestParser parser_{shared_.options.limits};
  /// Bytes that came after too many requests for one time slice, or while too many answers waited.
  std::string unread_;
  SendQueue queue_;
  /// Bytes that are due but not passed to libuv yet, and those it is sending.
  std::string unsent_;
  std::string sending_;

  Phase phase_ = Phase::serving;
  /// When the request under way must be whole, or the lingering over.
  uint64_t deadline_ = kNever;
  /// When a client that does nothing until then is closed.
  uint64_t idle_deadline_ = 0;
  uint64_t stop_deadline_ = kNever;
  /// `untaken_bytes` at the last activity.
  size_t untaken_then_ = 0;
  size_t dropped_ = 0;
  int open_handles_ = 2;
  bool queued_ = false;
  bool reading_ = false;
  bool input_ended_ = false;
  bool closing_ = false;
};

}  // namespace transport
