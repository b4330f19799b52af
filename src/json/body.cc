#include "json/body.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <vector>

#include "base/ascii.h"
#include "json/parser.h"

namespace json {
namespace {

constexpr double kLargest = std::numeric_limits<double>::max();

/// The value of an escape `\uXXXX` at the start of the text.
std::optional<unsigned> unicode_escape(std::string_view text) {
  if (text.size() < 6 || text[0] != '\\' || text[1] != 'u') return std::nullopt;
  unsigned value = 0;
  const char* end = text.data() + 6;
  return std::from_chars(text.data() + 2, end, value, 16).ptr == end ? std::optional(value)
                                                                     : std::nullopt;
}

/// Replaces escapes of half a surrogate pair by U+FFFD. JSON and JavaScript allow them, nlohmann's
/// parser does not, and UTF-8 has no form for them.
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

/// Returns whether a number is valid JSON, even if it is too large for nlohmann's parser. Leaves
/// out all but two digits of each run, which changes the size but not the syntax.
bool has_number_syntax(std::string_view number) {
  std::string shorter;
  for (char c : number) {
    size_t size = shorter.size();
    bool is_third = size >= 2 && base::is_digit(c) && base::is_digit(shorter[size - 1]) &&
                    base::is_digit(shorter[size - 2]);
    if (!is_third) shorter += c;
  }
  return Value::accept(shorter);
}

/// The length of the JSON string at the start of the text.
size_t string_length(std::string_view text) {
  size_t end = 1;
  while (end < text.size() && text[end] != '"') end += text[end] == '\\' ? 2 : 1;
  return std::min(end + 1, text.size());
}

/// Replaces numbers beyond double, which nlohmann's parser rejects, by the largest double.
std::string clamp_numbers(std::string_view text) {
  std::string clamped;
  while (!text.empty()) {
    std::string number(text.substr(0, text.find_first_not_of("+-.0123456789Ee")));
    size_t length = number.size();
    if (number.empty()) {
      length = text[0] == '"' ? string_length(text) : 1;
      clamped += text.substr(0, length);
    } else if (std::isinf(std::strtod(number.c_str(), nullptr)) && has_number_syntax(number)) {
      clamped += number[0] == '-' ? "-1.7976931348623157e308" : "1.7976931348623157e308";
    } else {
      clamped += number;
    }
    text.remove_prefix(length);
  }
  return clamped;
}

/// Replaces the numbers that clamp_numbers has set by infinity. Uses a list instead of recursion,
/// as values may be nested deeper than the stack allows.
template <typename Json>
void restore_infinity(Json& root) {
  std::vector<Json*> pending = {&root};
  while (!pending.empty()) {
    Json& value = *pending.back();
    pending.pop_back();
    if (value.is_structured()) {
      for (Json& item : value) pending.push_back(&item);
    } else if (value.is_number_float() && std::abs(value.template get<double>()) == kLargest) {
      value = std::copysign(HUGE_VAL, value.template get<double>());
    }
  }
}

/// Repairs a body and parses it with `parse`, which returns nothing for invalid JSON.
template <typename Parse>
auto decode(std::string_view body, const Parse& parse) -> decltype(parse(body)) {
  // nlohmann's parser would treat a zero byte as the end of the text.
  if (body.starts_with("\xEF\xBB\xBF") || body.find('\0') != std::string_view::npos) {
    return std::nullopt;
  }
  std::string text = repair_utf8(body);
  repair_lone_surrogates(text);
  auto value = parse(text);
  if (value) return value;
  value = parse(clamp_numbers(text));
  if (value) restore_infinity(*value);
  return value;
}

}  // namespace

std::string repair_utf8(std::string_view text) {
  bool is_ascii = std::all_of(text.begin(), text.end(), [](char c) { return (c & 0x80) == 0; });
  return is_ascii ? std::string(text) : parse_ordered(dump(text)).get<std::string>();
}

bool is_utf16(std::string_view text) {
  if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF")) return true;
  return text.size() > 1 && (text[0] == '\0') != (text[1] == '\0');
}

std::string_view truncate_utf8(std::string_view text, size_t max) {
  if (text.size() <= max) return text;
  constexpr size_t kMaxContinuations = 3;
  auto is_continuation = [&](size_t at) { return (text[at] & 0xC0) == 0x80; };
  size_t end = max;
  while (end > 0 && max - end < kMaxContinuations && is_continuation(end)) --end;
  return text.substr(0, end);
}

std::optional<Value> parse_body(std::string_view body) {
  return decode(body, [](std::string_view text) {
    Value value = Value::parse(text, nullptr, /*allow_exceptions=*/false);
    return value.is_discarded() ? std::nullopt : std::optional(std::move(value));
  });
}

std::optional<Ordered> parse_body_in_order(std::string_view body) {
  return decode(body, [](std::string_view text) { return parse_text(text).value; });
}

const std::optional<Value>& Body::value() {
  if (!is_parsed_) value_ = parse_body(text_);
  is_parsed_ = true;
  return value_;
}

std::string dump(const Ordered& value) {
  return value.dump(-1, ' ', /*ensure_ascii=*/false, Ordered::error_handler_t::replace);
}

std::string format_number(double number) {
  return std::trunc(number) == number ? std::to_string(std::llround(number)) : dump(number);
}

}  // namespace json
