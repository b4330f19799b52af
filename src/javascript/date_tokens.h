#pragma once

#include <cstddef>
#include <string_view>

namespace javascript {

/// A piece of a text that V8 reads as a date (`DateToken` in V8's src/date/dateparser.h).
struct DateToken {
  enum class Kind {
    end,
    number,
    /// One of `:`, `-`, `+`, `.` and `)`.
    symbol,
    white_space,
    /// Words: what they stand for is told by their first three letters. `word` is any other.
    month_name,
    day_half,
    time_zone_name,
    time_separator,
    word,
    /// Another character, or a whole text in parentheses.
    other,
  };

  Kind kind = Kind::end;
  /// The number; the month from 1; the hours to add for the half of the day; the zone's hours from
  /// UTC; the symbol's character.
  int value = 0;
  /// In characters for numbers; in bytes for words.
  size_t length = 0;

  bool is(Kind wanted) const { return kind == wanted; }
  bool is_symbol(char symbol) const { return kind == Kind::symbol && value == symbol; }
  bool is_sign() const { return is_symbol('+') || is_symbol('-'); }
  /// 1 or -1, for a token that is a sign.
  int sign() const { return value == '-' ? -1 : 1; }
  /// Whether it is a number written with exactly this many digits.
  bool is_number_of(size_t digits) const { return kind == Kind::number && length == digits; }
  /// Whether it is the word `Z`, which is for UTC.
  bool is_z() const { return kind == Kind::time_zone_name && length == 1; }
  bool is_word() const { return kind >= Kind::month_name && kind <= Kind::word; }
};

/// Cuts a text into tokens, one at a time, with a look at the next (`DateStringTokenizer` in V8).
class DateScanner {
 public:
  /// `text` is UTF-8 and must outlive the scanner. It ends at its first zero byte, as in V8.
  explicit DateScanner(std::string_view text) : rest_(text.substr(0, text.find('\0'))) { next(); }

  /// The token that `next` will give.
  const DateToken& peek() const { return upcoming_; }
  /// Takes a token; after the last one, always `end`.
  DateToken next();
  /// Takes the next token if it is this symbol, and says whether it was.
  bool skip_symbol(char symbol);

 private:
  DateToken scan();
  DateToken scan_number();
  DateToken scan_word();
  void skip_parentheses();

  std::string_view rest_;
  DateToken upcoming_;
};

}  // namespace javascript
