#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace json {

/// Writes one JSON value as compact text, in the order of the calls and byte for byte as `dump`
/// does, but without building the value first: for answers whose shape is known.
///
/// The calls must spell a value: what is opened is closed, and in an object every value follows its
/// name. Commas come by themselves. Not thread-safe.
class Writer {
 public:
  /// Makes room for a small answer.
  Writer();

  Writer& open_object() { return open('{'); }
  Writer& close_object() { return close('}'); }
  Writer& open_array() { return open('['); }
  Writer& close_array() { return close(']'); }

  /// The name of the member whose value comes next: ASCII without anything to escape.
  Writer& name(std::string_view name);

  /// A string; bytes in it that are not UTF-8 become U+FFFD.
  Writer& value(std::string_view text);
  Writer& value(int64_t number);
  /// For nothing but bool: a string literal would become one too.
  Writer& value(std::same_as<bool> auto truth) { return literal(truth ? "true" : "false"); }
  /// An array of strings.
  Writer& value(std::span<const std::string> texts);
  /// The value, or null if there is none.
  template <typename Value>
  Writer& value(const std::optional<Value>& maybe) {
    return maybe ? value(*maybe) : literal("null");
  }

  /// A value that is JSON already, or several members of an object.
  Writer& json(std::string_view json) { return literal(json); }

  /// A name and its value.
  template <typename Value>
  Writer& member(std::string_view its_name, const Value& its_value) {
    return name(its_name).value(its_value);
  }

  /// The same, but null in place of an empty string.
  Writer& member_or_null(std::string_view its_name, std::string_view its_value) {
    return member(its_name, its_value.empty() ? std::nullopt : std::optional(its_value));
  }

  /// The text, once the value is whole. To be called once.
  std::string take();

 private:
  Writer& open(char bracket);
  Writer& close(char bracket);
  Writer& literal(std::string_view text);

  // Every value that is written has a comma after it; what follows the last one takes its place.
  std::string text_;
};

}  // namespace json
