#include "json/document.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "base/secret_text.h"
#include "json/body.h"

namespace json {
namespace {

/// Reads characters for the parser and keeps count of how many it has taken.
class CountingIterator {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  CountingIterator(const char* at, const char** taken) : at_(at), taken_(taken) {}
  reference operator*() const { return *at_; }
  CountingIterator& operator++() {
    *taken_ = ++at_;
    return *this;
  }
  bool operator==(const CountingIterator& other) const { return at_ == other.at_; }
  bool operator!=(const CountingIterator& other) const { return at_ != other.at_; }

 private:
  const char* at_;
  const char** taken_;
};

/// Byte offsets of a value and of the member name before it.
struct Place {
  size_t name = 0;
  size_t value = 0;
};

/// What stands after the first `mark`; the whole text if there is none.
std::string_view after(std::string_view text, std::string_view mark) {
  size_t found = text.find(mark);
  return found == std::string_view::npos ? text : text.substr(found + mark.size());
}

/// Whether a field holds secrets, of whatever form.
bool holds_secrets(std::string_view field) { return field == "key" || field == "key_hash"; }

/// A pointer as it may be shown.
std::string shown_pointer(std::string_view pointer) {
  std::string shown;
  while (!pointer.empty()) {
    pointer.remove_prefix(1);
    std::string_view escaped = pointer.substr(0, pointer.find('/'));
    pointer.remove_prefix(escaped.size());
    std::string name;
    for (size_t i = 0; i < escaped.size(); ++i) {
      if (escaped[i] != '~') {
        name += escaped[i];
      } else {
        name += escaped.substr(i++, 2) == "~1" ? '/' : '~';
      }
    }
    shown = child_pointer(shown, base::shorten_secrets(name));
  }
  return shown;
}

/// Enough of a value to be cut.
constexpr size_t kLongestValue = 60;

/// Appends as `dump` would, but no more than is shown in the end.
void append_value(std::string& text, const Ordered& value, bool is_secret) {
  if (value.is_structured()) {
    text += value.is_object() ? '{' : '[';
    bool is_first = true;
    for (const auto& [name, member] : value.items()) {
      if (text.size() > kLongestValue) return;
      if (!std::exchange(is_first, false)) text += ',';
      if (value.is_object()) text += dump(base::shorten_secrets(name)) + ":";
      append_value(text, member, is_secret || (value.is_object() && holds_secrets(name)));
    }
    text += value.is_object() ? '}' : ']';
  } else if (value.is_string()) {
    const auto& content = value.get_ref<const std::string&>();
    text += dump(is_secret ? base::shorten_secret(content) : base::shorten_secrets(content));
  } else if (value.is_number() && is_secret) {
    text += base::shorten_secret(dump(value));
  } else {
    text += dump(value);
  }
}

/// Follows the parser's events: builds the value, notes doubled members, and, in a second reading,
/// finds the places of pointers.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text), taken_(text.data()) {}

  bool read() {
    CountingIterator begin(text_.data(), &taken_);
    CountingIterator end(text_.data() + text_.size(), &taken_);
    bool whole = Ordered::sax_parse(begin, end, this);
    // JSON has no zero byte; the parser takes one for the end of the text.
    size_t zero = text_.find('\0');
    if (!whole || zero == std::string_view::npos) return whole;
    error_at = zero;
    error_text = "a zero byte";
    return false;
  }

  bool null() { return leaf(nullptr); }
  bool boolean(bool value) { return leaf(value); }
  bool number_integer(int64_t value) { return leaf(value); }
  bool number_unsigned(uint64_t value) { return leaf(value); }
  bool number_float(double value, const std::string& /*text*/) { return leaf(value); }
  bool string(std::string& value) { return leaf(std::move(value)); }
  bool binary(Ordered::binary_t& /*value*/) { return false; }
  bool start_object(size_t /*size*/) { return open(Ordered::object()); }
  bool start_array(size_t /*size*/) { return open(Ordered::array()); }
  bool end_object() { return close(); }
  bool end_array() { return close(); }

  bool key(std::string& name) {
    name_start_ = token_start();
    Level& level = levels_.back();
    if (level.value->contains(name)) {
      doubled.push_back({child_pointer(pointer(), name), name_start_});
    }
    level.name = std::move(name);
    last_end_ = offset();
    return true;
  }

  bool parse_error(size_t position, const std::string& /*token*/, const Ordered::exception& error) {
    error_at = position == 0 ? 0 : position - 1;
    std::string_view what = error.what();
    // "[json.exception.…] parse error at line 1, column 2: syntax error …"
    what = after(what, "] ");
    error_text = what.starts_with("parse error") ? after(what, ": ") : what;
    shorten_last_read();
    return false;
  }

  Ordered root;
  std::vector<std::pair<std::string, size_t>> doubled;
  /// The pointers to find: each gets its place when it is met.
  std::unordered_map<std::string, Place> wanted;
  size_t error_at = 0;
  std::string error_text;

 private:
  struct Level {
    Ordered* value;
    std::string name;
  };

  /// Whatever walks over a value calls itself level by level, and the stack is not endless.
  static constexpr size_t kDeepest = 100;

  /// The parser's message quotes what it has read of a value: `...; last read: '"ak_1'`, and may
  /// go on with what it expected.
  void shorten_last_read() {
    constexpr std::string_view kBefore = "; last read: '";
    size_t begin = error_text.find(kBefore);
    if (begin == std::string::npos) return;
    begin += kBefore.size();
    size_t end = std::min(error_text.rfind("'; expected "), error_text.size() - 1);
    std::string read = error_text.substr(begin, end - begin);
    bool is_secret = std::any_of(levels_.begin(), levels_.end(),
                                 [](const Level& level) { return holds_secrets(level.name); });
    error_text.replace(begin, end - begin,
                       is_secret ? base::shorten_secret(read) : base::shorten_secrets(read));
  }

  size_t offset() const { return static_cast<size_t>(taken_ - text_.data()); }

  /// The parser reports a token when it has read it, and a number only one character later, so the
  /// token's start is looked for from the end of the one before.
  size_t token_start() const {
    size_t start = text_.find_first_not_of(" \t\r\n,:", last_end_);
    return std::min(start, text_.size());
  }

  std::string pointer() const {
    std::string path;
    for (const Level& level : levels_) {
      if (&level == &levels_.back()) break;
      path = level.value->is_array() ? child_pointer(path, level.value->size() - 1)
                                     : child_pointer(path, level.name);
    }
    return path;
  }

  Ordered* place(Ordered value) {
    if (levels_.empty()) {
      root = std::move(value);
      return &root;
    }
    Level& level = levels_.back();
    if (level.value->is_array()) return &level.value->emplace_back(std::move(value));
    return &((*level.value)[level.name] = std::move(value));
  }

  Ordered* add(Ordered value) {
    size_t start = token_start();
    Ordered* added = place(std::move(value));
    levels_.push_back({added, ""});
    if (!wanted.empty()) {
      auto found = wanted.find(pointer());
      if (found != wanted.end()) found->second = {name_start_, start};
    }
    last_end_ = offset();
    return added;
  }

  bool leaf(Ordered value) {
    add(std::move(value));
    levels_.pop_back();
    return true;
  }

  bool open(Ordered value) {
    if (levels_.size() == kDeepest) {
      error_at = offset() - 1;
      error_text = "nested more than " + std::to_string(kDeepest) + " deep";
      return false;
    }
    add(std::move(value));
    return true;
  }

  bool close() {
    levels_.pop_back();
    last_end_ = offset();
    return true;
  }

  std::string_view text_;
  const char* taken_;
  size_t last_end_ = 0;
  size_t name_start_ = 0;
  std::vector<Level> levels_;
};

/// Counts the lines of a text up to offsets that only grow.
class LineCounter {
 public:
  explicit LineCounter(std::string_view text) : text_(text) {}

  /// `line:column` of a byte offset, both from 1.
  std::string place(size_t offset) {
    for (; at_ < offset; ++at_) {
      if (text_[at_] != '\n') continue;
      ++line_;
      line_start_ = at_ + 1;
    }
    return std::to_string(line_) + ":" + std::to_string(offset - line_start_ + 1);
  }

 private:
  std::string_view text_;
  size_t at_ = 0;
  size_t line_ = 1;
  size_t line_start_ = 0;
};

}  // namespace

Document::Document(std::string name, std::string text)
    : name_(std::move(name)), text_(std::move(text)) {
  Reader reader(text_);
  if (reader.read()) {
    root_ = std::move(reader.root);
    for (const auto& [pointer, offset] : reader.doubled) {
      add({pointer, "is there twice in one object; keep one of them", true, offset});
    }
  } else {
    add({"", "is not JSON: " + reader.error_text, false, reader.error_at});
  }
}

std::vector<std::string> Document::problem_lines() const {
  Reader reader(text_);
  for (const Problem& problem : problems_) reader.wanted[problem.pointer];
  reader.read();
  std::vector<std::pair<size_t, std::string>> found;
  for (const Problem& problem : problems_) {
    Place place = reader.wanted[problem.pointer];
    size_t offset = problem.at.value_or(problem.at_name ? place.name : place.value);
    std::string separator = problem.pointer.empty() ? "" : shown_pointer(problem.pointer) + ": ";
    found.emplace_back(offset, separator + problem.what);
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  LineCounter counter(text_);
  std::vector<std::string> lines;
  for (const auto& [offset, text] : found) {
    lines.push_back(name_ + ":" + counter.place(offset) + ": " + text);
  }
  return lines;
}

std::string shown_value(const Ordered& value, std::string_view field) {
  std::string text;
  append_value(text, value, holds_secrets(field));
  if (text.size() > kLongestValue) text = text.substr(0, kLongestValue) + "...";
  return repair_utf8(text);
}

std::string child_pointer(std::string_view pointer, std::string_view name) {
  std::string child(pointer);
  child += '/';
  for (char letter : name) {
    if (letter == '~') {
      child += "~0";
    } else if (letter == '/') {
      child += "~1";
    } else {
      child += letter;
    }
  }
  return child;
}

std::string child_pointer(std::string_view pointer, size_t index) {
  return std::string(pointer) + "/" + std::to_string(index);
}

}  // namespace json
