#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "http/message.h"

namespace transport {

/// What becomes of a connection when an answer has been sent.
enum class Ending {
  /// The next request may come.
  keep_alive,
  /// The client is told that no more will come.
  close,
  /// The client is told that something broke (a TCP reset).
  reset,
  /// Nothing, until the client closes.
  hang,
};

/// Bytes to send, and how long to wait before: from the moment the request was there, or else from
/// the piece before.
struct Piece {
  std::chrono::milliseconds wait{0};
  std::string bytes;
};

/// An answer as it goes over the wire, whatever is to go wrong with it.
struct Delivery {
  std::vector<Piece> pieces;
  Ending ending = Ending::keep_alive;
};

/// How `bytes`, a whole answer of head and body, are delivered with the delay, the fault or the
/// dribble of `response`.
///
/// A dribbled body comes in as many pieces as it can, the last after the whole time. For
/// `malformed_response_chunk` the bytes are a head that announces chunks. Random data is the same
/// each time, so that a failure can be repeated.
Delivery plan_delivery(const http::Response& response, std::string bytes, bool keep_alive);

}  // namespace transport
