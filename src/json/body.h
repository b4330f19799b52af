#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "json/value.h"

namespace json {

/// Parses a request body as the deployed service does (documented contract, section 12, "body
/// decoding"): UTF-8 with bad bytes replaced by U+FFFD, a byte-order mark is no JSON, of duplicate
/// members the last counts. Nothing if the body is not JSON.
std::optional<Value> parse_body(std::string_view body);

/// The same with members in the order of the body; the last of duplicates stands where the first
/// does.
std::optional<Ordered> parse_body_in_order(std::string_view body);

/// The body of a request, parsed as parse_body does when its value is first asked for, and only
/// once. Not thread-safe.
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

/// The text with every byte that is not UTF-8 replaced by U+FFFD, as browsers and servers decode
/// (WHATWG Encoding, "UTF-8 decode": one U+FFFD for each maximal part of a sequence).
std::string repair_utf8(std::string_view text);

/// The first `max` bytes, or up to 3 less so that no character of UTF-8 is cut in two.
std::string_view truncate_utf8(std::string_view text, size_t max);

/// A value as compact text; bad UTF-8 in it becomes U+FFFD.
std::string dump(const Ordered& value);

/// A number as people write it: `800`, not `800.0`. A whole one must fit in 64 bits.
std::string format_number(double number);

}  // namespace json
