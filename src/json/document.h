#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "json/value.h"

namespace json {

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

  /// Notes a problem.
  void add(Problem problem) { problems_.push_back(std::move(problem)); }

  bool has_problems() const { return !problems_.empty(); }

  /// One line a problem, in the order of the file: `file:line:column: pointer: what`.
  /// Columns count bytes, from 1. Names in the pointer that look like secrets are shortened.
  std::vector<std::string> problem_lines() const;

 private:
  std::string name_;
  std::string text_;
  Ordered root_;
  std::vector<Problem> problems_;
};

/// A value as it may stand in a problem: its compact JSON, cut short, what looks like a secret in
/// it shortened. In a field that holds secrets (`key`, `key_hash`) every text and number is one.
std::string shown_value(const Ordered& value, std::string_view field = "");

/// `pointer` and one more member name or index.
std::string child_pointer(std::string_view pointer, std::string_view name);
std::string child_pointer(std::string_view pointer, size_t index);

}  // namespace json
