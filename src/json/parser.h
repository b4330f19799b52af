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
struct Offsets {
  size_t name = 0;
  size_t value = 0;
};

/// A tree of the values whose offsets are needed, by their JSON pointers (RFC 6901).
struct OffsetTree {
  static constexpr size_t kNone = SIZE_MAX;

  /// Adds the node of a pointer, if it is new. Returns its index.
  size_t add(std::string_view pointer);

  /// By the parent and `/name`, with the name escaped.
  std::map<std::pair<size_t, std::string>, size_t> children;
  /// The first is the root.
  std::vector<Offsets> nodes{1};
};

/// The result of parsing a text.
struct Parsed {
  /// Nothing if the text is not JSON.
  std::optional<Ordered> value;
  /// With their offsets: the syntax error, or the duplicate members. Beyond kMaxProblems their
  /// pointers are empty.
  std::vector<Problem> problems;
};

/// Parses a text in linear time. The last of duplicate members counts, at the position of the
/// first, as in JavaScript. More than `max_depth` levels, and numbers beyond double, are errors.
/// Sets the offsets of the nodes in the tree, if there is one. If there is a `visit`, items are
/// passed to it instead of kept: see parse_items.
Parsed parse_text(std::string_view text, size_t max_depth = SIZE_MAX, OffsetTree* tree = nullptr,
                  const VisitItem* visit = nullptr);

}  // namespace json
