#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "json/value.h"

namespace json {

/// The limit for the problems of a document that are listed.
constexpr size_t kMaxProblems = 100;

/// A problem in a file.
struct Problem {
  /// A JSON pointer (RFC 6901).
  std::string pointer;
  /// What is wrong and what to do.
  std::string what;
  /// Whether the position is that of the member's name rather than of its value.
  bool at_name = false;
  /// The offset in the text, if the pointer does not identify it.
  std::optional<size_t> offset = std::nullopt;
};

/// A JSON file that people write: its name, its text, and its problems.
///
/// Positions are found by parsing the text again when they are needed, so that a file without
/// problems loads faster.
class Document {
 public:
  Document(std::string name, std::string text);

  /// The whole value. Null if the text is not JSON, which is a problem.
  const Ordered& root() const { return root_; }

  /// Adds a problem. Beyond the first kMaxProblems they are only counted.
  void add(Problem problem);

  bool has_problems() const { return problem_count_ > 0; }

  /// Returns whether further problems are only counted, so that their text does not matter.
  bool is_full() const { return problem_count_ >= kMaxProblems; }

  /// One line for each problem, in the order of the file: `file:line:column: pointer: what`. The
  /// last one counts the problems that are not listed. Columns count bytes, from 1. Names in the
  /// pointer are redacted and truncated.
  std::vector<std::string> problem_lines() const;

 private:
  std::string name_;
  std::string text_;
  Ordered root_;
  std::vector<Problem> problems_;
  size_t problem_count_ = 0;
};

/// Receives an item of an array, and the name of the root's member that has the array; empty if the
/// array is the root. Returns whether to continue.
using VisitItem = std::function<bool(std::string_view list, const Ordered& item)>;

/// Parses a text as a Document does, but passes the items of the root's arrays (or of the root, if
/// that is an array) to `visit`, one at a time, instead of keeping them, so that a large text needs
/// less time and memory. Returns the rest of the value, whose arrays are empty. Returns nothing if
/// `visit` stops, or if the text has a problem; a Document describes it.
std::optional<Ordered> parse_items(std::string_view text, const VisitItem& visit);

/// A line, and a column in bytes, both from 1.
struct TextPosition {
  size_t line;
  size_t column;
};

/// The position of the syntax error in a text; nothing if it is JSON. A number beyond double is an
/// error here.
std::optional<TextPosition> find_json_error(std::string_view text);

/// The first 60 bytes of a user's text, redacted, for messages.
std::string redact_and_truncate(std::string_view text);

/// The same as a JSON string, in quotes.
std::string quote(std::string_view text);

/// The first 60 bytes of a value's compact JSON, redacted, for messages.
std::string redacted_value(const Ordered& value);
std::string redacted_value(const Value& value);

/// The pointer of a member or an item.
std::string child_pointer(std::string_view pointer, std::string_view name);
std::string child_pointer(std::string_view pointer, size_t index);

}  // namespace json
