#pragma once

#include <uv.h>

#include <cstdint>
#include <stdexcept>
#include <string>

namespace transport {

/// Base of classes that own libuv handles. They are used on the thread of their loop only, unless a
/// function says otherwise, and must not be moved or destroyed before `uv_run` returns after
/// `close` or `finish`.
struct HandleOwner {
  HandleOwner() = default;
  HandleOwner(const HandleOwner&) = delete;
  HandleOwner& operator=(const HandleOwner&) = delete;
};

/// A libuv loop. Its handles must be closed before it is destroyed.
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

/// The current time in milliseconds, on the clock of `uv_now`, which is updated once an iteration.
inline uint64_t now() { return uv_hrtime() / 1'000'000; }

template <typename Handle>
uv_handle_t* as_handle(Handle* handle) {
  return reinterpret_cast<uv_handle_t*>(handle);
}

inline uv_stream_t* as_stream(uv_tcp_t* socket) { return reinterpret_cast<uv_stream_t*>(socket); }

/// The object that the `data` of a handle or request points to.
template <typename Owner, typename Handle>
Owner& owner_of(Handle* handle) {
  return *static_cast<Owner*>(handle->data);
}

}  // namespace transport
