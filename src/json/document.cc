#include "json/document.h"

#include <algorithm>
#include <utility>

#include "base/redact.h"
#include "json/body.h"
#include "json/parser.h"

namespace json {
namespace {

/// Functions that visit a value are recursive, and the stack is limited.
constexpr size_t kMaxDepth = 100;
/// How many bytes of a user's text messages contain.
constexpr size_t kMaxQuoted = 60;

std::string redact_pointer(std::string_view pointer) {
  std::string redacted;
  while (!pointer.empty()) {
    std::string_view segment = pointer.substr(0, pointer.find('/', 1));
    pointer.remove_prefix(segment.size());
    redacted += redact_and_truncate(segment);
  }
  return redacted;
}

std::string truncate(std::string text) {
  if (text.size() <= kMaxQuoted) return text;
  return std::string(truncate_utf8(text, kMaxQuoted)) + "...";
}

/// Appends as `dump` would, but stops at the limit, which also limits the recursion.
template <typename Json>
void append_value(std::string& text, const Json& value) {
  if (value.is_structured()) {
    text += value.is_object() ? '{' : '[';
    bool is_first = true;
    for (auto item = value.begin(); item != value.end(); ++item) {
      if (text.size() > kMaxQuoted) return;
      if (!std::exchange(is_first, false)) text += ',';
      if (value.is_object()) text += quote(item.key()) + ":";
      append_value(text, *item);
    }
    text += value.is_object() ? '}' : ']';
  } else {
    text += value.is_string() ? quote(value.template get_ref<const std::string&>()) : dump(value);
  }
}

template <typename Json>
std::string format_value(const Json& value) {
  std::string text;
  append_value(text, value);
  // A string alone is truncated already, within its quotes.
  return value.is_string() ? text : truncate(std::move(text));
}

/// The position after `skipped`, which begins at `begin`.
TextPosition advance(TextPosition begin, std::string_view skipped) {
  auto lines = static_cast<size_t>(std::count(skipped.begin(), skipped.end(), '\n'));
  if (lines == 0) return {begin.line, begin.column + skipped.size()};
  return {begin.line + lines, skipped.size() - skipped.rfind('\n')};
}

}  // namespace

Document::Document(std::string name, std::string text)
    : name_(std::move(name)), text_(std::move(text)) {
  Parsed parsed = parse_text(text_, kMaxDepth);
  if (parsed.value) root_ = std::move(*parsed.value);
  for (Problem& problem : parsed.problems) add(std::move(problem));
}

void Document::add(Problem problem) {
  if (!is_full()) problems_.push_back(std::move(problem));
  ++problem_count_;
}

std::vector<std::string> Document::problem_lines() const {
  OffsetTree tree;
  for (const Problem& problem : problems_) tree.add(problem.pointer);
  parse_text(text_, kMaxDepth, &tree);
  std::vector<Problem> sorted = problems_;
  for (Problem& problem : sorted) {
    const Offsets& found = tree.nodes[tree.add(problem.pointer)];
    if (!problem.offset) problem.offset = problem.at_name ? found.name : found.value;
  }
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const Problem& a, const Problem& b) { return a.offset < b.offset; });
  std::vector<std::string> lines;
  std::string_view text = text_;
  TextPosition position{1, 1};
  size_t previous = 0;
  for (const Problem& problem : sorted) {
    position = advance(position, text.substr(previous, *problem.offset - previous));
    previous = *problem.offset;
    std::string pointer = problem.pointer.empty() ? "" : redact_pointer(problem.pointer) + ": ";
    lines.push_back(name_ + ":" + std::to_string(position.line) + ":" +
                    std::to_string(position.column) + ": " + pointer + problem.what);
  }
  if (size_t more = problem_count_ - problems_.size(); more > 0) {
    lines.push_back(name_ + ": and " + std::to_string(more) + " more problem" +
                    (more > 1 ? "s" : ""));
  }
  return lines;
}

std::optional<Ordered> parse_items(std::string_view text, const VisitItem& visit) {
  Parsed parsed = parse_text(text, kMaxDepth, nullptr, &visit);
  return parsed.problems.empty() ? std::move(parsed.value) : std::nullopt;
}

std::optional<TextPosition> find_json_error(std::string_view text) {
  Parsed parsed = parse_text(text);
  if (parsed.value) return std::nullopt;
  return advance({1, 1}, text.substr(0, *parsed.problems[0].offset));
}

std::string redact_and_truncate(std::string_view text) { return truncate(base::redact_text(text)); }

std::string quote(std::string_view text) { return dump(redact_and_truncate(text)); }

std::string redacted_value(const Ordered& value) { return format_value(value); }
std::string redacted_value(const Value& value) { return format_value(value); }

std::string child_pointer(std::string_view pointer, std::string_view name) {
  std::string child(pointer);
  child += '/';
  for (const char& c : name) {
    child += c == '~' ? "~0" : c == '/' ? "~1" : std::string_view(&c, 1);
  }
  return child;
}

std::string child_pointer(std::string_view pointer, size_t index) {
  return std::string(pointer) + "/" + std::to_string(index);
}

}  // namespace json
