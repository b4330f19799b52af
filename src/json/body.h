#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "json/value.h"

namespace json {

/// Parses a request body as the deployed service does (documented contract, section 12, "body
/// decoding"): invalid UTF-8 is replaced by U+FFFD, a byte-order mark is an error, the last of
/// duplicate members counts, and a number beyond double is infinity, as in JavaScript. Returns
/// nothing if the body is not JSON.
std::optional<Value> parse_body(std::string_view body);

/// The same with members in the order of the body. The last of duplicate members has the position
/// of the first.
std::optional<Ordered> parse_body_in_order(std::string_view body);

/// The body of a request, parsed by parse_body on first use. Not thread-safe.
class Body {
 public:
  /// `text` must outlive it.
  explicit Body(std::string_view text) : text_(text) {}

  std::string_view text() const { return text_; }

  /// Nothing if the body is not JSON.
  const std::optional<Value>& value();

 private:
  std::string_view text_;
  bool is_parsed_ = false;
  std::optional<Value> value_;
};

/// The text with invalid UTF-8 replaced by U+FFFD, as browsers and servers decode it (WHATWG
/// Encoding, "UTF-8 decode": one U+FFFD for each maximal part of a sequence).
std::string repair_utf8(std::string_view text);

/// Returns whether a text is UTF-16: it has a byte-order mark, or one of its first two bytes is 0.
bool is_utf16(std::string_view text);

/// The first `max` bytes, or up to 3 less so that no UTF-8 character is split.
std::string_view truncate_utf8(std::string_view text, size_t max);

/// A value as compact text, with invalid UTF-8 replaced by U+FFFD.
std::string dump(const Ordered& value);

/// `800` rather than `800.0`. A whole number must fit in 64 bits.
std::string format_number(double number);

}  // namespace json
