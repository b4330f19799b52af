#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "transport/request_head.h"

namespace transport {

/// Cuts a stream of bytes into requests: a pure function of the bytes, however they are split.
///
/// Bytes are given to `read` as they come and looked at once. What the reader keeps is the request
/// so far, so an idle one holds next to nothing. Not thread-safe.
class FrameReader {
 public:
  enum class Status {
    /// More bytes are needed.
    incomplete,
    /// A whole request is there: `take_frame` has it.
    complete,
    /// The bytes are not a request: `refusal` says why. Nothing more can be read.
    refused,
  };

  explicit FrameReader(const Limits& limits = {});

  /// Reads on, up to the end of one request at most. Gives how many of the bytes belong to it;
  /// the others are to be given again after `take_frame`.
  size_t read(std::string_view bytes);

  Status status() const { return status_; }

  /// Whether a part of a request is there; empty lines before one do not count.
  bool has_begun() const { return part_ != Part::request_line || !line_.empty(); }

  /// The request as far as it was read.
  const http::Request& request() const { return frame_.request; }

  /// Whether the client waits for `100 Continue` before it sends the body. True once a request.
  bool take_continue();

  /// The complete request. The reader begins with the next one.
  Frame take_frame();

  /// Why the bytes were refused.
  const Refusal& refusal() const { return refusal_; }

 private:
  /// What the next byte belongs to.
  enum class Part { request_line, header, body, chunk_size, chunk_data, chunk_end, trailer };

  std::optional<std::string_view> next_line(std::string_view& bytes);
  void read_line(std::string_view line);
  void read_body(std::string_view& bytes);
  std::optional<Refusal> read_request_line(std::string_view line);
  std::optional<Refusal> read_header(std::string_view line);
  std::optional<Refusal> read_chunk_size(std::string_view line);
  std::optional<Refusal> read_trailer(std::string_view line);
  std::optional<Refusal> end_head();
  std::optional<Refusal> spend(size_t bytes, size_t lines);
  std::optional<Refusal> check_start(std::string_view bytes) const;
  size_t longest_line() const;
  Refusal line_too_long() const;
  void refuse(Refusal refusal);

  Limits limits_;
  Status status_ = Status::incomplete;
  Part part_ = Part::request_line;
  Frame frame_;
  BodyFraming body_;
  Refusal refusal_;
  /// The beginning of a line whose end has not come yet.
  std::string line_;
  /// What may still come of the head, later of chunk extensions and trailers.
  size_t bytes_left_;
  size_t lines_left_;
  /// What is still to come of the body, or of the chunk.
  size_t data_left_ = 0;
  int blank_lines_ = 0;
  bool continue_due_ = false;
};

}  // namespace transport
