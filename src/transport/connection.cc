#include "transport/connection.h"

#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <utility>

namespace transport {
namespace {

/// While more bytes of responses wait to be sent, no further request is read.
constexpr size_t kMaxUnsentBytes = 256 * 1024;
/// Requests of one client that are handled in one time slice, so that others are not held up.
constexpr int kMaxRequestsPerSlice = 32;
/// How long a client may keep sending after its last response, in milliseconds. Closing with unread
/// input would reset the connection, and the client might never see that response.
constexpr uint64_t kMaxLingerTime = 10'000;

const RequestError kTooManyPending{
    503, "Too many bytes of responses wait until clients read them; read or close them."};

/// Empties a string and frees its memory.
void release(std::string& bytes) { std::string().swap(bytes); }

/// The current millisecond may be almost over, so one is added.
uint64_t deadline_after(std::chrono::milliseconds time) {
  return now() + static_cast<uint64_t>(time.count()) + 1;
}

int socket_option(int socket, int name) {
  int value = 0;
  socklen_t size = sizeof value;
  getsockopt(socket, SOL_SOCKET, name, &value, &size);
  return value;
}

}  // namespace

Connection::Connection(const Shared& shared) : shared_(shared) {
  uv_tcp_init(shared.loop, &socket_);
  uv_timer_init(shared.loop, &timer_);
  socket_.data = timer_.data = write_.data = this;
}

void Connection::open(int socket) {
  fd_ = socket;
  if (uv_tcp_open(&socket_, fd_) != 0) return close();
  uv_tcp_nodelay(&socket_, 1);
  note_activity(now());
  advance();
}

void Connection::reject(const RequestError& error) {
  enqueue(shared_.codec.reject(parser_.request(), error));
  advance();
}

void Connection::finish(std::chrono::milliseconds grace) {
  if (all_sent() && !has_more_to_serve()) return close();
  stop_deadline_ = deadline_after(grace);
  advance();
}

void Connection::resume() {
  queued_ = false;
  note_activity(now());
  unread_.erase(0, serve(unread_));
  advance();
}

void Connection::close(bool with_reset) {
  if (std::exchange(closing_, true)) return;
  auto on_handle_closed = [](uv_handle_t* handle) {
    Connection& connection = owner_of<Connection>(handle);
    if (--connection.open_handles_ == 0) connection.shared_.on_closed(&connection);
  };
  if (!with_reset || uv_tcp_close_reset(&socket_, on_handle_closed) != 0) {
    uv_close(as_handle(&socket_), on_handle_closed);
  }
  uv_close(as_handle(&timer_), on_handle_closed);
  shared_.scheduler.remove(this);
  count_pending();
}

/// Updates the number of bytes that this connection adds to those of all.
void Connection::count_pending() {
  size_t bytes = closing_ ? 0 : pending();
  shared_.pending_bytes += bytes - counted_bytes_;  // Wraps if there are fewer.
  counted_bytes_ = bytes;
}

bool Connection::may_serve() const {
  return !closing_ && phase_ == Phase::serving && pending() < kMaxUnsentBytes;
}

void Connection::receive(std::string_view bytes) {
  uint64_t time = now();
  note_activity(time);
  if (phase_ != Phase::serving) return;
  if (shared_.scheduler.may_run(time)) bytes.remove_prefix(serve(bytes));
  unread_ = bytes;  // It was empty: the socket is not read while requests wait.
  advance();
}

/// Handles the first requests in `bytes`, at least one, within the limits on time and unsent bytes.
/// Returns how many bytes it consumed.
size_t Connection::serve(std::string_view bytes) {
  std::string_view rest = bytes;
  int handled = 0;
  while (!rest.empty() && may_serve() && handled < kMaxRequestsPerSlice) {
    if (handled > 0 && shared_.scheduler.is_slice_over()) break;
    rest.remove_prefix(parser_.read(rest));
    if (parser_.status() == RequestParser::Status::complete) {
      ++handled;
      enqueue(shared_.pending_bytes > shared_.options.max_pending_bytes
                  ? shared_.codec.reject(parser_.request(), kTooManyPending)
                  : shared_.codec.respond(parser_.take()));
      deadline_ = kNever;
    } else if (parser_.status() == RequestParser::Status::rejected) {
      enqueue(shared_.codec.reject(parser_.request(), parser_.error()));
    } else if (parser_.take_continue()) {
      enqueue({{Chunk{{}, "HTTP/1.1 100 Continue\r\n\r\n"}}, AfterSend::keep_alive});
    }
  }
  if (!parser_.has_begun()) deadline_ = kNever;
  if (parser_.has_begun() && deadline_ == kNever) {
    deadline_ = deadline_after(shared_.options.request_time);
  }
  return bytes.size() - rest.size();
}

void Connection::enqueue(SendPlan plan) {
  if (plan.after != AfterSend::keep_alive) phase_ = Phase::finishing;
  queue_.push(std::move(plan), now());
  count_pending();
}

/// Sends what is due, then decides what happens next: close, linger, read, or wait in the queue.
void Connection::advance() {
  if (stop_deadline_ != kNever && unread_.empty()) phase_ = std::max(phase_, Phase::finishing);
  send();
  if (closing_) return;
  if (unread_.empty()) release(unread_);
  if (all_sent() && queue_.after() == AfterSend::reset) return close(true);
  if (all_sent() && input_ended_) return close();
  if (all_sent() && phase_ == Phase::finishing && !is_hanging()) linger();
  set_reading(phase_ != Phase::serving || (may_serve() && unread_.empty()));
  if (has_more_to_serve() && !queued_) {
    queued_ = true;
    shared_.scheduler.enqueue(this);
  }
  set_timer();
}

/// Writes what is due. What the socket does not accept is left to libuv, one write at a time.
void Connection::send() {
  uint64_t time = now();
  queue_.take_due(time, unsent_);
  if (closing_ || unsent_.empty() || !sending_.empty()) return;
  uv_buf_t bytes = uv_buf_init(unsent_.data(), static_cast<unsigned>(unsent_.size()));
  int sent = uv_try_write(as_stream(&socket_), &bytes, 1);
  if (sent < 0 && sent != UV_EAGAIN) return close();
  size_t count = static_cast<size_t>(std::max(sent, 0));
  if (count < unsent_.size()) {
    sending_ = std::exchange(unsent_, {});
    bytes = uv_buf_init(sending_.data() + count, static_cast<unsigned>(sending_.size() - count));
    auto on_done = [](uv_write_t* write, int status) {
      owner_of<Connection>(write).on_written(status);
    };
    if (uv_write(&write_, as_stream(&socket_), &bytes, 1, on_done) != 0) return close();
  }
  release(unsent_);
  count_pending();
  note_activity(time);
}

void Connection::on_written(int status) {
  if (closing_) return;
  if (status != 0) return close();
  release(sending_);
  note_activity(now());
  advance();
}

/// Shuts down the sending side, and waits for the client to close.
void Connection::linger() {
  phase_ = Phase::lingering;
  release(unread_);
  deadline_ = now() + kMaxLingerTime;
  uv_shutdown(&shutdown_, as_stream(&socket_), [](uv_shutdown_t*, int) {});
}

void Connection::set_reading(bool wanted) {
  if (input_ended_ || wanted == reading_) return;
  reading_ = wanted;
  if (!wanted) {
    uv_read_stop(as_stream(&socket_));
    return;
  }
  auto allocate = [](uv_handle_t* handle, size_t, uv_buf_t* buffer) {
    std::span<char> bytes = owner_of<Connection>(handle).shared_.read_buffer;
    *buffer = uv_buf_init(bytes.data(), static_cast<unsigned>(bytes.size()));
  };
  auto on_read = [](uv_stream_t* stream, ssize_t count, const uv_buf_t* buffer) {
    Connection& connection = owner_of<Connection>(stream);
    if (count < 0) return connection.on_end_of_input(count);
    connection.receive({buffer->base, static_cast<size_t>(count)});
  };
  if (uv_read_start(as_stream(&socket_), allocate, on_read) != 0) return close();
  if (parser_.has_begun()) deadline_ = deadline_after(shared_.options.request_time);
}

void Connection::on_end_of_input(ssize_t error) {
  input_ended_ = true;
  // libuv may report a reset that arrives with the last bytes as a normal end.
  if (error != UV_EOF || socket_option(fd_, SO_ERROR) != 0) return close();
  advance();
}

/// Bytes that libuv and the system still have to deliver; 0 if libuv has nothing left to write.
size_t Connection::unacknowledged_bytes() const {
  if (socket_.write_queue_size == 0) return 0;
  int in_flight = 0;
#ifdef SO_NWRITE  // macOS
  in_flight = socket_option(fd_, SO_NWRITE);
#else
  ioctl(fd_, TIOCOUTQ, &in_flight);
#endif
  return socket_.write_queue_size + static_cast<size_t>(std::max(in_flight, 0));
}

/// Restarts the idle timeout.
void Connection::note_activity(uint64_t time) {
  last_unacknowledged_bytes_ = unacknowledged_bytes();
  idle_deadline_ = time + static_cast<uint64_t>(shared_.options.idle_time.count());
}

/// When something is to be done next, other than on an event of the socket.
uint64_t Connection::next_deadline() const {
  if (!queue_.empty()) return queue_.next_due();
  if (is_hanging() || queued_) return kNever;
  return all_sent() ? std::min(deadline_, idle_deadline_) : idle_deadline_;
}

/// Makes sure that the timer ends at the next deadline or before. Each request postpones that, so a
/// timer that ends too early is left as it is and set again when it ends.
void Connection::set_timer() {
  if (closing_) return;
  uint64_t at = next_deadline();
  if (!queue_.empty() && at > stop_deadline_) return close();
  if (at >= timer_end_) return;
  timer_end_ = at;
  uint64_t loop_time = uv_now(shared_.loop);
  uv_timer_start(
      &timer_, [](uv_timer_t* timer) { owner_of<Connection>(timer).on_timeout(); },
      at > loop_time ? at - loop_time : 0, 0);
}

void Connection::on_timeout() {
  timer_end_ = kNever;
  if (next_deadline() > uv_now(shared_.loop)) return set_timer();
  bool is_reading = unacknowledged_bytes() != last_unacknowledged_bytes_;
  if (is_reading) note_activity(now());
  if (is_reading || !queue_.empty()) return advance();
  if (all_sent() && phase_ == Phase::serving && parser_.has_begun()) {
    std::string limit = std::to_string(shared_.options.request_time.count());
    return reject({408, "The request was not complete " + limit +
                            " ms after its first byte; send it faster."});
  }
  close();
}

}  // namespace transport
