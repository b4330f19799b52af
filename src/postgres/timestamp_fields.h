#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postgres {

/// What a field looks like from its first characters; what it means is found out later.
enum class FieldKind {
  /// Digits, with at most one point in or before them.
  number,
  /// Digits and a `-`, `/` or `.`, then more; or letters with such characters or digits in them.
  date,
  /// Digits and a colon, then more.
  time,
  /// A sign and digits, then more.
  offset,
  /// Letters.
  word,
  /// A sign and letters.
  signed_word,
};

/// A piece of the text of a date, its letters in lower case.
struct Field {
  FieldKind kind;
  std::string text;

  bool operator==(const Field&) const = default;
};

/// Splits the text of a date into fields, as ParseDateTime of PostgreSQL's datetime.c does: blanks
/// and all punctuation that no field can hold separate them.
///
/// Gives nothing for a text with a lonely sign, with other control characters or letters than
/// ASCII has, with more than 25 fields, or longer than the buffer of the original.
std::optional<std::vector<Field>> split_timestamp(std::string_view text);

}  // namespace postgres
