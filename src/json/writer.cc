#include "json/writer.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <utility>

#include "json/body.h"

namespace json {
namespace {

/// Eight characters, to be checked at once.
using Word = uint64_t;

/// Returns whether all of them are ASCII that needs no escape in a JSON string.
bool is_plain(Word word) {
  constexpr Word kOnes = 0x0101'0101'0101'0101;
  constexpr Word kHighBits = 0x80 * kOnes;
  // After a subtraction, a byte has its high bit set if it was too small, or had it set before.
  Word control = word - ' ' * kOnes;
  Word quote = (word ^ ('"' * kOnes)) - kOnes;
  Word backslash = (word ^ ('\\' * kOnes)) - kOnes;
  return ((word | control | quote | backslash) & kHighBits) == 0;
}

bool is_plain(char c) {
  auto byte = static_cast<unsigned char>(c);
  return byte >= ' ' && byte < 0x80 && c != '"' && c != '\\';
}

/// The same for a text. Most are plain, so this is the longest loop of a list of keys.
bool is_plain(std::string_view text) {
  if (text.size() < sizeof(Word)) {
    return std::all_of(text.begin(), text.end(), [](char c) { return is_plain(c); });
  }
  const char* last = text.data() + text.size() - sizeof(Word);
  for (const char* at = text.data();; at = std::min(at + sizeof(Word), last)) {
    Word word = 0;
    std::memcpy(&word, at, sizeof word);
    if (!is_plain(word)) return false;
    if (at == last) return true;
  }
}

}  // namespace

Writer& Writer::value(std::string_view text) {
  return is_plain(text) ? quoted(text, ',') : literal(dump(Ordered(text)));
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
