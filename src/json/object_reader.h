#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/enum_names.h"
#include "json/document.h"

namespace json {

/// The limits of a number, both included.
struct Range {
  double lower;
  double upper;
};

/// Reads the fields of one object of a document, and adds a problem for each that is invalid. A
/// field that is null counts as absent. Getters return nothing if the field is absent or invalid,
/// so that reading can continue and find all problems.
class ObjectReader {
 public:
  /// Adds a problem if the value is not an object, or has a field that is not in `fields`.
  /// `document` and `fields` must outlive the reader.
  ObjectReader(Document& document, const Ordered& value, std::string pointer,
               std::span<const std::string_view> fields);

  /// The value. If it is not an object, a problem was reported.
  const Ordered& value() const { return value_; }
  /// The field as it is; null if it is absent or null.
  const Ordered* find(std::string_view name) const;
  /// Returns whether the field is present; it may be null.
  bool has(std::string_view name) const { return value_.contains(name); }

  std::optional<std::string> string(std::string_view name) const;
  /// As `string`, but an empty string is a problem. Empty if `string` would return nothing.
  std::string nonempty_string(std::string_view name) const;
  std::optional<bool> boolean(std::string_view name) const;
  /// A whole number within the range.
  std::optional<int64_t> integer(std::string_view name, Range range) const;
  std::optional<double> number(std::string_view name, Range range) const;
  std::optional<std::vector<std::string>> strings(std::string_view name) const;
  /// An array of any values; null if the field is absent or invalid.
  const Ordered* array(std::string_view name) const {
    return find_typed(name, &Ordered::is_array, "an array");
  }
  /// A string that must be one of `choices`, as its index there. The problem suggests the closest.
  std::optional<size_t> choice(std::string_view name,
                               std::span<const std::string_view> choices) const;
  /// An array of such strings.
  std::vector<size_t> choices(std::string_view name,
                              std::span<const std::string_view> choices) const;
  /// The same as `choice` for the names of an enum.
  template <typename Enum>
  std::optional<Enum> enum_value(std::string_view name) const {
    auto index = choice(name, base::kNames<Enum>);
    return index ? std::optional(static_cast<Enum>(*index)) : std::nullopt;
  }
  /// A reader for an inner object; nothing if the field is absent.
  std::optional<ObjectReader> object(std::string_view name,
                                     std::span<const std::string_view> fields) const;
  /// A reader for an object in a field that is an array.
  ObjectReader item(std::string_view name, size_t index,
                    std::span<const std::string_view> fields) const {
    return {document_, value_[name][index], child_pointer(pointer(name), index), fields};
  }
  /// Calls `read` with a reader for each item of an array of objects; not if the field is absent.
  template <typename Read>
  void each_object(std::string_view name, std::span<const std::string_view> fields,
                   const Read& read) const {
    const Ordered* field = array(name);
    for (size_t i = 0; field != nullptr && i < field->size(); ++i) read(item(name, i, fields));
  }

  /// Adds a problem if the field is absent.
  void require(std::string_view name) const;

  /// The pointer of this object.
  const std::string& pointer() const { return pointer_; }
  /// The pointer of a field of this object.
  std::string pointer(std::string_view name) const { return child_pointer(pointer_, name); }
  /// Returns whether further problems are only counted, so that their text does not matter.
  bool is_full() const { return document_.is_full(); }
  /// Adds a problem with a field.
  void add_problem(std::string_view name, std::string what) const {
    document_.add({pointer(name), std::move(what)});
  }
  /// Adds a problem with a member of a field that is an object.
  void add_problem(std::string_view name, std::string_view member, std::string what) const {
    document_.add({child_pointer(pointer(name), member), std::move(what)});
  }
  /// Adds a problem with the object itself.
  void add_problem(std::string what) const { document_.add({pointer_, std::move(what)}); }

 private:
  /// The index of a value among the choices; or adds a problem at the pointer.
  std::optional<size_t> find_choice(const Ordered& value, std::string pointer,
                                    std::span<const std::string_view> choices) const;

  using TypeCheck = bool (Ordered::*)() const noexcept;

  /// The field, if it is present and has the type; else adds the problem that it must be
  /// `expected`.
  const Ordered* find_typed(std::string_view name, TypeCheck type, std::string_view expected) const;
  /// The same for a number within the range.
  const Ordered* find_number(std::string_view name, TypeCheck type, std::string_view expected,
                             Range range) const;

  Document& document_;
  const Ordered& value_;
  std::string pointer_;
};

/// `"read", "upload"` for a list of names.
std::string quoted_list(std::span<const std::string_view> names);

}  // namespace json
