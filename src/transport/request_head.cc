#include "transport/request_head.h"

#include <algorithm>
#include <cstdint>

#include "base/number_text.h"

namespace transport {
namespace {

bool is_printable(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Whether a comma-separated header, over all its lines, has this element (case does not count).
bool has_element(const http::Headers& headers, std::string_view name, std::string_view element) {
  for (const http::Header& line : headers) {
    if (!http::same_name(line.name, name)) continue;
    std::string_view rest = line.value;
    while (!rest.empty()) {
      std::string_view item = rest.substr(0, rest.find(','));
      rest.remove_prefix(std::min(item.size() + 1, rest.size()));
      if (http::same_name(trim(item), element)) return true;
    }
  }
  return false;
}

size_t count_lines(const http::Headers& headers, std::string_view name) {
  return static_cast<size_t>(
      std::count_if(headers.begin(), headers.end(),
                    [&](const http::Header& line) { return http::same_name(line.name, name); }));
}

std::optional<Refusal> read_version(std::string_view version, Frame& frame) {
  bool has_form = version.size() == 8 && version.starts_with("HTTP/") && is_digit(version[5]) &&
                  version[6] == '.' && is_digit(version[7]);
  if (!has_form) {
    return Refusal{400, "The request line does not end in an HTTP version; end it with HTTP/1.1."};
  }
  if (version != "HTTP/1.1" && version != "HTTP/1.0") {
    return Refusal{505, "This HTTP version is not spoken here; use HTTP/1.1."};
  }
  frame.minor_version = version[7] - '0';
  return std::nullopt;
}

std::optional<Refusal> check_host(const Frame& frame) {
  size_t lines = count_lines(frame.request.headers, "Host");
  if (lines > 1) return Refusal{400, "There is more than one Host header; send exactly one."};
  if (lines == 0 && frame.minor_version == 1) {
    return Refusal{400, "The Host header is missing; HTTP/1.1 requires exactly one."};
  }
  return std::nullopt;
}

std::optional<Refusal> check_transfer_encoding(const Frame& frame, const std::string& coding) {
  const http::Headers& headers = frame.request.headers;
  if (headers.find("Content-Length")) {
    return Refusal{400, "There are both Content-Length and Transfer-Encoding; send one of them."};
  }
  if (count_lines(headers, "Transfer-Encoding") > 1) {
    return Refusal{400, "There is more than one Transfer-Encoding header; send exactly one."};
  }
  if (frame.minor_version == 0) {
    return Refusal{400, "HTTP/1.0 has no Transfer-Encoding; send Content-Length or use HTTP/1.1."};
  }
  if (http::same_name(coding, "chunked")) return std::nullopt;
  int status = http::is_token(coding) ? 501 : 400;
  return Refusal{status, "The only Transfer-Encoding understood here is chunked; send that alone."};
}

std::optional<Refusal> read_content_length(const http::Headers& headers, const Limits& limits,
                                           size_t& length) {
  const std::string* text = headers.find("Content-Length");
  if (!text) return std::nullopt;
  if (count_lines(headers, "Content-Length") > 1) {
    return Refusal{400, "There is more than one Content-Length header; send exactly one."};
  }
  auto bytes = base::parse_number<uint64_t>(*text);
  if (!bytes) {
    return Refusal{400, "Content-Length is not a whole number of bytes; send digits only."};
  }
  if (*bytes > limits.body_bytes) return body_too_long(limits);
  length = static_cast<size_t>(*bytes);
  return std::nullopt;
}

}  // namespace

std::optional<Refusal> read_request_line(std::string_view line, const Limits& limits,
                                         Frame& frame) {
  size_t first = line.find(' ');
  size_t last = line.rfind(' ');
  bool three_parts = first != std::string_view::npos && last > first + 1 &&
                     line.find(' ', first + 1) == last && last + 1 < line.size();
  if (!three_parts) {
    return Refusal{400,
                   "The request line is not METHOD TARGET HTTP/1.1 with single blanks between "
                   "its three parts; send it so, blanks in the target as %20."};
  }
  std::string_view method = line.substr(0, first);
  std::string_view target = line.substr(first + 1, last - first - 1);
  if (!http::is_token(method)) {
    return Refusal{400,
                   "The method has a character that is not allowed in it; send a name such "
                   "as GET."};
  }
  if (target.size() > limits.target_bytes) {
    return Refusal{414, "The request target is longer than " + std::to_string(limits.target_bytes) +
                            " bytes; send a shorter one."};
  }
  if (!is_printable(target)) {
    return Refusal{400,
                   "The request target has a byte that is not printable ASCII; "
                   "percent-encode it."};
  }
  if (auto refusal = read_version(line.substr(last + 1), frame)) return refusal;
  frame.request.method = method;
  frame.request.target = target;
  return std::nullopt;
}

std::optional<Refusal> read_header_line(std::string_view line, http::Headers& headers) {
  if (line.starts_with(' ') || line.starts_with('\t')) {
    return Refusal{400,
                   "A header line begins with a blank (obsolete folding); send each header "
                   "on one line."};
  }
  size_t colon = line.find(':');
  if (colon == std::string_view::npos) {
    return Refusal{400, "A header line has no colon; send Name: value."};
  }
  std::string_view name = line.substr(0, colon);
  if (name.ends_with(' ') || name.ends_with('\t')) {
    return Refusal{400, "There is a blank between a header name and its colon; remove it."};
  }
  if (!http::is_token(name)) {
    return Refusal{400,
                   "A header name is empty or has a character that is not allowed in it; "
                   "use letters, digits and hyphens."};
  }
  std::string_view value = trim(line.substr(colon + 1));
  if (!is_field_text(value)) {
    return Refusal{400, "A header value has a control character in it; remove it."};
  }
  headers.add(std::string(name), std::string(value));
  return std::nullopt;
}

std::optional<Refusal> settle_head(const Limits& limits, Frame& frame, BodyFraming& body) {
  const http::Headers& headers = frame.request.headers;
  if (auto refusal = check_host(frame)) return refusal;
  if (const std::string* coding = headers.find("Transfer-Encoding")) {
    if (auto refusal = check_transfer_encoding(frame, *coding)) return refusal;
    body.chunked = true;
  }
  if (auto refusal = read_content_length(headers, limits, body.length)) return refusal;
  frame.keep_alive = !has_element(headers, "Connection", "close") &&
                     (frame.minor_version == 1 || has_element(headers, "Connection", "keep-alive"));
  body.expects_continue =
      frame.minor_version == 1 && has_element(headers, "Expect", "100-continue");
  return std::nullopt;
}

Refusal body_too_long(const Limits& limits) {
  return {413, "The body is longer than " + std::to_string(limits.body_bytes) +
                   " bytes; send a smaller one."};
}

bool is_field_text(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) {
    auto byte = static_cast<unsigned char>(c);
    return (byte < ' ' && byte != '\t') || byte == 0x7f;
  });
}

std::string_view trim(std::string_view text) {
  size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

}  // namespace transport
