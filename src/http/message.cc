#include "http/message.h"

#include <algorithm>
#include <array>

#include "base/ascii.h"
#include "base/redact.h"

namespace http {
namespace {

constexpr std::array<bool, 256> kTokenCharacters = [] {
  std::array<bool, 256> table{};
  for (size_t c = 0; c < 0x80; ++c) table[c] = base::is_alnum(static_cast<char>(c));
  for (char c : std::string_view("!#$%&'*+-.^_`|~")) table[static_cast<unsigned char>(c)] = true;
  return table;
}();

}  // namespace

bool is_token_character(char c) { return kTokenCharacters[static_cast<unsigned char>(c)]; }

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_token_character);
}

std::string to_header_value(std::string_view text) {
  constexpr size_t kMaxLength = 500;
  std::string value(text.substr(0, kMaxLength));
  for (char& c : value) {
    c = c < ' ' || c > '~' ? '?' : c;
  }
  value.erase(value.find_last_not_of(' ') + 1);
  value.erase(0, value.find_first_not_of(' '));
  return value;
}

std::optional<std::string_view> Headers::find(std::string_view name) const {
  for (const Header& line : *this) {
    if (base::equal_ignoring_case(line.name, name)) return line.value;
  }
  return std::nullopt;
}

std::optional<std::string> Headers::find_joined(std::string_view name) const {
  std::optional<std::string> joined;
  for (const Header& line : *this) {
    if (!base::equal_ignoring_case(line.name, name)) continue;
    joined ? joined->append(", ").append(line.value) : joined.emplace(line.value);
  }
  return joined;
}

void Headers::add(std::string_view name, std::string_view value) {
  // Enough for most messages.
  if (lines_.empty()) lines_.reserve(500);
  Sizes sizes{static_cast<uint32_t>(name.size()), static_cast<uint32_t>(value.size())};
  lines_.append(reinterpret_cast<const char*>(&sizes), sizeof sizes).append(name).append(value);
}

void Headers::set(std::string_view name, std::string_view value) {
  if (find(name)) {
    Headers others;
    for (const Header& line : *this) {
      if (!base::equal_ignoring_case(line.name, name)) others.add(line.name, line.value);
    }
    *this = std::move(others);
  }
  add(name, value);
}

bool has_repeated_names(const Headers& headers) {
  for (auto line = headers.begin(); line != headers.end(); ++line) {
    bool repeats = std::any_of(headers.begin(), line, [&](const Header& earlier) {
      return base::equal_ignoring_case(earlier.name, (*line).name);
    });
    if (repeats) return true;
  }
  return false;
}

Headers combine_headers(const Headers& headers) {
  Headers joined;
  for (const Header& first : headers) {
    if (!joined.find(first.name)) joined.add(first.name, *headers.find_joined(first.name));
  }
  return joined;
}

Headers redact_headers(const Headers& headers) {
  Headers redacted;
  for (const Header& line : headers) {
    redacted.add(base::redact_header_name(line.name), base::redact_header(line.name, line.value));
  }
  return redacted;
}

std::string_view Request::path() const {
  std::string_view text = target;
  text = text.substr(0, std::min(text.find('?'), text.find('#')));
  if (text.starts_with('/')) return text;
  size_t scheme = text.find("://");
  if (scheme == std::string_view::npos) return text;
  size_t path = text.find('/', scheme + 3);
  return path == std::string_view::npos ? "/" : text.substr(path);
}

std::string_view Request::query() const {
  std::string_view text = target;
  text = text.substr(0, text.find('#'));
  size_t mark = text.find('?');
  return mark == std::string_view::npos ? "" : text.substr(mark + 1);
}

}  // namespace http
