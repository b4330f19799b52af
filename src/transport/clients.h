#pragma once

#include <chrono>
#include <cstddef>
#include <memory>

#include "transport/server_options.h"

struct uv_loop_s;

namespace transport {

/// The connections served by one loop.
///
/// They live on the loop's thread; `adopt`, `finish` and `count` may be called from any. The loop
/// runs until all is closed, so until some time after `finish`; the object must live until then.
class Clients {
 public:
  Clients(uv_loop_s* loop, const Handler& handler, const ServerOptions& options);
  ~Clients();
  Clients(const Clients&) = delete;
  Clients& operator=(const Clients&) = delete;

  /// Takes over an accepted socket, and serves who is there; or only refuses it.
  void adopt(int socket);
  void turn_away(int socket);

  /// Closes whoever has all answers, the others as soon as they have, and after `grace` all.
  void finish(std::chrono::milliseconds grace);

  /// How many there are, those being adopted included.
  size_t count() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace transport
