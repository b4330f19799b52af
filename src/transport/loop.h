#pragma once

#include <uv.h>

#include <cstdint>
#include <stdexcept>
#include <string>

namespace transport {

/// Base of what owns libuv handles. Used on its loop's thread only, except where a function says
/// otherwise. Must stay where it is until its handles are closed: after `close` or `finish`, until
/// `uv_run` returns.
struct HandleOwner {
  HandleOwner() = default;
  HandleOwner(const HandleOwner&) = delete;
  HandleOwner& operator=(const HandleOwner&) = delete;
};

/// A libuv loop. Its handles must be closed before it ends.
struct Loop : HandleOwner {
  /// Throws std::runtime_error.
  Loop() {
    if (int error = uv_loop_init(&uv); error != 0) {
      throw std::runtime_error(std::string("cannot make an event loop: ") + uv_strerror(error));
    }
  }
  ~Loop() { uv_loop_close(&uv); }

  uv_loop_t uv;
};

/// The time now in milliseconds. As `uv_now`, but not as of the start of the loop's round.
inline uint64_t now() { return uv_hrtime() / 1'000'000; }

/// A handle of any type, as libuv's general functions take it.
template <typename Handle>
uv_handle_t* as_handle(Handle* handle) {
  return reinterpret_cast<uv_handle_t*>(handle);
}

/// A TCP handle, as libuv's stream functions take it.
inline uv_stream_t* as_stream(uv_tcp_t* socket) { return reinterpret_cast<uv_stream_t*>(socket); }

/// The object that the `data` of a handle or request points to.
template <typename Owner, typename Handle>
Owner& owner_of(Handle* handle) {
  return *static_cast<Owner*>(handle->data);
}

}  // namespace transport
