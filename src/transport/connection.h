#pragma once

#include <functional>
#include <memory>
#include <span>

#include "transport/codec.h"

struct uv_loop_s;
struct uv_stream_s;

namespace transport {

/// One client: reads its requests, has them answered in order, writes the answers.
///
/// Everything happens on the loop's thread. The object must live until `closed` is called.
class Connection {
 public:
  /// What the connections of one loop have in common; outlives them.
  struct Shared {
    Codec& codec;
    /// Where bytes are read to; nothing stays there, so that an idle connection costs little.
    std::span<char> read_buffer;
    /// Called once when the connection is closed, as the last thing; may destroy it.
    std::function<void(Connection*)> closed;
  };

  Connection(uv_loop_s* loop, const Shared& shared);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Takes the client that waits at `listener`, and begins to read. Called once.
  void accept(uv_stream_s* listener);

  /// Reads no more requests; closes as soon as the answers already made are sent.
  void finish();

  /// Closes at once, whatever is unsent.
  void close();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace transport
