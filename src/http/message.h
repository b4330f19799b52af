#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/enum_names.h"

namespace http {

/// One header line: its name as sent and its value without surrounding spaces.
struct Header {
  std::string name;
  std::string value;
};

/// Returns whether a character is allowed in a method or a header name. (RFC 9110, section 5.6.2)
bool is_token_character(char c);

/// Returns whether a string is a valid method or header name: one or more such characters.
bool is_token(std::string_view text);

/// Makes a valid header value: control characters and non-ASCII bytes become `?`, surrounding
/// spaces are removed, and the value is truncated to 500 characters.
std::string to_header_value(std::string_view text);

/// Header lines in the order of the message.
class Headers {
 public:
  Headers() = default;
  Headers(std::initializer_list<Header> lines) : lines_(lines) {}

  /// The value of the first line with this name, which may be empty; null if there is none.
  const std::string* find(std::string_view name) const;

  /// The values of all lines with this name, joined by commas; nothing if there are none.
  std::optional<std::string> find_joined(std::string_view name) const;

  /// Adds a line at the end.
  void add(std::string name, std::string value) {
    // Most messages have at most this many lines. Without it, there would be four allocations.
    if (lines_.empty()) lines_.reserve(8);
    lines_.push_back({std::move(name), std::move(value)});
  }

  /// Replaces all lines with this name by one.
  void set(std::string_view name, std::string value);

  /// Adds a line at the end, unless there is one with this name.
  void add_if_missing(std::string_view name, std::string_view value) {
    if (find(name) == nullptr) add(std::string(name), std::string(value));
  }

  auto begin() const { return lines_.begin(); }
  auto end() const { return lines_.end(); }
  bool empty() const { return lines_.empty(); }
  size_t size() const { return lines_.size(); }

 private:
  std::vector<Header> lines_;
};

/// Whether two lines have the same name.
bool has_repeated_names(const Headers& headers);

/// Combines lines of the same name into one, at the place of the first, with the values joined by
/// commas, as a JSON object needs them.
Headers combine_headers(const Headers& headers);

/// The headers with secrets redacted, also those that were sent as a name by mistake.
Headers redact_headers(const Headers& headers);

/// A request as received, without its framing. Nothing in it is decoded.
struct Request {
  std::string method;
  /// The path and query as sent: `/apikey/%33?x=1`.
  std::string target;
  Headers headers;
  std::string body;

  /// The path of the target, still percent-encoded. The target may be absolute
  /// (`http://host/path`).
  std::string_view path() const;
  /// The part of the target after `?`, without a fragment; empty if there is none.
  std::string_view query() const;
  /// Returns whether it is a CORS preflight. Browsers send these, not the code under test.
  bool is_preflight() const { return method == "OPTIONS"; }
};

/// A network failure that replaces or interrupts a response.
enum class Fault {
  connection_reset_by_peer,
  empty_response,
  malformed_response_chunk,
  random_data_then_close,
  hang,
};

/// Sends the body slowly: in this many chunks over this time.
struct Dribble {
  int chunks = 1;
  std::chrono::milliseconds over{0};
};

/// A response, and the delay and the fault that the transport should apply.
struct Response {
  int status = 200;
  Headers headers;
  std::string body;
  std::chrono::milliseconds delay{0};
  std::optional<Fault> fault;
  std::optional<Dribble> dribble;
};

}  // namespace http

/// The names that WireMock uses.
template <>
inline constexpr std::array<std::string_view, 5> base::kNames<http::Fault> = {
    "CONNECTION_RESET_BY_PEER", "EMPTY_RESPONSE", "MALFORMED_RESPONSE_CHUNK",
    "RANDOM_DATA_THEN_CLOSE", "HANG"};
