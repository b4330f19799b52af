#include "json/body.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace json {
namespace {

using Byte = unsigned char;

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

bool between(Byte byte, Byte low, Byte high) { return byte >= low && byte <= high; }

/// How many bytes may follow this first one, and the range of the second, which is narrower where
/// a wider one would let in overlong forms, surrogates or numbers beyond U+10FFFF.
struct Lead {
  size_t more;
  Byte low;
  Byte high;
};

std::optional<Lead> lead_of(Byte first) {
  if (between(first, 0xC2, 0xDF)) return Lead{1, 0x80, 0xBF};
  if (first == 0xE0) return Lead{2, 0xA0, 0xBF};
  if (first == 0xED) return Lead{2, 0x80, 0x9F};
  if (between(first, 0xE1, 0xEF)) return Lead{2, 0x80, 0xBF};
  if (first == 0xF0) return Lead{3, 0x90, 0xBF};
  if (between(first, 0xF1, 0xF3)) return Lead{3, 0x80, 0xBF};
  if (first == 0xF4) return Lead{3, 0x80, 0x8F};
  return std::nullopt;
}

/// How many ASCII characters the text begins with.
size_t ascii_length(std::string_view text) {
  auto end = std::find_if(text.begin(), text.end(),
                          [](char letter) { return static_cast<Byte>(letter) >= 0x80; });
  return static_cast<size_t>(end - text.begin());
}

struct Sequence {
  size_t length;
  bool valid;
};

/// What the text begins with: all its ASCII up to other bytes, or else one UTF-8 sequence or the
/// broken beginning of one.
Sequence first_sequence(std::string_view text) {
  if (size_t ascii = ascii_length(text); ascii > 0) return {ascii, true};
  auto lead = lead_of(static_cast<Byte>(text[0]));
  if (!lead) return {1, false};
  Byte low = lead->low;
  Byte high = lead->high;
  for (size_t i = 1; i <= lead->more; ++i) {
    if (i == text.size() || !between(static_cast<Byte>(text[i]), low, high)) return {i, false};
    low = 0x80;
    high = 0xBF;
  }
  return {lead->more + 1, true};
}

/// The number that the escape `\uXXXX` at the start of `text` stands for.
std::optional<unsigned> unicode_escape(std::string_view text) {
  if (text.size() < 6 || text[0] != '\\' || text[1] != 'u') return std::nullopt;
  unsigned value = 0;
  for (char digit : text.substr(2, 4)) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    size_t found =
        kDigits.find(digit >= 'A' && digit <= 'F' ? static_cast<char>(digit + 32) : digit);
    if (found == std::string_view::npos) return std::nullopt;
    value = value * 16 + static_cast<unsigned>(found);
  }
  return value;
}

/// JSON's grammar allows the escape of half a surrogate pair, and so does JavaScript; the parser
/// here does not. As the half cannot be written in UTF-8, it becomes U+FFFD like bad bytes.
void repair_lone_surrogates(std::string& text) {
  auto is_high = [](unsigned unit) { return unit >= 0xD800 && unit <= 0xDBFF; };
  auto is_low = [](unsigned unit) { return unit >= 0xDC00 && unit <= 0xDFFF; };
  for (size_t at = text.find('\\'); at != std::string::npos; at = text.find('\\', at)) {
    std::string_view rest = std::string_view(text).substr(at);
    auto unit = unicode_escape(rest);
    if (!unit) {
      at += 2;
      continue;
    }
    auto next = rest.size() > 6 ? unicode_escape(rest.substr(6)) : std::nullopt;
    bool pair = is_high(*unit) && next && is_low(*next);
    if (!pair && (is_high(*unit) || is_low(*unit))) text.replace(at + 2, 4, "fffd");
    at += pair ? 12 : 6;
  }
}

/// A smaller number in place of one that is infinite as a double, as well or badly formed as that.
std::string smaller_number(const std::string& number) {
  constexpr size_t kEnough = 300;
  size_t exponent = std::min(number.find_first_of("eE"), number.size());
  size_t whole_digits = std::min(number.find('.'), exponent);
  std::string smaller = number.substr(0, exponent);
  if (whole_digits > kEnough) smaller.erase(kEnough, whole_digits - kEnough);
  std::string power = number.substr(exponent);
  for (char& digit : power) {
    if (digit > '0' && digit <= '9') digit = '0';
  }
  return smaller + power;
}

/// Where the string that `text` begins with is over.
size_t end_of_string(std::string_view text) {
  size_t end = 1;
  while (end < text.size() && text[end] != '"') end += text[end] == '\\' ? 2 : 1;
  return std::min(end + 1, text.size());
}

/// JavaScript reads a number beyond the greatest double as infinity; the parser here refuses it.
/// The text with the greatest double in the place of such numbers.
std::string tame_numbers(std::string_view text) {
  constexpr std::string_view kNumber = "+-.0123456789Ee";
  constexpr std::string_view kNumberOrString = "\"+-.0123456789Ee";
  constexpr std::string_view kGreatest = "1.7976931348623157e308";
  std::string tamed;
  tamed.reserve(text.size());
  while (!text.empty()) {
    size_t next = std::min(text.find_first_of(kNumberOrString), text.size());
    if (next == 0 && text[0] == '"') next = end_of_string(text);
    tamed += text.substr(0, next);
    text.remove_prefix(next);
    std::string number(text.substr(0, text.find_first_not_of(kNumber)));
    bool is_beyond = std::isinf(std::strtod(number.c_str(), nullptr));
    if (is_beyond && Value::accept(smaller_number(number))) {
      tamed += number.starts_with('-') ? "-" : "";
      tamed += kGreatest;
    } else {
      tamed += number;
    }
    text.remove_prefix(number.size());
  }
  return tamed;
}

template <typename Json>
std::optional<Json> parse_as(std::string_view body) {
  if (body.starts_with(kByteOrderMark)) return std::nullopt;
  // JSON has no zero byte; the parser would take one for the end of the text.
  if (body.find('\0') != std::string_view::npos) return std::nullopt;
  std::string text = repair_utf8(body);
  repair_lone_surrogates(text);
  Json value = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (value.is_discarded()) {
    std::string tamed = tame_numbers(text);
    if (tamed == text) return std::nullopt;
    value = Json::parse(tamed, nullptr, /*allow_exceptions=*/false);
  }
  if (value.is_discarded()) return std::nullopt;
  return value;
}

}  // namespace

std::string repair_utf8(std::string_view text) {
  std::string repaired;
  repaired.reserve(text.size());
  while (!text.empty()) {
    Sequence sequence = first_sequence(text);
    repaired += sequence.valid ? text.substr(0, sequence.length) : kReplacement;
    text.remove_prefix(sequence.length);
  }
  return repaired;
}

std::optional<Value> parse_body(std::string_view body) { return parse_as<Value>(body); }

std::optional<Ordered> parse_body_in_order(std::string_view body) {
  return parse_as<Ordered>(body);
}

std::string dump(const Ordered& value) {
  return value.dump(-1, ' ', /*ensure_ascii=*/false, Ordered::error_handler_t::replace);
}

std::string dump_plainly(double number) {
  return std::trunc(number) == number ? std::to_string(std::llround(number)) : dump(number);
}

}  // namespace json
