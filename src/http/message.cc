#include "http/message.h"

#include <algorithm>
#include <cctype>

namespace http {

bool same_name(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](unsigned char x, unsigned char y) {
    return std::tolower(x) == std::tolower(y);
  });
}

std::string as_header_value(std::string_view text) {
  constexpr size_t kLongest = 500;
  std::string value(text.substr(0, kLongest));
  for (char& letter : value) {
    if (letter < ' ' || letter > '~') letter = '?';
  }
  return value;
}

const std::string* Headers::find(std::string_view name) const {
  for (const Header& line : lines_) {
    if (same_name(line.name, name)) return &line.value;
  }
  return nullptr;
}

void Headers::set(std::string_view name, std::string value) {
  std::erase_if(lines_, [&](const Header& line) { return same_name(line.name, name); });
  add(std::string(name), std::move(value));
}

std::string_view Request::path() const {
  std::string_view text = target;
  text = text.substr(0, text.find_first_of("?#"));
  size_t scheme = text.find("://");
  if (text.starts_with('/') || scheme == std::string_view::npos) return text;
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
