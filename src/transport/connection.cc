#include "transport/connection.h"

#include <uv.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "transport/framing.h"

namespace transport {
namespace {

/// Unsent answers, in bytes, beyond which no further request is read.
constexpr size_t kMaxUnsent = 256 * 1024;
/// What a client may still send, and for how long, after its last answer. To close with input
/// unread would reset the connection, and the client might never see that answer.
constexpr size_t kLingerBytes = 16 * 1024 * 1024;
constexpr uint64_t kLingerMilliseconds = 10'000;

/// Empties a string and gives its memory back, which `clear` would keep.
void release(std::string& text) { std::string().swap(text); }

template <typename Handle>
uv_handle_t* as_handle(Handle* handle) {
  return reinterpret_cast<uv_handle_t*>(handle);
}

}  // namespace

/// A connection is in one of three phases: serving (requests are read and answered), finishing
/// (the last answer is made but not all sent), lingering (all is sent, input is dropped until the
/// client closes). `advance` is the one place that decides what happens next.
class Connection::Impl {
 public:
  Impl(Connection* self, uv_loop_t* loop, const Shared& shared) : self_(self), shared_(shared) {
    uv_tcp_init(loop, &socket_);
    uv_timer_init(loop, &timer_);
    socket_.data = timer_.data = write_.data = this;
  }

  void accept(uv_stream_t* listener) {
    if (uv_accept(listener, stream()) != 0) return close();
    uv_tcp_nodelay(&socket_, 1);
    advance();
  }

  void finish() {
    if (all_sent()) return close();
    phase_ = std::max(phase_, Phase::finishing);
  }

  void close() {
    if (std::exchange(closing_, true)) return;
    uv_close(as_handle(&socket_), on_closed);
    uv_close(as_handle(&timer_), on_closed);
  }

 private:
  enum class Phase { serving, finishing, lingering };

  uv_stream_t* stream() { return reinterpret_cast<uv_stream_t*>(&socket_); }
  bool all_sent() const { return unsent_.empty() && sending_.empty(); }
  bool may_serve() const {
    return !closing_ && phase_ == Phase::serving && unsent_.size() + sending_.size() < kMaxUnsent;
  }

  void receive(std::string_view bytes) {
    if (phase_ != Phase::serving) return drop(bytes.size());
    unread_ = bytes.substr(serve(bytes));  // It was empty: with requests waiting, nothing is read.
    advance();
  }

  /// Answers the requests in `bytes`, as far as answers may pile up. Gives how many bytes it read.
  size_t serve(std::string_view bytes) {
    std::string_view rest = bytes;
    while (!rest.empty() && may_serve()) {
      rest.remove_prefix(reader_.read(rest));
      if (reader_.status() == FrameReader::Status::complete) {
        answer(reader_.take_frame());
      } else if (reader_.status() == FrameReader::Status::refused) {
        unsent_ += shared_.codec.refuse(reader_.refusal());
        phase_ = Phase::finishing;
      } else if (reader_.take_continue()) {
        unsent_ += "HTTP/1.1 100 Continue\r\n\r\n";
      }
    }
    return bytes.size() - rest.size();
  }

  void answer(const Frame& frame) {
    Answer answer = shared_.codec.answer(frame);
    if (unsent_.empty()) {
      unsent_ = std::move(answer.bytes);
    } else {
      unsent_ += answer.bytes;
    }
    if (!answer.keep_alive) phase_ = Phase::finishing;
  }

  /// Sends what can be sent and goes on with whatever that allows.
  void advance() {
    send();
    while (!unread_.empty() && may_serve()) {
      unread_.erase(0, serve(unread_));
      send();
    }
    if (closing_) return;
    if (unread_.empty()) release(unread_);
    if (all_sent() && input_ended_) return close();
    if (all_sent() && phase_ == Phase::finishing) linger();
    set_reading(phase_ != Phase::serving || may_serve());
  }

  /// Sends at once what the socket takes and leaves the rest to libuv, one write at a time.
  void send() {
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
  }

  void written(int status) {
    if (closing_) return;
    if (status != 0) return close();
    release(sending_);
    advance();
  }

  /// Tells the client that no more will come, and waits a while for it to close.
  void linger() {
    phase_ = Phase::lingering;
    release(unread_);
    uv_timer_start(
        &timer_, [](uv_timer_t* timer) { of(timer).close(); }, kLingerMilliseconds, 0);
    uv_shutdown(&shutdown_, stream(), [](uv_shutdown_t*, int) {});
  }

  void drop(size_t bytes) {
    dropped_ += bytes;
    if (dropped_ > kLingerBytes) close();
  }

  void set_reading(bool wanted) {
    if (input_ended_ || wanted == reading_) return;
    reading_ = wanted;
    if (!wanted) {
      uv_read_stop(stream());
    } else if (uv_read_start(stream(), on_allocate, on_read) != 0) {
      close();
    }
  }

  void end_input(ssize_t error) {
    input_ended_ = true;
    if (error != UV_EOF) return close();
    advance();
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
  uv_timer_t timer_;
  uv_write_t write_;
  uv_shutdown_t shutdown_;

  FrameReader reader_;
  /// Bytes that came while too many answers waited to be sent.
  std::string unread_;
  /// Answers not given to libuv yet, and those it is sending.
  std::string unsent_;
  std::string sending_;

  Phase phase_ = Phase::serving;
  size_t dropped_ = 0;
  int open_handles_ = 2;
  bool reading_ = false;
  bool input_ended_ = false;
  bool closing_ = false;
};

Connection::Connection(uv_loop_s* loop, const Shared& shared)
    : impl_(std::make_unique<Impl>(this, loop, shared)) {}

Connection::~Connection() = default;

void Connection::accept(uv_stream_s* listener) { impl_->accept(listener); }
void Connection::finish() { impl_->finish(); }
void Connection::close() { impl_->close(); }

}  // namespace transport
