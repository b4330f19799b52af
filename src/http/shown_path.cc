#include "http/shown_path.h"

#include <algorithm>

#include "http/path_pattern.h"

namespace http {
namespace {

bool is_number(std::string_view segment) {
  return segment.find_first_not_of("0123456789") == std::string_view::npos;
}

/// Escapes stand for what only a reader of the decoded text could count.
std::string shorten_segment(std::string_view segment) {
  std::string shown = base::shorten_secret(segment.substr(0, segment.find('%')));
  return shown.empty() ? "..." : shown;
}

std::string shown_segment(std::string_view segment, const base::IsSecret& is_secret) {
  if (segment.find('%') != std::string_view::npos) {
    std::string decoded = percent_decode(segment);
    if (base::shorten_secrets(decoded, is_secret) != decoded) return shorten_segment(segment);
  }
  return base::shorten_secrets(segment, is_secret);
}

}  // namespace

std::string shorten_secrets_in_path(std::string_view path, const base::IsSecret& is_secret) {
  constexpr std::string_view kBeforeId = "/apikey/";
  base::IsSecret is_hidden = [&](std::string_view text) {
    return base::looks_like_secret(text) || (is_secret && is_secret(text));
  };
  size_t end = std::min(path.find_first_of("?#"), path.size());
  size_t ids = path.substr(0, end).find(kBeforeId);
  ids = ids == std::string_view::npos ? end : ids + kBeforeId.size();
  std::string shown;
  for (size_t begin = 0; begin < end;) {
    size_t slash = std::min(path.find('/', begin), end);
    std::string_view segment = path.substr(begin, slash - begin);
    bool may_be_id = begin >= ids && !segment.empty();
    if (may_be_id) {
      bool is_id = is_number(segment) && !is_hidden(segment);
      shown += is_id ? std::string(segment) : shorten_segment(segment);
    } else {
      shown += shown_segment(segment, is_hidden);
    }
    if (slash < end) shown += '/';
    begin = slash + 1;
  }
  if (end < path.size()) shown.append(1, path[end]).append("...");
  return shown;
}

}  // namespace http
