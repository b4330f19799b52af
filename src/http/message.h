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

/// One header line: its name as sent and its value without the blanks around it.
struct Header {
  std::string name;
  std::string value;
};

/// Whether a character may stand in a method or a header's name. (RFC 9110, section 5.6.2)
bool is_token_character(char c);

/// Whether a text can be a method or a header's name: one such character or more.
bool is_token(std::string_view text);

/// The text as a header value: control characters and bytes beyond ASCII become `?`, and it is
/// cut at 500 characters; blanks around it, which are no part of a header's value, are dropped.
std::string to_header_value(std::string_view text);

/// Header lines in the order they came.
class Headers {
 public:
  Headers() = default;
  Headers(std::initializer_list<Header> lines) : lines_(lines) {}

  /// The value of the first line of this name; null if there is none. An empty value is a value.
  const std::string* find(std::string_view name) const;

  /// The values of all lines of this name, joined by commas; nothing if there is none.
  std::optional<std::string> find_joined(std::string_view name) const;

  /// Adds a line at the end.
  void add(std::string name, std::string value) {
    // Few messages have more lines; growing to as many would take four allocations.
    if (lines_.empty()) lines_.reserve(8);
    lines_.push_back({std::move(name), std::move(value)});
  }

  /// Replaces every line of this name by one.
  void set(std::string_view name, std::string value);

  auto begin() const { return lines_.begin(); }
  auto end() const { return lines_.end(); }
  bool empty() const { return lines_.empty(); }
  size_t size() const { return lines_.size(); }

 private:
  std::vector<Header> lines_;
};

/// The headers as a JSON object has them: the lines of one name are one, where the first of them
/// was, and its value theirs, joined by commas.
Headers combine_headers(const Headers& headers);

/// The headers as they may be shown (base::redact_header).
Headers redact_headers(const Headers& headers);

/// A request as it came over the wire, framing undone: nothing in it is decoded.
struct Request {
  std::string method;
  /// The path and query as sent: `/apikey/%33?x=1`.
  std::string target;
  Headers headers;
  std::string body;

  /// The part of the target before `?`, still percent-encoded. An absolute target
  /// (`http://host/path`) counts from its path on.
  std::string_view path() const;
  /// The part of the target after `?`, without a fragment; empty if there is none.
  std::string_view query() const;
};

/// What goes wrong on the wire instead of, or in the midst of, an answer.
enum class Fault {
  connection_reset_by_peer,
  empty_response,
  malformed_response_chunk,
  random_data_then_close,
  hang,
};

/// The body sent in this many pieces, spread over this time.
struct Dribble {
  int chunks = 1;
  std::chrono::milliseconds over{0};
};

/// An answer, and as data how the transport is to misbehave with it. Whoever makes one never
/// sleeps: the transport carries out the delay.
struct Response {
  int status = 200;
  Headers headers;
  std::string body;
  std::chrono::milliseconds delay{0};
  std::optional<Fault> fault;
  std::optional<Dribble> dribble;
};

}  // namespace http

/// The names that users of mock servers know.
template <>
inline constexpr std::array<std::string_view, 5> base::kNames<http::Fault> = {
    "CONNECTION_RESET_BY_PEER", "EMPTY_RESPONSE", "MALFORMED_RESPONSE_CHUNK",
    "RANDOM_DATA_THEN_CLOSE", "HANG"};
