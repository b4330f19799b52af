#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "http/message.h"

namespace transport {

/// How large one request may be, in bytes and lines.
struct Limits {
  size_t target_bytes = 8 * 1024;
  /// Request line, header lines and the empty line after them, line ends included. Chunk
  /// extensions and trailers together have as much again.
  size_t head_bytes = 16 * 1024;
  size_t head_lines = 100;
  size_t body_bytes = 1 << 20;
};

/// Why bytes are not a request: the status to answer with, and one ASCII sentence that says what
/// is wrong and what to do. The connection cannot be used after it.
struct Refusal {
  int status = 400;
  std::string reason;
};

/// One whole request, and what its head says about the connection.
struct Frame {
  http::Request request;
  /// 1 for HTTP/1.1, 0 for HTTP/1.0.
  int minor_version = 1;
  /// Whether the client wants to send another request after this one.
  bool keep_alive = true;
};

/// How the body after a head is framed.
struct BodyFraming {
  bool chunked = false;
  /// The body's bytes, if it is not chunked.
  size_t length = 0;
  /// Whether the client waits for `100 Continue` before it sends the body.
  bool expects_continue = false;
};

/// Reads `METHOD TARGET HTTP/1.x` (without its line end) into `frame`.
std::optional<Refusal> read_request_line(std::string_view line, const Limits& limits, Frame& frame);

/// Reads `Name: value` (without its line end) and adds it to `headers`, the value as sent but
/// without the blanks around it.
std::optional<Refusal> read_header_line(std::string_view line, http::Headers& headers);

/// Checks the headers of a whole head against each other (Host, Connection, Content-Length,
/// Transfer-Encoding, Expect), sets `frame.keep_alive` and says how the body is framed. A message
/// that two readers could cut differently is refused (RFC 9112, sections 3.2 and 6).
std::optional<Refusal> settle_head(const Limits& limits, Frame& frame, BodyFraming& body);

/// What a body over the limit is refused with (413).
Refusal body_too_long(const Limits& limits);

/// Whether text has no control character but tabs.
bool is_field_text(std::string_view text);

/// The text without blanks and tabs around it.
std::string_view trim(std::string_view text);

}  // namespace transport
