#pragma once

#include <concepts>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace json {

/// Writes one JSON value as compact text, with the same bytes as `dump` but without building the
/// value first.
///
/// The calls must form a valid value: every bracket is closed, and in an object every value has a
/// name. Commas are added automatically. Not thread-safe.
class Writer {
 public:
  Writer& open_object() { return open('{'); }
  Writer& close_object() { return close('}'); }
  Writer& open_array() { return open('['); }
  Writer& close_array() { return close(']'); }

  /// The name of the next member: ASCII without characters to escape.
  Writer& name(std::string_view name) { return quoted(name, ':'); }

  /// A string; invalid UTF-8 in it becomes U+FFFD.
  Writer& value(std::string_view text);
  /// A number or a truth value.
  Writer& value(std::integral auto number) {
    if constexpr (std::same_as<decltype(number), bool>) return literal(number ? "true" : "false");
    return literal(std::to_string(number));
  }
  /// An array of strings.
  Writer& value(std::span<const std::string> texts);
  /// The value, or null if there is none.
  template <typename Value>
  Writer& value(const std::optional<Value>& maybe) {
    return maybe ? value(*maybe) : literal("null");
  }

  /// JSON text: a value, or several members of an object.
  Writer& json(std::string_view json) { return literal(json); }

  template <typename Value>
  Writer& member(std::string_view its_name, const Value& its_value) {
    return name(its_name).value(its_value);
  }

  /// The same, with null for an empty string.
  Writer& member_or_null(std::string_view its_name, std::string_view its_value) {
    return member(its_name, its_value.empty() ? std::nullopt : std::optional(its_value));
  }

  /// Returns the text of the complete value. Call it once.
  std::string take();

 private:
  Writer& open(char bracket) {
    *extend(1) = bracket;
    return *this;
  }
  Writer& close(char bracket);
  Writer& literal(std::string_view text);

  /// A string without characters to escape, and the character after it.
  Writer& quoted(std::string_view text, char next) {
    char* at = extend(text.size() + 3);
    *at = '"';
    text.copy(at + 1, text.size());
    at[text.size() + 1] = '"';
    at[text.size() + 2] = next;
    return *this;
  }

  /// Returns where the next `size` bytes of the text belong.
  char* extend(size_t size) {
    if (text_.size() - size_ < size) text_.resize(2 * (size_ + size));
    return text_.data() + std::exchange(size_, size_ + size);
  }

  /// The first `size_` bytes are the text, and others are free: many small `append` would take
  /// twice as long. There is a comma after each value; closing brackets and `take` remove the last
  /// one.
  std::string text_ = std::string(1000, '\0');
  size_t size_ = 0;
};

}  // namespace json
