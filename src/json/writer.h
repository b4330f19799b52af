#pragma once

#include <concepts>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace json {

/// Writes one JSON value as compact text, with the same bytes as `dump` but without building the
/// value first.
///
/// The calls must form a valid value: every bracket is closed, and in an object every value has a
/// name. Commas are added automatically. Not thread-safe.
class Writer {
 public:
  /// Reserves space for a small response.
  Writer() { text_.reserve(1000); }

  Writer& open_object() { return open('{'); }
  Writer& close_object() { return close('}'); }
  Writer& open_array() { return open('['); }
  Writer& close_array() { return close(']'); }

  /// The name of the next member: ASCII without characters to escape.
  Writer& name(std::string_view name);

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
  Writer& open(char bracket);
  Writer& close(char bracket);
  Writer& literal(std::string_view text);

  /// Ends with a comma after each value; closing brackets and `take` remove the last one.
  std::string text_;
};

}  // namespace json
