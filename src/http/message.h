#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/enum_names.h"

namespace http {

/// One header line: its name as sent and its value without surrounding spaces.
struct Header {
  std::string_view name;
  std::string_view value;
};

/// Returns whether a character is allowed in a method or a header name. (RFC 9110, section 5.6.2)
bool is_token_character(char c);

/// Returns whether a string is a valid method or header name: one or more such characters.
bool is_token(std::string_view text);

/// Makes a valid header value: control characters and non-ASCII bytes become `?`, surrounding
/// spaces are removed, and the value is truncated to 500 characters.
std::string to_header_value(std::string_view text);

/// Header lines in the order of the message. All are in one string, so that they are quick to make,
/// copy and store. Views of it are valid until it changes.
class Headers {
  /// In front of each line, in bytes.
  struct Sizes {
    uint32_t name;
    uint32_t value;
  };

 public:
  /// Reads the lines one by one.
  class Iterator {
   public:
    using iterator_category = std::input_iterator_tag;
    using value_type = Header;
    using difference_type = std::ptrdiff_t;
    using pointer = void;
    using reference = Header;

    explicit Iterator(const char* at) : at_(at) {}
    Header operator*() const {
      Sizes sizes = read_sizes();
      const char* name = at_ + sizeof sizes;
      return {{name, sizes.name}, {name + sizes.name, sizes.value}};
    }
    Iterator& operator++() {
      Sizes sizes = read_sizes();
      at_ += sizeof sizes + sizes.name + sizes.value;
      return *this;
    }
    bool operator==(const Iterator&) const = default;

   private:
    Sizes read_sizes() const {
      Sizes sizes;
      std::memcpy(&sizes, at_, sizeof sizes);
      return sizes;
    }

    const char* at_;
  };

  Headers() = default;
  Headers(std::initializer_list<Header> lines) {
    for (const Header& line : lines) add(line.name, line.value);
  }

  /// Restores headers from their `bytes`.
  static Headers from_bytes(std::string bytes) {
    Headers headers;
    headers.lines_ = std::move(bytes);
    return headers;
  }

  /// All lines in a form for from_bytes.
  std::string_view bytes() const { return lines_; }

  /// The value of the first line with this name, which may be empty; nothing if there is none.
  std::optional<std::string_view> find(std::string_view name) const;

  /// The values of all lines with this name, joined by commas; nothing if there are none.
  std::optional<std::string> find_joined(std::string_view name) const;

  /// Adds a line at the end. Neither string may be a view of these headers.
  void add(std::string_view name, std::string_view value);

  /// Replaces all lines with this name by one, at the end.
  void set(std::string_view name, std::string_view value);

  /// Adds a line at the end, unless there is one with this name.
  void add_if_missing(std::string_view name, std::string_view value) {
    if (!find(name)) add(name, value);
  }

  Iterator begin() const { return Iterator(lines_.data()); }
  Iterator end() const { return Iterator(lines_.data() + lines_.size()); }
  bool empty() const { return lines_.empty(); }
  size_t size() const { return static_cast<size_t>(std::distance(begin(), end())); }

 private:
  /// For each line: sizes, name, value.
  std::string lines_;
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
