#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "json/document.h"

/// The parser behind body.h and document.h.
namespace json {

/// Byte offsets of a value and of the member name before it.
struct Place {
  size_t name = 0;
  size_t value = 0;
};

/// The values whose places are wanted: a tree of JSON pointers (RFC 6901). Its root is node 0.
struct OffsetTree {
  static constexpr size_t kNone = SIZE_MAX;

  /// Adds the value that the pointer names; returns its node.
  size_t add(std::string_view pointer);

  /// The node of a child, `/name` with the name escaped; kNone if there is none.
  size_t find(size_t parent, std::string child) const;

  std::map<std::pair<size_t, std::string>, size_t> nodes;
  /// By node.
  std::vector<Place> places{1};
};

/// What is in a text.
struct Parsed {
  /// Nothing if the text is not JSON.
  std::optional<Ordered> value;
  /// All with their places: why the text is not JSON, or else the duplicate members. Beyond
  /// kMaxProblems their pointers are left out.
  std::vector<Problem> problems;
};

/// Parses a text in linear time. Of duplicate members the last value counts, at the place of the
/// first, as in JavaScript. More than `max_depth` levels, and numbers beyond double, are errors.
/// Sets the places of what is in the tree, if there is one.
Parsed parse_text(std::string_view text, size_t max_depth = SIZE_MAX, OffsetTree* places = nullptr);

}  // namespace json
