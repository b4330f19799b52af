#include "transport/framing.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace transport {
namespace {

/// Some clients end a body with a line end that is not part of it (RFC 9112, section 2.2).
constexpr int kMaxBlankLines = 4;
/// Enough for any 64-bit size.
constexpr size_t kMaxChunkSizeDigits = 16;
constexpr std::string_view kLineEnd = "\r\n";

size_t count_hex_digits(std::string_view text) {
  return std::min(text.find_first_not_of("0123456789abcdefABCDEF"), text.size());
}

}  // namespace

FrameReader::FrameReader(const Limits& limits)
    : limits_(limits), bytes_left_(limits.head_bytes), lines_left_(limits.head_lines) {}

size_t FrameReader::read(std::string_view bytes) {
  std::string_view rest = bytes;
  while (status_ == Status::incomplete && !rest.empty()) {
    if (part_ == Part::body || part_ == Part::chunk_data) {
      read_body(rest);
    } else if (auto line = next_line(rest)) {
      read_line(*line);
      line_.clear();
    }
  }
  return bytes.size() - rest.size();
}

bool FrameReader::take_continue() { return std::exchange(continue_due_, false); }

Frame FrameReader::take_frame() {
  Frame frame = std::move(frame_);
  *this = FrameReader(limits_);
  return frame;
}

/// Gives the next line with its line end, or nothing if it has not come yet or is refused. The
/// line lies in `bytes` or, if it came in pieces, in `line_`.
std::optional<std::string_view> FrameReader::next_line(std::string_view& bytes) {
  if (auto refusal = check_start(bytes)) {
    refuse(std::move(*refusal));
    return std::nullopt;
  }
  size_t end = bytes.find('\n');
  bool whole = end != std::string_view::npos;
  std::string_view piece = whole ? bytes.substr(0, end + 1) : bytes;
  if (line_.size() + piece.size() > longest_line()) {
    line_ += piece;
    refuse(line_too_long());
    return std::nullopt;
  }
  bytes.remove_prefix(piece.size());
  if (whole && line_.empty()) return piece;
  line_ += piece;
  return whole ? std::optional<std::string_view>(line_) : std::nullopt;
}

void FrameReader::read_line(std::string_view line) {
  if (!line.ends_with(kLineEnd)) {
    return refuse({400, "A line ends in a bare LF; end every line with CR LF."});
  }
  line.remove_suffix(kLineEnd.size());
  std::optional<Refusal> refusal;
  switch (part_) {
    case Part::request_line:
      refusal = read_request_line(line);
      break;
    case Part::header:
      refusal = read_header(line);
      break;
    case Part::chunk_size:
      refusal = read_chunk_size(line);
      break;
    case Part::trailer:
      refusal = read_trailer(line);
      break;
    case Part::chunk_end:  // An empty line: a longer one has been refused as too long.
    case Part::body:
    case Part::chunk_data:
      part_ = Part::chunk_size;
      break;
  }
  if (refusal) refuse(std::move(*refusal));
}

void FrameReader::read_body(std::string_view& bytes) {
  size_t count = std::min(data_left_, bytes.size());
  frame_.request.body += bytes.substr(0, count);
  bytes.remove_prefix(count);
  data_left_ -= count;
  if (data_left_ > 0) return;
  if (part_ == Part::body) status_ = Status::complete;
  part_ = Part::chunk_end;
}

std::optional<Refusal> FrameReader::read_request_line(std::string_view line) {
  if (auto refusal = spend(line.size() + kLineEnd.size(), 0)) return refusal;
  if (line.empty()) {
    if (++blank_lines_ <= kMaxBlankLines) return std::nullopt;
    return Refusal{400, "There are only empty lines where a request line should be; send one."};
  }
  part_ = Part::header;
  return transport::read_request_line(line, limits_, frame_);
}

std::optional<Refusal> FrameReader::read_header(std::string_view line) {
  if (line.empty()) return end_head();
  if (auto refusal = spend(line.size() + kLineEnd.size(), 1)) return refusal;
  return read_header_line(line, frame_.request.headers);
}

std::optional<Refusal> FrameReader::end_head() {
  if (auto refusal = settle_head(limits_, frame_, body_)) return refusal;
  bytes_left_ = limits_.head_bytes;
  lines_left_ = limits_.head_lines;
  data_left_ = body_.length;
  if (!body_.chunked && data_left_ == 0) {
    status_ = Status::complete;
    return std::nullopt;
  }
  part_ = body_.chunked ? Part::chunk_size : Part::body;
  continue_due_ = body_.expects_continue;
  return std::nullopt;
}

std::optional<Refusal> FrameReader::read_chunk_size(std::string_view line) {
  size_t digits = count_hex_digits(line);
  std::string_view extension = line.substr(digits);
  bool extension_valid =
      extension.empty() || (trim(extension).starts_with(';') && is_field_text(extension));
  if (digits == 0 || digits > kMaxChunkSizeDigits || !extension_valid) {
    return Refusal{400, "A chunk does not begin with its size; send 1 to 16 hex digits and CR LF."};
  }
  if (auto refusal = spend(extension.size(), 0)) return refusal;
  uint64_t size = 0;
  std::from_chars(line.data(), line.data() + digits, size, 16);
  if (size > limits_.body_bytes - frame_.request.body.size()) return body_too_long(limits_);
  data_left_ = static_cast<size_t>(size);
  part_ = size > 0 ? Part::chunk_data : Part::trailer;
  return std::nullopt;
}

std::optional<Refusal> FrameReader::read_trailer(std::string_view line) {
  if (line.empty()) {
    status_ = Status::complete;
    return std::nullopt;
  }
  if (auto refusal = spend(line.size() + kLineEnd.size(), 1)) return refusal;
  http::Headers dropped;
  return read_header_line(line, dropped);
}

/// Counts bytes and lines against what the head, or what chunks carry beside data, may have.
std::optional<Refusal> FrameReader::spend(size_t bytes, size_t lines) {
  if (lines > lines_left_) {
    return Refusal{431, "There are more than " + std::to_string(limits_.head_lines) +
                            " header lines; send fewer."};
  }
  if (bytes > bytes_left_) return line_too_long();
  bytes_left_ -= bytes;
  lines_left_ -= lines;
  return std::nullopt;
}

/// Refuses what cannot be HTTP at its first byte: a TLS greeting may never bring a line end.
std::optional<Refusal> FrameReader::check_start(std::string_view bytes) const {
  if (part_ != Part::request_line || !line_.empty()) return std::nullopt;
  if (http::is_token_character(bytes[0]) || bytes[0] == '\r' || bytes[0] == '\n')
    return std::nullopt;
  return Refusal{400,
                 "The bytes do not begin with a method such as GET; send plain HTTP/1.1 (an "
                 "https client must be given an http:// address)."};
}

/// How many bytes the line now read may have, its line end included.
size_t FrameReader::longest_line() const {
  if (part_ == Part::chunk_end) return kLineEnd.size();
  if (part_ == Part::chunk_size) return bytes_left_ + kMaxChunkSizeDigits + kLineEnd.size();
  return bytes_left_;
}

/// Words the refusal by what the line that does not end was to be.
Refusal FrameReader::line_too_long() const {
  if (part_ == Part::chunk_end) {
    return {400, "A chunk is longer than its size says; send CR LF right after its data."};
  }
  std::string most = std::to_string(limits_.head_bytes);
  if (part_ == Part::chunk_size || part_ == Part::trailer) {
    return {431, "Chunk extensions and trailers are longer than " + most + " bytes; send fewer."};
  }
  bool has_method = line_.find(' ') < bytes_left_;
  if (part_ == Part::request_line && has_method) {
    return {414, "The request target is longer than " + std::to_string(limits_.target_bytes) +
                     " bytes; send a shorter one."};
  }
  return {431, "The head is longer than " + most + " bytes; send fewer or shorter headers."};
}

void FrameReader::refuse(Refusal refusal) {
  refusal_ = std::move(refusal);
  status_ = Status::refused;
}

}  // namespace transport
