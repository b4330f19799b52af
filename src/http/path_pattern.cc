#include "http/path_pattern.h"

#include <algorithm>

#include "base/ascii.h"

namespace http {
namespace {

std::string_view without_last_slash(std::string_view path) {
  if (path.size() > 1 && path.ends_with('/') && !path.ends_with("//")) path.remove_suffix(1);
  return path;
}

/// Removes the next segment from `rest`, which begins with a slash.
std::string_view next_segment(std::string_view& rest) {
  rest.remove_prefix(1);
  std::string_view segment = rest.substr(0, rest.find('/'));
  rest.remove_prefix(segment.size());
  return segment;
}

/// Decodes all escapes, except those of the characters in `kept`, which get upper-case digits.
std::string decode(std::string_view text, std::string_view kept) {
  if (text.find('%') == std::string_view::npos) return std::string(text);
  std::string decoded;
  decoded.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    bool is_escape = text[i] == '%' && i + 2 < text.size();
    int high = is_escape ? base::hex_value(text[i + 1]) : -1;
    int low = is_escape ? base::hex_value(text[i + 2]) : -1;
    if (high < 0 || low < 0) {
      decoded += text[i];
      continue;
    }
    auto c = static_cast<char>(high * 16 + low);
    if (kept.find(c) == std::string_view::npos) {
      decoded += c;
    } else {
      decoded.append({'%', base::to_upper(text[i + 1]), base::to_upper(text[i + 2])});
    }
    i += 2;
  }
  return decoded;
}

}  // namespace

const std::string* find_param(const PathParams& params, std::string_view name) {
  for (const auto& [key, value] : params) {
    if (key == name) return &value;
  }
  return nullptr;
}

std::optional<PathParams> match_path(std::string_view pattern, std::string_view path) {
  PathParams params;
  if (pattern.ends_with('*')) {
    pattern.remove_suffix(1);
    return path.starts_with(pattern) ? std::optional(params) : std::nullopt;
  }
  pattern = without_last_slash(pattern);
  path = without_last_slash(path);
  while (pattern.starts_with('/') && path.starts_with('/')) {
    std::string_view expected = next_segment(pattern);
    std::string_view segment = next_segment(path);
    if (expected.starts_with(':')) {
      if (segment.empty()) return std::nullopt;
      params.emplace_back(expected.substr(1), percent_decode(segment));
    } else if (expected != segment) {
      return std::nullopt;
    }
  }
  if (!pattern.empty() || !path.empty()) return std::nullopt;
  return params;
}

std::string percent_decode(std::string_view text) { return decode(text, ""); }

std::string decode_path(std::string_view path) { return decode(path, "/%*:"); }

std::vector<std::pair<std::string, std::string>> query_fields(std::string_view query) {
  auto decoded = [](std::string_view encoded) {
    std::string text(encoded);
    std::replace(text.begin(), text.end(), '+', ' ');
    return percent_decode(text);
  };
  std::vector<std::pair<std::string, std::string>> fields;
  while (!query.empty()) {
    std::string_view field = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(field.size() + 1, query.size()));
    size_t equals = std::min(field.find('='), field.size());
    fields.emplace_back(decoded(field.substr(0, equals)),
                        decoded(field.substr(std::min(equals + 1, field.size()))));
  }
  return fields;
}

bool Query::contains(std::string_view name, std::string_view value) {
  auto [first, last] = fields().equal_range(name);
  return std::any_of(first, last, [&](const auto& field) { return field.second == value; });
}

const std::string* Query::find(std::string_view name) {
  auto found = fields().lower_bound(name);
  return found == fields_->end() || found->first != name ? nullptr : &found->second;
}

const Query::Fields& Query::fields() {
  if (!fields_) {
    fields_.emplace();
    for (auto& [field, value] : query_fields(query_)) {
      fields_->emplace(std::move(field), std::move(value));
    }
  }
  return *fields_;
}

}  // namespace http
