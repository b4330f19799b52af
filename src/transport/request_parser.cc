#include "transport/request_parser.h"

#include <algorithm>
#include <charconv>
#include <cstdint>

#include "base/ascii.h"

namespace transport {
namespace {

/// Enough for any 64-bit size.
constexpr size_t kMaxChunkSizeDigits = 16;
constexpr std::string_view kLineEnd = "\r\n";

[[noreturn]] void reject(int status, const char* reason) { throw RequestError(status, reason); }

/// Apart from `reject`, so that it is small enough to be compiled inline.
void require(bool valid, int status, const char* reason) {
  if (!valid) reject(status, reason);
}

RequestError body_too_long(const Limits& limits) {
  return {413, "The body is longer than " + std::to_string(limits.body_bytes) +
                   " bytes; send a smaller one."};
}

RequestError target_too_long(const Limits& limits) {
  return {414, "The request target is longer than " + std::to_string(limits.target_bytes) +
                   " bytes; send a shorter one."};
}

/// Whether a string has no control characters except tabs.
bool is_field_value(std::string_view value) {
  return std::none_of(value.begin(), value.end(), [](char c) {
    auto byte = static_cast<unsigned char>(c);
    return (byte < ' ' && byte != '\t') || byte == 0x7f;
  });
}

/// Whether a comma-separated header has this element on any of its lines, ignoring case.
bool has_element(const http::Headers& headers, std::string_view name, std::string_view element) {
  for (const http::Header& line : headers) {
    if (!base::equal_ignoring_case(line.name, name)) continue;
    std::string_view rest = line.value;
    while (!rest.empty()) {
      std::string_view item = rest.substr(0, rest.find(','));
      rest.remove_prefix(std::min(item.size() + 1, rest.size()));
      if (base::equal_ignoring_case(base::trim(item, " \t"), element)) return true;
    }
  }
  return false;
}

auto count_lines(const http::Headers& headers, std::string_view name) {
  return std::count_if(headers.begin(), headers.end(), [&](const http::Header& line) {
    return base::equal_ignoring_case(line.name, name);
  });
}

int read_minor_version(std::string_view version) {
  bool is_version = version.size() == 8 && version.starts_with("HTTP/") &&
                    base::is_digit(version[5]) && version[6] == '.' && base::is_digit(version[7]);
  require(is_version, 400,
          "The request line does not end in an HTTP version; end it with HTTP/1.1.");
  require(version == "HTTP/1.1" || version == "HTTP/1.0", 505,
          "This HTTP version is not supported; use HTTP/1.1.");
  return version[7] - '0';
}

void check_transfer_encoding(const ParsedRequest& parsed, std::string_view coding) {
  const http::Headers& headers = parsed.request.headers;
  require(!headers.find("Content-Length"), 400,
          "There are both Content-Length and Transfer-Encoding; send one of them.");
  require(count_lines(headers, "Transfer-Encoding") == 1, 400,
          "There is more than one Transfer-Encoding header; send exactly one.");
  require(parsed.minor_version == 1, 400,
          "HTTP/1.0 has no Transfer-Encoding; send Content-Length or use HTTP/1.1.");
  require(base::equal_ignoring_case(coding, "chunked"), http::is_token(coding) ? 501 : 400,
          "The only supported Transfer-Encoding is chunked; send that alone.");
}

size_t read_content_length(const http::Headers& headers, const Limits& limits) {
  auto value = headers.find("Content-Length");
  if (!value) return 0;
  require(count_lines(headers, "Content-Length") == 1, 400,
          "There is more than one Content-Length header; send exactly one.");
  auto bytes = base::parse_number<uint64_t>(*value);
  require(bytes.has_value(), 400,
          "Content-Length is not a whole number of bytes; send digits only.");
  if (*bytes > limits.body_bytes) throw body_too_long(limits);
  return static_cast<size_t>(*bytes);
}

/// Reads `Name: value`, without its line end, and adds it to `headers`. Spaces around the value are
/// removed.
void read_header_line(std::string_view line, http::Headers& headers) {
  require(
      !line.starts_with(' ') && !line.starts_with('\t'), 400,
      "A header line begins with a space or tab (obsolete line folding); send each header on one "
      "line.");
  size_t colon = line.find(':');
  require(colon != std::string_view::npos, 400, "A header line has no colon; send Name: value.");
  std::string_view name = line.substr(0, colon);
  require(!name.ends_with(' ') && !name.ends_with('\t'), 400,
          "There is a space between a header name and its colon; remove it.");
  require(http::is_token(name), 400,
          "A header name is empty or has an invalid character; use letters, digits and hyphens.");
  std::string_view value = base::trim(line.substr(colon + 1), " \t");
  require(is_field_value(value), 400, "A header value has a control character in it; remove it.");
  headers.add(name, value);
}

}  // namespace

RequestParser::RequestParser(const Limits& limits)
    : limits_(limits), bytes_left_(limits.head_bytes), lines_left_(limits.head_lines) {}

size_t RequestParser::read(std::string_view bytes) {
  std::string_view rest = bytes;
  try {
    while (status_ == Status::incomplete && !rest.empty()) {
      if (part_ == Part::body || part_ == Part::chunk_data) {
        read_body(rest);
      } else if (auto line = next_line(rest)) {
        read_line(*line);
        line_.clear();
      }
    }
  } catch (const RequestError& error) {
    error_ = error;
    status_ = Status::rejected;
  }
  return bytes.size() - rest.size();
}

ParsedRequest RequestParser::take() {
  ParsedRequest parsed = std::move(parsed_);
  *this = RequestParser(limits_);
  return parsed;
}

/// Returns the next line with its line end, or nothing if its end has not been received. The result
/// is a view of `bytes` or, if the line was received in parts, of `line_`.
std::optional<std::string_view> RequestParser::next_line(std::string_view& bytes) {
  if (part_ == Part::request_line && line_.empty()) {
    // A TLS handshake may never contain a line end, so its first byte is checked.
    require(http::is_token_character(bytes[0]) || bytes[0] == '\r' || bytes[0] == '\n', 400,
            "The request does not begin with a method such as GET; send plain HTTP/1.1 (use an "
            "http:// URL, not https://).");
  }
  size_t end = bytes.find('\n');
  bool whole = end != std::string_view::npos;
  std::string_view part = whole ? bytes.substr(0, end + 1) : bytes;
  if (line_.size() + part.size() > max_line_bytes()) {
    line_ += part;
    throw line_too_long();
  }
  bytes.remove_prefix(part.size());
  if (whole && line_.empty()) return part;
  line_ += part;
  return whole ? std::optional<std::string_view>(line_) : std::nullopt;
}

void RequestParser::read_line(std::string_view line) {
  require(line.ends_with(kLineEnd), 400, "A line ends in a bare LF; end every line with CR LF.");
  line.remove_suffix(kLineEnd.size());
  if (part_ == Part::request_line) return read_request_line(line);
  if (part_ == Part::chunk_size) return read_chunk_size(line);
  if (part_ == Part::header || part_ == Part::trailer) return read_header(line);
  part_ = Part::chunk_size;  // The line is empty: a longer one was rejected as too long.
}

void RequestParser::read_body(std::string_view& bytes) {
  size_t count = std::min(data_left_, bytes.size());
  parsed_.request.body += bytes.substr(0, count);
  bytes.remove_prefix(count);
  data_left_ -= count;
  if (data_left_ > 0) return;
  if (part_ == Part::body) status_ = Status::complete;
  part_ = Part::chunk_end;
}

/// Reads `METHOD TARGET HTTP/1.x`.
void RequestParser::read_request_line(std::string_view line) {
  consume(line.size() + kLineEnd.size(), 0);
  if (line.empty()) return;  // Some clients send one after a body (RFC 9112, section 2.2).
  part_ = Part::header;
  size_t first = line.find(' ');
  size_t last = line.rfind(' ');
  bool has_three_parts = first != std::string_view::npos && last > first + 1 &&
                         line.find(' ', first + 1) == last && last + 1 < line.size();
  require(
      has_three_parts, 400,
      "The request line is invalid; send METHOD TARGET HTTP/1.1 with one space between the three "
      "parts, and spaces in the target as %20.");
  std::string_view method = line.substr(0, first);
  std::string_view target = line.substr(first + 1, last - first - 1);
  require(http::is_token(method), 400,
          "The method has an invalid character; send a method such as GET.");
  if (target.size() > limits_.target_bytes) throw target_too_long(limits_);
  bool printable =
      std::all_of(target.begin(), target.end(), [](char c) { return c > ' ' && c < 0x7f; });
  require(printable, 400,
          "The request target has a byte that is not printable ASCII; percent-encode it.");
  parsed_.minor_version = read_minor_version(line.substr(last + 1));
  parsed_.request.method = method;
  parsed_.request.target = target;
}

/// Reads a header line, or a trailer, which is dropped.
void RequestParser::read_header(std::string_view line) {
  if (line.empty() && part_ == Part::header) return end_head();
  if (line.empty()) {
    status_ = Status::complete;
    return;
  }
  consume(line.size() + kLineEnd.size(), 1);
  http::Headers dropped;
  read_header_line(line, part_ == Part::header ? parsed_.request.headers : dropped);
}

/// Checks a complete head. A message with ambiguous framing is rejected (RFC 9112, sections 3.2 and
/// 6).
void RequestParser::end_head() {
  const http::Headers& headers = parsed_.request.headers;
  bool is_1_1 = parsed_.minor_version == 1;
  auto hosts = count_lines(headers, "Host");
  require(hosts <= 1, 400, "There is more than one Host header; send exactly one.");
  require(hosts == 1 || !is_1_1, 400, "The Host header is missing; HTTP/1.1 requires exactly one.");
  auto coding = headers.find("Transfer-Encoding");
  if (coding) check_transfer_encoding(parsed_, *coding);
  data_left_ = read_content_length(headers, limits_);
  bool has_body = coding || data_left_ > 0;
  parsed_.keep_alive = !has_element(headers, "Connection", "close") &&
                       (is_1_1 || has_element(headers, "Connection", "keep-alive"));
  continue_due_ = has_body && is_1_1 && has_element(headers, "Expect", "100-continue");
  bytes_left_ = limits_.head_bytes;
  lines_left_ = limits_.head_lines;
  part_ = coding ? Part::chunk_size : Part::body;
  if (!has_body) status_ = Status::complete;
}

void RequestParser::read_chunk_size(std::string_view line) {
  const char* end = std::find_if_not(line.data(), line.data() + line.size(), base::is_hex);
  auto digits = static_cast<size_t>(end - line.data());
  std::string_view extension = line.substr(digits);
  bool extension_valid = extension.empty() || (base::trim(extension, " \t").starts_with(';') &&
                                               is_field_value(extension));
  require(digits > 0 && digits <= kMaxChunkSizeDigits && extension_valid, 400,
          "A chunk does not begin with its size; send 1 to 16 hex digits and CR LF.");
  consume(extension.size(), 0);
  uint64_t size = 0;
  std::from_chars(line.data(), end, size, 16);
  if (size > limits_.body_bytes - parsed_.request.body.size()) throw body_too_long(limits_);
  data_left_ = static_cast<size_t>(size);
  part_ = size > 0 ? Part::chunk_data : Part::trailer;
}

/// Counts bytes and lines against the limits of the head, or of chunk extensions and trailers.
void RequestParser::consume(size_t bytes, size_t lines) {
  if (lines > lines_left_) {
    throw RequestError(431, "There are too many header lines; the limit is " +
                                std::to_string(limits_.head_lines) + ".");
  }
  if (bytes > bytes_left_) throw line_too_long();
  bytes_left_ -= bytes;
  lines_left_ -= lines;
}

/// The maximum length of the current line, line end included.
size_t RequestParser::max_line_bytes() const {
  if (part_ == Part::chunk_end) return kLineEnd.size();
  if (part_ == Part::chunk_size) return bytes_left_ + kMaxChunkSizeDigits + kLineEnd.size();
  return bytes_left_;
}

/// The error for a current line that is too long.
RequestError RequestParser::line_too_long() const {
  if (part_ == Part::chunk_end) {
    return {400, "A chunk is longer than its size says; send CR LF right after its data."};
  }
  std::string max = std::to_string(limits_.head_bytes);
  if (part_ == Part::chunk_size || part_ == Part::trailer) {
    return {431, "Chunk extensions and trailers are longer than " + max + " bytes; send fewer."};
  }
  bool has_method = line_.find(' ') < bytes_left_;
  if (part_ == Part::request_line && has_method) return target_too_long(limits_);
  return {431, "The head is longer than " + max + " bytes; send fewer or shorter headers."};
}

}  // namespace transport
