#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "json/document.h"

namespace json {

/// The ends, both included, that a number must lie between.
struct Range {
  double lower;
  double upper;
};

/// Reads the fields of one object of a document, and adds a problem for each that is invalid. A
/// field that is null counts as absent. Getters return nothing where the field is absent or
/// invalid, so that reading goes on and all problems are found at once.
class ObjectReader {
 public:
  /// Adds a problem if the value is no object, or has a field that is not in `fields`.
  /// `document` and `fields` must outlive the reader.
  ObjectReader(Document& document, const Ordered& value, std::string pointer,
               std::span<const std::string_view> fields);

  /// The field as it is; null if it is absent or null.
  const Ordered* find(std::string_view name) const;
  /// Whether the field is there, be it null.
  bool has(std::string_view name) const;

  std::optional<std::string> string(std::string_view name) const;
  /// As text, but an empty one is a problem; empty where text returns nothing.
  std::string nonempty_string(std::string_view name) const;
  std::optional<bool> boolean(std::string_view name) const;
  /// A whole number within the range.
  std::optional<int64_t> integer(std::string_view name, Range range) const;
  std::optional<double> number(std::string_view name, Range range) const;
  std::optional<std::vector<std::string>> strings(std::string_view name) const;
  /// A text that must be one of `choices`, as its index there; a near miss is named.
  std::optional<size_t> choice(std::string_view name,
                               std::span<const std::string_view> choices) const;
  /// The array's items; none if the field is absent.
  std::vector<const Ordered*> items(std::string_view name) const;

  /// Adds a problem if the field is absent.
  void require(std::string_view name) const;

  /// The pointer of a field of this object.
  std::string pointer(std::string_view name) const { return child_pointer(pointer_, name); }
  /// Adds a problem of a field.
  void add_problem(std::string_view name, std::string what) const;
  /// Adds a problem of a member of a field that is an object.
  void add_problem(std::string_view name, std::string_view member, std::string what) const {
    document_.add({child_pointer(pointer(name), member), std::move(what)});
  }
  /// Adds a problem of the object itself.
  void add_problem(std::string what) const { document_.add({pointer_, std::move(what), false}); }

 private:
  /// The field, if it is there and `fits`; else adds that it must be `wanted`.
  const Ordered* checked(std::string_view name, bool (Ordered::*fits)() const noexcept,
                         std::string_view wanted) const;
  /// The same for a number.
  const Ordered* in_range(std::string_view name, bool (Ordered::*fits)() const noexcept,
                          std::string_view wanted, Range range) const;

  Document& document_;
  const Ordered& value_;
  std::string pointer_;
};

/// `"read", "upload"` for a list of names.
std::string quoted_list(std::span<const std::string_view> names);

}  // namespace json
