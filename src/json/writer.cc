#include "json/writer.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <utility>

#include "json/body.h"

namespace json {
namespace {

using namespace std::string_view_literals;

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

Writer& Writer::name(std::string_view name) {
  assert(is_plain(name));
  text_.append("\""sv).append(name).append("\":"sv);
  return *this;
}

Writer& Writer::value(std::string_view text) {
  if (!is_plain(text)) return literal(dump(Ordered(text)));
  text_.append("\""sv).append(text).append("\","sv);
  return *this;
}

Writer& Writer::value(std::span<const std::string> texts) {
  open_array();
  for (const std::string& text : texts) value(text);
  return close_array();
}

std::string Writer::take() {
  text_.pop_back();
  return std::move(text_);
}

Writer& Writer::open(char bracket) {
  text_ += bracket;
  return *this;
}

Writer& Writer::close(char bracket) {
  if (text_.back() == ',') text_.pop_back();
  text_ += bracket;
  text_ += ',';
  return *this;
}

Writer& Writer::literal(std::string_view text) {
  text_.append(text).append(","sv);
  return *this;
}

}  // namespace json
