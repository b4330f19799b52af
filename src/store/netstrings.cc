#include "store/netstrings.h"

#include <charconv>
#include <system_error>

namespace store {

std::string join_netstrings(const std::vector<std::string>& texts) {
  std::string joined;
  for (const std::string& text : texts) {
    joined += std::to_string(text.size());
    joined += ':';
    joined += text;
    joined += ',';
  }
  return joined;
}

std::optional<std::vector<std::string>> split_netstrings(std::string_view joined) {
  std::vector<std::string> texts;
  while (!joined.empty()) {
    size_t length = 0;
    const char* const end = joined.data() + joined.size();
    const auto [after, error] = std::from_chars(joined.data(), end, length);
    if (error != std::errc() || after == end || *after != ':') return std::nullopt;
    joined.remove_prefix(static_cast<size_t>(after + 1 - joined.data()));
    if (length >= joined.size() || joined[length] != ',') return std::nullopt;
    texts.emplace_back(joined.substr(0, length));
    joined.remove_prefix(length + 1);
  }
  return texts;
}

}  // namespace store
