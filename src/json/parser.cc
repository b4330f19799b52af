#include "json/parser.h"

#include "base/ascii.h"
#include "json/body.h"

namespace json {
namespace {

/// Reads characters for the parser, and records its position.
struct CountingIterator {
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using reference = const char&;

  reference operator*() const { return *at; }
  CountingIterator& operator++() {
    *position = ++at;
    return *this;
  }
  bool operator==(const CountingIterator& other) const = default;

  const char* at;
  const char** position;
};

/// Up to so many members, an object is searched without an index.
constexpr size_t kFewMembers = 16;

/// The whole word at an offset, or else the character there.
std::string_view word_at(std::string_view text, size_t at) {
  auto is_part = [&](size_t i) {
    return (text[i] & 0x80) != 0 || base::is_alnum(text[i]) ||
           std::string_view("_-+.$").find(text[i]) != std::string_view::npos;
  };
  size_t begin = at;
  while (begin > 0 && is_part(begin - 1)) --begin;
  size_t end = at;
  while (end < text.size() && is_part(end)) ++end;
  return begin == end ? text.substr(at, 1) : text.substr(begin, end - begin);
}

/// What is expected where nlohmann's parser stops, by the context in its message.
constexpr std::pair<std::string_view, const char*> kExpected[] = {
    {"value", "expected a value"},
    {"object key", "names are strings in double quotes"},
    {"object separator", "expected a colon after the name"},
    {"object", "expected a comma or \"}\""},
    {"array", "expected a comma or \"]\""}};

/// Explains syntax of other languages that people often use; empty if there is none.
std::string explain_foreign_syntax(std::string_view text, size_t at) {
  if (at >= text.size()) return "";
  char c = text[at];
  char next = at + 1 < text.size() ? text[at + 1] : ' ';
  if (c == '#' || (c == '/' && (next == '/' || next == '*'))) {
    return "comments are not allowed in JSON; remove them";
  }
  if (c == '\'' || c == '`') return "strings need double quotes";
  size_t before = text.substr(0, at).find_last_not_of(" \t\r\n");
  bool is_after_comma = before != std::string_view::npos && text[before] == ',';
  if ((c == ']' || c == '}') && is_after_comma) {
    return std::string("trailing comma; remove the comma before \"") + c + "\"";
  }
  return "";
}

/// Why a text is not JSON, from the offset where nlohmann's parser stopped and its message: `syntax
/// error while parsing CONTEXT - REASON; last read: 'TOKEN'; expected TOKEN`.
std::string explain_syntax_error(std::string_view text, size_t at, std::string_view message) {
  constexpr std::string_view kWhile = "while parsing ";
  message.remove_prefix(std::min(message.find(kWhile) + kWhile.size(), message.size()));
  std::string_view context = message.substr(0, message.find(" - "));
  message.remove_prefix(std::min(context.size() + 3, message.size()));
  if (message.starts_with("invalid string") || message.starts_with("invalid number")) {
    return std::string(message.substr(0, message.find("; last read")));
  }
  if (std::string foreign = explain_foreign_syntax(text, at); !foreign.empty()) return foreign;
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) return "the text is empty";
  if (at >= text.size()) {
    return "unexpected end; a closing bracket, a brace or the value after a name is missing";
  }
  std::string unexpected =
      text[at] == '"' ? "unexpected string" : "unexpected " + quote(word_at(text, at));
  if (message.ends_with("expected end of input")) return unexpected + " after the end of the value";
  for (const auto& [name, expected] : kExpected) {
    if (context == name) return unexpected + "; " + expected;
  }
  return unexpected;
}

/// Handles the events of nlohmann's SAX parser.
class Handler {
 public:
  Handler(std::string_view text, size_t max_depth, OffsetTree* tree, const VisitItem* visit)
      : text_(text), max_depth_(max_depth), tree_(tree), visit_(visit), position_(text.data()) {}

  Parsed parse() {
    if (is_utf16(text_)) {
      fail(0, "the file is UTF-16; save it as UTF-8");
      return std::move(parsed_);
    }
    CountingIterator begin{text_.data(), &position_};
    CountingIterator end{text_.data() + text_.size(), &position_};
    bool is_json = Ordered::sax_parse(begin, end, this);
    // The parser takes a zero byte for the end of the text.
    size_t zero = text_.find('\0');
    if (is_json && zero != std::string_view::npos) is_json = fail(zero, "a zero byte");
    if (!is_json) parsed_.value.reset();
    return std::move(parsed_);
  }

  bool null() { return leaf(nullptr); }
  bool boolean(bool value) { return leaf(value); }
  bool number_integer(int64_t value) { return leaf(value); }
  bool number_unsigned(uint64_t value) { return leaf(value); }
  bool number_float(double value, const std::string& /*digits*/) { return leaf(value); }
  // Strings are copied, so that the parser's buffer need not grow again for each.
  bool string(const std::string& value) { return leaf(value); }
  bool binary(Ordered::binary_t& /*value*/) { return false; }
  bool start_object(size_t /*size*/) { return open(nullptr); }
  bool start_array(size_t /*size*/) { return open(Ordered::array()); }

  bool key(const std::string& name) {
    levels_.back().member = members_.size();
    members_.push_back({name, last_end_, nullptr});
    last_end_ = offset();
    return true;
  }

  bool end_object() {
    auto begin = members_.begin() + static_cast<std::ptrdiff_t>(levels_.back().first_member);
    auto count = static_cast<size_t>(members_.end() - begin);
    levels_.pop_back();
    Ordered::object_t object;
    object.reserve(count);  // To grow, it would copy the members.
    std::map<std::string_view, Ordered*> values;
    for (auto member = begin; member != members_.end(); ++member) {
      if (Ordered* first = find_member(object, values, member->name)) {
        *first = std::move(member->value);
        add_duplicate(*member);
        continue;
      }
      object.emplace_back(std::move(member->name), std::move(member->value));
      if (count > kFewMembers) values.emplace(object.back().first, &object.back().second);
    }
    members_.erase(begin, members_.end());
    return add_value(std::move(object));
  }

  bool end_array() {
    Ordered array = std::move(levels_.back().array);
    levels_.pop_back();
    return add_value(std::move(array));
  }

  bool parse_error(size_t position, const std::string& token, const Ordered::exception& error) {
    constexpr int kOverflow = 406;  // nlohmann's id of the error for numbers beyond double.
    size_t at = position == 0 ? 0 : position - 1;
    if (error.id == kOverflow) {
      return fail(at, "the number " + redact_and_truncate(token) + " is too large");
    }
    return fail(at, explain_syntax_error(text_, at, error.what()));
  }

 private:
  struct Member {
    std::string name;
    /// The end of the token before the name.
    size_t previous_end;
    Ordered value;
  };

  /// An array or an object that is not closed yet.
  struct Level {
    /// Null in an object.
    Ordered array;
    /// Its node in the tree.
    size_t node;
    /// The indices in members_ of an object's first member and of the one that is being read.
    size_t first_member;
    size_t member;
  };

  bool fail(size_t at, const std::string& reason) {
    parsed_.problems = {{"", "is not JSON: " + reason, false, at}};
    return false;
  }

  /// The relative pointer of the child of a level that is being read.
  std::string child(const Level& level) const {
    return level.array.is_array() ? child_pointer("", level.array.size())
                                  : child_pointer("", members_[level.member].name);
  }

  /// Finds a member of an object, all of whose members are in `values` if they are many.
  static Ordered* find_member(Ordered::object_t& object,
                              const std::map<std::string_view, Ordered*>& values,
                              const std::string& name) {
    if (values.empty()) {
      auto found = object.find(name);
      return found == object.end() ? nullptr : &found->second;
    }
    auto found = values.find(name);
    return found == values.end() ? nullptr : found->second;
  }

  size_t offset() const { return static_cast<size_t>(position_ - text_.data()); }

  /// The parser reports a token after it has read it, and a number one character later, so the
  /// start is searched from the end of the previous token.
  size_t token_after(size_t previous_end) const {
    return std::min(text_.find_first_not_of(" \t\r\n,:", previous_end), text_.size());
  }

  void add_duplicate(const Member& member) {
    std::string pointer;
    if (parsed_.problems.size() < kMaxProblems) {
      for (const Level& level : levels_) pointer += child(level);
      pointer += child_pointer("", member.name);
    }
    parsed_.problems.push_back({std::move(pointer), "duplicate field; keep one of them", false,
                                token_after(member.previous_end)});
  }

  /// Sets the offsets of the value that begins, and returns its node.
  size_t set_offsets() {
    if (tree_ == nullptr) return OffsetTree::kNone;
    size_t node = 0;
    size_t name_offset = 0;
    if (!levels_.empty()) {
      const Level& level = levels_.back();
      if (level.node == OffsetTree::kNone) return OffsetTree::kNone;
      auto found = tree_->children.find({level.node, child(level)});
      if (found == tree_->children.end()) return OffsetTree::kNone;
      node = found->second;
      if (!level.array.is_array()) name_offset = token_after(members_[level.member].previous_end);
    }
    tree_->nodes[node] = {name_offset, token_after(last_end_)};
    return node;
  }

  /// Adds a complete value to the current level.
  bool add_value(Ordered value) {
    last_end_ = offset();
    if (levels_.empty()) {
      parsed_.value = std::move(value);
    } else if (!levels_.back().array.is_array()) {
      members_.back().value = std::move(value);
    } else if (visit_ != nullptr && is_in_list()) {
      return (*visit_)(levels_.size() == 1 ? "" : members_[levels_.front().member].name, value);
    } else {
      levels_.back().array.push_back(std::move(value));
    }
    return true;
  }

  /// Whether the current array is the root, or a member of it.
  bool is_in_list() const {
    return levels_.size() == 1 || (levels_.size() == 2 && !levels_.front().array.is_array());
  }

  bool leaf(Ordered value) {
    set_offsets();
    return add_value(std::move(value));
  }

  bool open(Ordered array) {
    if (levels_.size() == max_depth_) {
      return fail(offset() - 1, "nested more than " + std::to_string(max_depth_) + " deep");
    }
    size_t node = set_offsets();
    levels_.push_back({std::move(array), node, members_.size(), 0});
    last_end_ = offset();
    return true;
  }

  std::string_view text_;
  size_t max_depth_;
  OffsetTree* tree_;
  const VisitItem* visit_;
  const char* position_;
  size_t last_end_ = 0;
  std::vector<Level> levels_;
  /// Those of all levels.
  std::vector<Member> members_;
  Parsed parsed_;
};

}  // namespace

size_t OffsetTree::add(std::string_view pointer) {
  size_t node = 0;
  while (!pointer.empty()) {
    std::string_view segment = pointer.substr(0, pointer.find('/', 1));
    pointer.remove_prefix(segment.size());
    auto [found, is_new] = children.try_emplace({node, std::string(segment)}, nodes.size());
    if (is_new) nodes.emplace_back();
    node = found->second;
  }
  return node;
}

Parsed parse_text(std::string_view text, size_t max_depth, OffsetTree* tree,
                  const VisitItem* visit) {
  return Handler(text, max_depth, tree, visit).parse();
}

}  // namespace json
