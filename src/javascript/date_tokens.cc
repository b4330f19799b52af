#include "javascript/date_tokens.h"

#include <algorithm>
#include <array>

#include "javascript/white_space.h"

namespace javascript {
namespace {

using Kind = DateToken::Kind;

struct Keyword {
  std::string_view letters;
  Kind kind;
  int value;
};

// `KeywordTable` in V8's src/date/dateparser.cc.
constexpr std::array<Keyword, 27> kKeywords{{
    {"jan", Kind::month_name, 1},      {"feb", Kind::month_name, 2},
    {"mar", Kind::month_name, 3},      {"apr", Kind::month_name, 4},
    {"may", Kind::month_name, 5},      {"jun", Kind::month_name, 6},
    {"jul", Kind::month_name, 7},      {"aug", Kind::month_name, 8},
    {"sep", Kind::month_name, 9},      {"oct", Kind::month_name, 10},
    {"nov", Kind::month_name, 11},     {"dec", Kind::month_name, 12},
    {"am", Kind::day_half, 0},         {"pm", Kind::day_half, 12},
    {"ut", Kind::time_zone_name, 0},   {"utc", Kind::time_zone_name, 0},
    {"z", Kind::time_zone_name, 0},    {"gmt", Kind::time_zone_name, 0},
    {"cdt", Kind::time_zone_name, -5}, {"cst", Kind::time_zone_name, -6},
    {"edt", Kind::time_zone_name, -4}, {"est", Kind::time_zone_name, -5},
    {"mdt", Kind::time_zone_name, -6}, {"mst", Kind::time_zone_name, -7},
    {"pdt", Kind::time_zone_name, -7}, {"pst", Kind::time_zone_name, -8},
    {"t", Kind::time_separator, 0},
}};

bool is_digit(char letter) { return letter >= '0' && letter <= '9'; }

/// V8 takes every character from `A` on for a letter if it is no white space, those outside ASCII
/// too (of them a byte is enough to tell: it lies above all of ASCII), and the two line separators
/// there, though they are white space elsewhere.
bool begins_with_letter(std::string_view text) {
  if (text.empty() || static_cast<unsigned char>(text[0]) < 'A') return false;
  return text.starts_with("\u2028") || text.starts_with("\u2029") || white_space_length(text) == 0;
}

char lowered(char letter) {
  return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

/// Of a month's name three letters are enough, whatever follows; the other words must be whole.
bool matches(const Keyword& keyword, std::string_view word) {
  if (word.size() < keyword.letters.size()) return false;
  if (keyword.kind != Kind::month_name && word.size() > keyword.letters.size()) return false;
  return std::equal(keyword.letters.begin(), keyword.letters.end(), word.begin(),
                    [](char expected, char letter) { return expected == lowered(letter); });
}

}  // namespace

DateToken DateScanner::next() {
  DateToken taken = upcoming_;
  upcoming_ = scan();
  return taken;
}

bool DateScanner::skip_symbol(char symbol) {
  if (!upcoming_.is_symbol(symbol)) return false;
  next();
  return true;
}

DateToken DateScanner::scan() {
  if (rest_.empty()) return {};
  char first = rest_[0];
  if (is_digit(first)) return scan_number();
  if (std::string_view(":-+.)").find(first) != std::string_view::npos) {
    rest_.remove_prefix(1);
    return {Kind::symbol, first, 1};
  }
  if (begins_with_letter(rest_)) return scan_word();
  if (size_t length = white_space_length(rest_)) {
    rest_.remove_prefix(length);
    return {Kind::white_space, 0, length};
  }
  if (first == '(') {
    skip_parentheses();
  } else {
    rest_.remove_prefix(1);
  }
  return {Kind::other, 0, 1};
}

DateToken DateScanner::scan_number() {
  // Later digits, not counting zeros at the start, are passed over.
  constexpr int kMostDigits = 9;
  DateToken token{Kind::number, 0, 0};
  int counted = 0;
  for (; !rest_.empty() && is_digit(rest_[0]); rest_.remove_prefix(1), ++token.length) {
    bool is_leading_zero = counted == 0 && rest_[0] == '0';
    if (is_leading_zero || counted == kMostDigits) continue;
    token.value = token.value * 10 + (rest_[0] - '0');
    ++counted;
  }
  return token;
}

DateToken DateScanner::scan_word() {
  std::string_view word = rest_;
  while (begins_with_letter(rest_)) rest_.remove_prefix(1);
  word.remove_suffix(rest_.size());
  const auto* found = std::find_if(kKeywords.begin(), kKeywords.end(),
                                   [&](const Keyword& keyword) { return matches(keyword, word); });
  if (found == kKeywords.end()) return {Kind::word, 0, word.size()};
  return {found->kind, found->value, word.size()};
}

void DateScanner::skip_parentheses() {
  int open = 0;
  do {
    if (rest_[0] == '(') ++open;
    if (rest_[0] == ')') --open;
    rest_.remove_prefix(1);
  } while (open > 0 && !rest_.empty());
}

}  // namespace javascript
