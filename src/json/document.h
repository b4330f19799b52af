#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "json/value.h"

namespace json {

/// How many problems of a document are shown.
constexpr size_t kMaxProblems = 100;

/// Something wrong in a file: where (a JSON pointer, RFC 6901), and what it is and what to do.
struct Problem {
  std::string pointer;
  std::string what;
  /// Whether to point at the member's name rather than at its value.
  bool at_name = false;
  /// The place in bytes from the start of the text, where the pointer does not tell it.
  std::optional<size_t> at = std::nullopt;
};

/// A JSON file that people write: its name, its text, and what is wrong with it.
///
/// Places are found only when asked for, by reading the text again: a file without problems pays
/// nothing for them.
class Document {
 public:
  Document(std::string name, std::string text);

  /// The whole value. Null if the text is not JSON; that is a problem then.
  const Ordered& root() const { return root_; }

  /// Adds a problem; beyond the first kMaxProblems they are only counted.
  void add(Problem problem);

  bool has_problems() const { return problem_count_ > 0; }

  /// Whether what is added is only counted, so that its text does not matter.
  bool is_full() const { return problem_count_ >= kMaxProblems; }

  /// One line a problem, in the order of the file: `file:line:column: pointer: what`, and one that
  /// counts the problems not shown. Columns count bytes, from 1. Names in the pointer are redacted
  /// and cut.
  std::vector<std::string> problem_lines() const;

 private:
  std::string name_;
  std::string text_;
  Ordered root_;
  std::vector<Problem> problems_;
  size_t problem_count_ = 0;
};

/// A place in a text: the line, and the column in bytes, both from 1.
struct TextPosition {
  size_t line;
  size_t column;
};

/// Where a text stops being JSON; nothing if it is JSON. A number beyond double is an error here.
std::optional<TextPosition> find_json_error(std::string_view text);

/// What a user wrote, as a problem may show it: redacted, and its first 60 bytes.
std::string redact_and_truncate(std::string_view text);

/// The same as a JSON string, in quotes.
std::string quote(std::string_view text);

/// A value as a problem may show it: the first 60 bytes of its compact JSON, redacted.
std::string redacted_value(const Ordered& value);
std::string redacted_value(const Value& value);

/// `pointer` and one more member name or index.
std::string child_pointer(std::string_view pointer, std::string_view name);
std::string child_pointer(std::string_view pointer, size_t index);

}  // namespace json
