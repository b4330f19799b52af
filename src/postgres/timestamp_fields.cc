#include "postgres/timestamp_fields.h"

#include "postgres/ascii.h"
#include "postgres/date_words.h"

namespace postgres {
namespace {

// MAXDATEFIELDS, and the room for the fields in timestamptz_in: each takes one more than its
// length.
constexpr size_t kMaxFields = 25;
constexpr size_t kBufferSize = 128 + kMaxFields;

/// Takes one field after the other from the left of a text.
class Splitter {
 public:
  explicit Splitter(std::string_view text) : rest_(text) {}

  /// Leaves out blanks. True if something else follows.
  bool skip_spaces() {
    while (is_space(next())) rest_.remove_prefix(1);
    return !rest_.empty();
  }

  /// Leaves out one character that only separates fields. False if there is none.
  bool skip_separator() {
    if (starts_field() || !is_punctuation(next())) return false;
    rest_.remove_prefix(1);
    return true;
  }

  /// The field that begins here; nothing if none can.
  std::optional<Field> take_field() {
    field_ = {};
    if (is_digit(next())) {
      take_number();
    } else if (next() == '.') {
      field_.kind = FieldKind::number;
      take();
      take_digits();
    } else if (is_letter(next())) {
      take_word();
    } else if (!take_signed()) {
      return std::nullopt;
    }
    return field_;
  }

 private:
  char next() const { return rest_.empty() ? '\0' : rest_.front(); }

  bool next_is_one_of(std::string_view characters) const {
    return !rest_.empty() && characters.find(next()) != std::string_view::npos;
  }

  bool starts_field() const { return is_letter_or_digit(next()) || next_is_one_of(".+-"); }

  void take() {
    field_.text += to_lower(next());
    rest_.remove_prefix(1);
  }

  void take_digits() {
    while (is_digit(next())) take();
  }

  void take_number() {
    field_.kind = FieldKind::number;
    take_digits();
    if (next() == ':') {
      field_.kind = FieldKind::time;
      while (is_digit(next()) || next_is_one_of(":.")) take();
    } else if (next_is_one_of("-/.")) {
      take_rest_of_date();
    }
  }

  /// From the first separator on. Only a second one of the same kind makes a third part.
  void take_rest_of_date() {
    const char separator = next();
    take();
    if (!is_digit(next())) {
      field_.kind = FieldKind::date;
      while (is_letter_or_digit(next()) || next_is_one_of({&separator, 1})) take();
      return;
    }
    field_.kind = separator == '.' ? FieldKind::number : FieldKind::date;
    take_digits();
    if (next() != separator) return;
    field_.kind = FieldKind::date;
    while (is_digit(next()) || next_is_one_of({&separator, 1})) take();
  }

  /// A word; or a date that begins with the month, or the name of a time zone.
  void take_word() {
    field_.kind = FieldKind::word;
    while (is_letter(next())) take();
    const bool goes_on = next_is_one_of("-/.") || ((next() == '+' || is_digit(next())) &&
                                                   find_date_word(field_.text) == nullptr);
    if (!goes_on) return;
    field_.kind = FieldKind::date;
    while (is_letter_or_digit(next()) || next_is_one_of("+-/_.:")) take();
  }

  bool take_signed() {
    if (!next_is_one_of("+-")) return false;
    take();
    skip_spaces();
    if (is_digit(next())) {
      field_.kind = FieldKind::offset;
      while (is_digit(next()) || next_is_one_of(":.-")) take();
      return true;
    }
    field_.kind = FieldKind::signed_word;
    if (!is_letter(next())) return false;
    while (is_letter(next())) take();
    return true;
  }

  std::string_view rest_;
  Field field_{};
};

}  // namespace

std::optional<std::vector<Field>> split_timestamp(std::string_view text) {
  Splitter splitter(text);
  std::vector<Field> fields;
  size_t used = 0;
  while (splitter.skip_spaces()) {
    // Before separators too: after the last possible field nothing but blanks may follow.
    if (fields.size() == kMaxFields) return std::nullopt;
    if (splitter.skip_separator()) continue;
    std::optional<Field> field = splitter.take_field();
    if (!field || used + field->text.size() >= kBufferSize) return std::nullopt;
    used += field->text.size() + 1;
    fields.push_back(*std::move(field));
  }
  return fields;
}

}  // namespace postgres
