#include "transport/connection.h"

#include <sys/ioctl.h>
#include <sys/socket.h>
#include <uv.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "transport/alarm.h"
#include "transport/delivery_queue.h"
#include "transport/framing.h"

namespace transport {
namespace {

/// Answers under way, in bytes, beyond which no further request is read.
constexpr size_t kMaxUnsent = 256 * 1024;
/// Requests of one client that are answered in one turn of the loop, so that others get theirs.
constexpr int kMostAtOnce = 32;
/// What a client may still send, and for how many milliseconds, after its last answer. To close
/// with input unread would reset the connection, and the client might never see that answer.
constexpr size_t kLingerBytes = 16 * 1024 * 1024;
constexpr uint64_t kLingerTime = 10'000;

/// Empties a string and gives its memory back, which `clear` would keep.
void release(std::string& text) { std::string().swap(text); }

uint64_t after(std::chrono::milliseconds time) {
  return now() + static_cast<uint64_t>(time.count()) +
         1;  // The millisecond now may be almost over.
}

int descriptor_of(uv_stream_t* stream) {
  uv_os_fd_t descriptor = -1;
  uv_fileno(reinterpret_cast<uv_handle_t*>(stream), &descriptor);
  return descriptor;
}

int socket_option(uv_stream_t* stream, int name) {
  int value = 0;
  socklen_t size = sizeof value;
  getsockopt(descriptor_of(stream), SOL_SOCKET, name, &value, &size);
  return value;
}

/// Bytes the system has been given for the client that the client has not taken.
size_t count_on_the_way(uv_stream_t* stream) {
  int count = 0;
#ifdef SO_NWRITE  // macOS
  count = socket_option(stream, SO_NWRITE);
#else
  ioctl(descriptor_of(stream), TIOCOUTQ, &count);
#endif
  return static_cast<size_t>(std::max(count, 0));
}

/// Whether a client whose input has ended is gone. libuv may tell a reset that comes along with
/// the last bytes as their end.
bool has_failed(uv_stream_t* stream) { return socket_option(stream, SO_ERROR) != 0; }

}  // namespace

/// A connection is in one of three phases: serving (requests are read and answered), finishing
/// (the last answer is made but not all sent), lingering (all is sent, input is dropped until the
/// client closes). `advance` is the one place that decides what happens next.
class Connection::Impl {
 public:
  Impl(Connection* self, uv_loop_t* loop, const Shared& shared)
      : self_(self),
        shared_(shared),
        alarm_(loop, this, [](void* owner) { static_cast<Impl*>(owner)->time_is_up(); }) {
    uv_tcp_init(loop, &socket_);
    socket_.data = write_.data = this;
  }

  void open(int socket) {
    if (uv_tcp_open(&socket_, socket) != 0) return close();
    uv_tcp_nodelay(&socket_, 1);
    is_active();
    advance();
  }

  void refuse(const Refusal& refusal) {
    deliver(shared_.codec.refuse(reader_.request(), refusal));
    advance();
  }

  void finish(std::chrono::milliseconds grace) {
    if (all_sent() && !has_more_to_serve()) return close();
    stop_at_ = after(grace);
    advance();
  }

  void take_turn() {
    waits_for_turn_ = false;
    is_active();
    unread_.erase(0, serve(unread_));
    advance();
  }

  void close() {
    if (closing_) return;
    uv_close(reinterpret_cast<uv_handle_t*>(&socket_), on_closed);
    closed();
  }

 private:
  enum class Phase { serving, finishing, lingering };

  uv_stream_t* stream() { return reinterpret_cast<uv_stream_t*>(&socket_); }
  bool all_sent() const { return queue_.empty() && unsent_.empty() && sending_.empty(); }
  bool is_hanging() const { return queue_.empty() && queue_.ending() == Ending::hang; }
  bool may_serve() const {
    size_t under_way = queue_.size() + unsent_.size() + sending_.size();
    return !closing_ && phase_ == Phase::serving && under_way < kMaxUnsent;
  }

  bool has_more_to_serve() const { return !unread_.empty() && may_serve(); }

  void receive(std::string_view bytes) {
    is_active();
    if (phase_ != Phase::serving) return drop(bytes.size());
    if (shared_.turns.is_free()) bytes.remove_prefix(serve(bytes));
    unread_ = bytes;  // It was empty: with requests waiting, nothing is read.
    advance();
  }

  /// Answers the first requests in `bytes`, one at least, as far as answers may pile up and time
  /// allows. Gives how many bytes it read.
  size_t serve(std::string_view bytes) {
    std::string_view rest = bytes;
    int answered = 0;
    while (!rest.empty() && may_serve() && answered < kMostAtOnce) {
      if (answered > 0 && shared_.turns.is_over()) break;
      rest.remove_prefix(reader_.read(rest));
      if (reader_.status() == FrameReader::Status::complete) {
        ++answered;
        deliver(shared_.codec.answer(reader_.take_frame()));
        over_at_ = Alarm::kNever;
      } else if (reader_.status() == FrameReader::Status::refused) {
        deliver(shared_.codec.refuse(reader_.request(), reader_.refusal()));
      } else if (reader_.take_continue()) {
        deliver({{Piece{{}, "HTTP/1.1 100 Continue\r\n\r\n"}}, Ending::keep_alive});
      }
    }
    if (!reader_.has_begun()) over_at_ = Alarm::kNever;
    if (reader_.has_begun() && over_at_ == Alarm::kNever) {
      over_at_ = after(shared_.options.request_time);
    }
    return bytes.size() - rest.size();
  }

  void deliver(Delivery delivery) {
    if (delivery.ending != Ending::keep_alive) phase_ = Phase::finishing;
    queue_.push(std::move(delivery), now());
  }

  /// Sends what can be sent and goes on with whatever that allows.
  void advance() {
    if (stop_at_ != Alarm::kNever && unread_.empty()) phase_ = std::max(phase_, Phase::finishing);
    send();
    if (closing_) return;
    if (unread_.empty()) release(unread_);
    if (all_sent() && queue_.ending() == Ending::reset) return reset();
    if (all_sent() && input_ended_) return close();
    if (all_sent() && phase_ == Phase::finishing && !is_hanging()) linger();
    set_reading(phase_ != Phase::serving || (may_serve() && unread_.empty()));
    if (has_more_to_serve() && !waits_for_turn_) {
      waits_for_turn_ = true;
      shared_.turns.wait(self_);
    }
    set_alarm();
  }

  /// Sends at once what is due and the socket takes, and leaves the rest to libuv, one write at a
  /// time.
  void send() {
    queue_.take_due(now(), unsent_);
    if (closing_ || unsent_.empty() || !sending_.empty()) return;
    uv_buf_t bytes = uv_buf_init(unsent_.data(), static_cast<unsigned>(unsent_.size()));
    int sent = uv_try_write(stream(), &bytes, 1);
    if (sent < 0 && sent != UV_EAGAIN) return close();
    size_t count = static_cast<size_t>(std::max(sent, 0));
    if (count < unsent_.size()) {
      sending_ = std::exchange(unsent_, {});
      bytes = uv_buf_init(sending_.data() + count, static_cast<unsigned>(sending_.size() - count));
      if (uv_write(&write_, stream(), &bytes, 1, on_written) != 0) close();
    }
    release(unsent_);
    is_active();
  }

  void written(int status) {
    if (closing_) return;
    if (status != 0) return close();
    release(sending_);
    is_active();
    advance();
  }

  /// Tells the client that no more will come, and waits a while for it to close.
  void linger() {
    phase_ = Phase::lingering;
    release(unread_);
    over_at_ = now() + kLingerTime;
    uv_shutdown(&shutdown_, stream(), [](uv_shutdown_t*, int) {});
  }

  void drop(size_t bytes) {
    dropped_ += bytes;
    if (dropped_ > kLingerBytes) close();
  }

  void reset() {
    if (uv_tcp_close_reset(&socket_, on_closed) != 0) return close();
    closed();
  }

  void closed() {
    closing_ = true;
    shared_.turns.forget(self_);
    alarm_.close(on_closed);
  }

  void set_reading(bool wanted) {
    if (input_ended_ || wanted == reading_) return;
    reading_ = wanted;
    if (!wanted) {
      uv_read_stop(stream());
      return;
    }
    if (uv_read_start(stream(), on_allocate, on_read) != 0) return close();
    if (reader_.has_begun()) over_at_ = after(shared_.options.request_time);
  }

  void end_input(ssize_t error) {
    input_ended_ = true;
    if (error != UV_EOF || has_failed(stream())) return close();
    advance();
  }

  /// What the client has yet to take before libuv can write more; 0 if libuv has nothing to write.
  size_t not_taken() {
    size_t unwritten = uv_stream_get_write_queue_size(stream());
    return unwritten == 0 ? 0 : unwritten + count_on_the_way(stream());
  }

  /// The client has done something; its patience with us, and ours with it, begins anew.
  void is_active() {
    not_taken_then_ = not_taken();
    idle_at_ = now() + static_cast<uint64_t>(shared_.options.idle_time.count());
  }

  /// When something must happen though nothing comes from the client.
  void set_alarm() {
    if (closing_) return;
    if (!queue_.empty()) {
      if (queue_.next_due() > stop_at_) return close();
      alarm_.set(queue_.next_due());
    } else if (is_hanging() || waits_for_turn_) {
      alarm_.set(Alarm::kNever);
    } else {
      alarm_.set(all_sent() ? std::min(over_at_, idle_at_) : idle_at_);
    }
  }

  void time_is_up() {
    bool takes_bytes = not_taken() != not_taken_then_;
    if (!queue_.empty() || takes_bytes) {
      if (takes_bytes) is_active();
      return advance();
    }
    if (all_sent() && phase_ == Phase::serving && reader_.has_begun()) {
      std::string limit = std::to_string(shared_.options.request_time.count());
      return refuse({408, "The request was not whole " + limit +
                              " ms after its first byte; send it faster."});
    }
    close();
  }

  template <typename Handle>
  static Impl& of(Handle* handle) {
    return *static_cast<Impl*>(handle->data);
  }

  static void on_allocate(uv_handle_t* handle, size_t, uv_buf_t* buffer) {
    std::span<char> bytes = of(handle).shared_.read_buffer;
    *buffer = uv_buf_init(bytes.data(), static_cast<unsigned>(bytes.size()));
  }

  static void on_read(uv_stream_t* stream, ssize_t count, const uv_buf_t* buffer) {
    if (count < 0) return of(stream).end_input(count);
    of(stream).receive({buffer->base, static_cast<size_t>(count)});
  }

  static void on_written(uv_write_t* write, int status) { of(write).written(status); }

  static void on_closed(uv_handle_t* handle) {
    Impl& impl = of(handle);
    if (--impl.open_handles_ == 0) impl.shared_.closed(impl.self_);
  }

  Connection* self_;
  const Shared& shared_;
  uv_tcp_t socket_;
  uv_write_t write_;
  uv_shutdown_t shutdown_;
  Alarm alarm_;

  FrameReader reader_{shared_.options.limits};
  /// Bytes that came after too many requests for one turn, or while too many answers waited.
  std::string unread_;
  DeliveryQueue queue_;
  /// Bytes that are due but not given to libuv yet, and those it is sending.
  std::string unsent_;
  std::string sending_;

  Phase phase_ = Phase::serving;
  /// When the request under way must be whole, or the lingering over.
  uint64_t over_at_ = Alarm::kNever;
  /// When a client that does nothing until then is given up.
  uint64_t idle_at_ = 0;
  uint64_t stop_at_ = Alarm::kNever;
  size_t not_taken_then_ = 0;
  size_t dropped_ = 0;
  int open_handles_ = 2;
  bool waits_for_turn_ = false;
  bool reading_ = false;
  bool input_ended_ = false;
  bool closing_ = false;
};

Connection::Connection(uv_loop_s* loop, const Shared& shared)
    : impl_(std::make_unique<Impl>(this, loop, shared)) {}

Connection::~Connection() = default;

void Connection::open(int socket) { impl_->open(socket); }
void Connection::refuse(const Refusal& refusal) { impl_->refuse(refusal); }
void Connection::finish(std::chrono::milliseconds grace) { impl_->finish(grace); }
void Connection::take_turn() { impl_->take_turn(); }
void Connection::close() { impl_->close(); }

}  // namespace transport
