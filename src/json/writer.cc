#include "json/writer.h"

#include <algorithm>
#include <array>
#include <utility>

#include "json/body.h"

namespace json {
namespace {

/// ASCII characters that need no escape in a JSON string.
constexpr std::array<bool, 256> kPlainCharacters = [] {
  std::array<bool, 256> table{};
  for (size_t c = ' '; c < 0x80; ++c) table[c] = c != '"' && c != '\\';
  return table;
}();

bool is_plain(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](unsigned char c) { return kPlainCharacters[c]; });
}

}  // namespace

Writer& Writer::value(std::string_view text) {
  if (!is_plain(text)) return literal(dump(Ordered(text)));
  char* at = extend(text.size() + 3);
  *at = '"';
  text.copy(at + 1, text.size());
  at[text.size() + 1] = '"';
  at[text.size() + 2] = ',';
  return *this;
}

Writer& Writer::value(std::span<const std::string> texts) {
  open_array();
  for (const std::string& text : texts) value(text);
  return close_array();
}

std::string Writer::take() {
  text_.resize(size_ - 1);
  return std::move(text_);
}

Writer& Writer::close(char bracket) {
  if (text_[size_ - 1] == ',') --size_;
  char* at = extend(2);
  at[0] = bracket;
  at[1] = ',';
  return *this;
}

Writer& Writer::literal(std::string_view text) {
  char* at = extend(text.size() + 1);
  text.copy(at, text.size());
  at[text.size()] = ',';
  return *this;
}

}  // namespace json
