#pragma once

#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "http/message.h"
#include "transport/server_options.h"

namespace transport {

/// The bytes are not a valid request. The message is one ASCII sentence that says what is wrong and
/// what to do. The connection cannot be used afterwards.
class RequestError : public std::runtime_error {
 public:
  RequestError(int http_status, const std::string& reason)
      : std::runtime_error(reason), status(http_status) {}

  int status;
};

/// One complete request, and what its head says about the connection.
struct ParsedRequest {
  http::Request request;
  /// 1 for HTTP/1.1, 0 for HTTP/1.0.
  int minor_version = 1;
  /// Whether the client wants to send another request after this one.
  bool keep_alive = true;
};

/// Splits a byte stream into requests. Where the stream is split into reads does not matter.
///
/// It stores only the current request, so an idle parser needs little memory. Not thread-safe.
class RequestParser {
 public:
  enum class Status {
    incomplete,  ///< More bytes are needed.
    complete,    ///< A request is complete; `take` returns it.
    rejected,    ///< The bytes are not a request; `error` says why. Nothing more can be read.
  };

  explicit RequestParser(const Limits& limits = {});

  /// Reads up to the end of one request. Returns how many bytes it consumed; pass the others again
  /// after `take`.
  size_t read(std::string_view bytes);

  Status status() const { return status_; }

  /// Whether a part of a request has been read. Empty lines before a request do not count.
  bool has_begun() const { return part_ != Part::request_line || !line_.empty(); }

  /// The request as far as it was read.
  const http::Request& request() const { return parsed_.request; }

  /// Whether `100 Continue` must be sent before the client sends the body. True once per request.
  bool take_continue() { return std::exchange(continue_due_, false); }

  /// Returns the complete request, and prepares for the next one.
  ParsedRequest take();

  /// Why the bytes were rejected.
  const RequestError& error() const { return *error_; }

 private:
  /// What the next byte belongs to.
  enum class Part { request_line, header, body, chunk_size, chunk_data, chunk_end, trailer };

  std::optional<std::string_view> next_line(std::string_view& bytes);
  void read_line(std::string_view line);
  void read_body(std::string_view& bytes);
  void read_request_line(std::string_view line);
  void read_header(std::string_view line);
  void read_chunk_size(std::string_view line);
  void end_head();
  void consume(size_t bytes, size_t lines);
  size_t max_line_bytes() const;
  RequestError line_too_long() const;

  Limits limits_;
  Status status_ = Status::incomplete;
  Part part_ = Part::request_line;
  ParsedRequest parsed_;
  std::optional<RequestError> error_;
  /// The start of a line whose end has not been received.
  std::string line_;
  /// Remaining limits of the head, later of chunk extensions and trailers.
  size_t bytes_left_;
  size_t lines_left_;
  /// Missing bytes of the body or chunk.
  size_t data_left_ = 0;
  bool continue_due_ = false;
};

}  // namespace transport
