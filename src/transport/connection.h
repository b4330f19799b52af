#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <span>

#include "transport/codec.h"
#include "transport/server_options.h"
#include "transport/turns.h"

struct uv_loop_s;

namespace transport {

/// One client: reads its requests, has them answered in order, delivers the answers.
///
/// Everything happens on the loop's thread. The object must live until `closed` is called.
class Connection {
 public:
  /// What the connections of one loop have in common; outlives them.
  struct Shared {
    const ServerOptions& options;
    Codec& codec;
    Turns& turns;
    /// Where bytes are read to; nothing stays there, so that an idle connection costs little.
    std::span<char> read_buffer;
    /// Called once when the connection is closed, as the last thing; may destroy it.
    std::function<void(Connection*)> closed;
  };

  Connection(uv_loop_s* loop, const Shared& shared);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Takes over an accepted socket and begins to read. Called once, and before anything else.
  void open(int socket);

  /// Sends a refusal and closes, without reading a request.
  void refuse(const Refusal& refusal);

  /// Reads no more and closes as soon as what was read is answered and sent; at once, if that would
  /// take longer than `grace`.
  void finish(std::chrono::milliseconds grace);

  /// Goes on with the requests that were left for this turn.
  void take_turn();

  /// Closes at once, whatever is unsent.
  void close();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace transport
