#pragma once

namespace postgres {

// The C library's classes of characters in the C locale, which is what the database sees of a text
// in UTF-8: no byte above 127 is in any of them.

/// `0` to `9`.
constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// `A` to `Z`.
constexpr bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }

/// A letter of ASCII.
constexpr bool is_letter(char c) { return is_upper(c) || (c >= 'a' && c <= 'z'); }

/// Either of them.
constexpr bool is_letter_or_digit(char c) { return is_letter(c) || is_digit(c); }

/// Blank, tab, line feed, vertical tab, form feed, carriage return.
constexpr bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

/// Whatever is printed and is neither a letter, nor a digit, nor the blank.
constexpr bool is_punctuation(char c) { return c > ' ' && c < '\x7f' && !is_letter_or_digit(c); }

/// The lower case of a letter of ASCII; any other byte as it is.
constexpr char to_lower(char c) { return is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c; }

}  // namespace postgres
