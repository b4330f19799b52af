#include "scenario/match.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "base/secret_text.h"
#include "http/path_pattern.h"
#include "http/secret_headers.h"
#include "http/shown_path.h"
#include "json/body.h"

namespace scenario {
namespace {

/// How many bytes of a value are shown.
constexpr size_t kLongest = 80;
constexpr const char* kNone = "(none)";

std::string cut(std::string text) {
  if (text.size() <= kLongest) return text;
  size_t end = kLongest;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end) + "...";
}

/// A text as JSON, cut. Secrets must be shortened before: a cut one may not look like one.
std::string as_json(std::string_view text) { return json::dump(cut(json::repair_utf8(text))); }

std::string shown(std::string_view text) {
  return as_json(base::shorten_secrets(text, base::looks_like_secret, kLongest + 1));
}

/// Appends a value as JSON until the text is long enough. That bounds how deep this goes as well.
void append_shown(std::string& text, const json::Value& value) {
  if (text.size() > kLongest) return;
  if (value.is_string()) {
    text += shown(value.get_ref<const std::string&>());
  } else if (!value.is_structured()) {
    text += json::dump(value);
  } else {
    text += value.is_object() ? '{' : '[';
    for (auto item = value.begin(); item != value.end() && text.size() <= kLongest; ++item) {
      if (item != value.begin()) text += ',';
      if (value.is_object()) text.append(shown(item.key())).append(":");
      append_shown(text, *item);
    }
    text += value.is_object() ? '}' : ']';
  }
}

std::string shown_json(const json::Value& value) {
  std::string text;
  append_shown(text, value);
  // A text alone is cut already, within its quotes.
  return value.is_string() ? text : cut(std::move(text));
}

std::string shown_header(const http::Header& line) { return as_json(http::shown_value(line)); }

/// The number a text of decimal digits spells, without zeros in front; empty for other texts.
std::string_view as_number(std::string_view text) {
  bool is_number = !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
  if (!is_number) return "";
  return text.substr(std::min(text.find_first_not_of('0'), text.size() - 1));
}

/// What stands where an id should and is no number may be a secret of any form.
std::string shown_id(std::string_view id) {
  return as_json(as_number(id).empty() ? base::shorten_secret(id) : std::string(id));
}

bool is_number(std::string_view id, int64_t number) {
  std::array<char, 20> digits{};
  auto written = std::to_chars(digits.data(), digits.data() + digits.size(), number);
  return as_number(id) == std::string_view(digits.data(), written.ptr);
}

Difference make_difference(std::string_view field, std::string expected, std::string actual) {
  if (expected == actual) actual += " (another value with the same start)";
  return {base::shorten_secrets(field), std::move(expected), std::move(actual)};
}

// What follows calls `differs` with each difference, as a function that makes its texts: they are
// not made where only yes or no is asked for. `differs` says whether to go on, and so do these.

template <typename Differs>
bool compare_id(const Match& match, const std::string* id, const Differs& differs) {
  const auto* text = std::get_if<std::string>(&match.id);
  const auto* number = std::get_if<int64_t>(&match.id);
  if (text == nullptr && number == nullptr) return true;
  bool same = id != nullptr && (text != nullptr ? *id == *text : is_number(*id, *number));
  auto difference = [&] {
    std::string expected = text != nullptr ? shown_id(*text) : std::to_string(*number);
    std::string actual = id != nullptr ? shown_id(*id) : kNone;
    bool both_numbers = number != nullptr && id != nullptr && !as_number(*id).empty();
    if (both_numbers) actual = cut(std::string(as_number(*id)));
    return make_difference("id", expected, actual);
  };
  return same || differs(difference);
}

template <typename Differs>
bool compare_key(const Match& match, const Asked& asked, const Differs& differs) {
  auto difference = [&] {
    return make_difference("key", as_json(base::shorten_secret(*match.key)),
                           asked.secret ? as_json(base::shorten_secret(*asked.secret)) : kNone);
  };
  return !match.key || match.key == asked.secret || differs(difference);
}

template <typename Differs>
bool compare_mode(const Match& match, const Asked& asked, const Differs& differs) {
  if (!match.mode) return true;
  auto mode = asked.caller_mode();
  auto difference = [&] {
    return make_difference("mode", as_json(capgo::mode_name(*match.mode)),
                           mode ? as_json(capgo::mode_name(*mode)) : kNone);
  };
  return mode == match.mode || differs(difference);
}

template <typename Differs>
bool compare_header(const http::Header& wanted, const http::Headers& headers,
                    const Differs& differs) {
  const std::string* first = headers.find(wanted.name);
  if (first != nullptr && *first == wanted.value) return true;
  std::optional<std::string> value = headers.find_joined(wanted.name);
  auto difference = [&] {
    return make_difference("header " + wanted.name, shown_header(wanted),
                           value ? shown_header({wanted.name, *value}) : kNone);
  };
  return value == wanted.value || differs(difference);
}

template <typename Differs>
bool compare_query(const std::pair<std::string, std::string>& wanted, std::string_view query,
                   const Differs& differs) {
  auto value = http::query_value(query, wanted.first);
  auto difference = [&] {
    return make_difference("query " + wanted.first, shown(wanted.second),
                           value ? shown(*value) : kNone);
  };
  return value == wanted.second || differs(difference);
}

/// Where a value stands in a body.
struct Place {
  const Place* outer = nullptr;
  std::string_view name = "body";

  std::string pointer() const {
    return outer == nullptr ? std::string(name) : json::child_pointer(outer->pointer(), name);
  }
};

/// `value` is null if it is absent.
template <typename Differs>
bool compare_values(const json::Value& wanted, const json::Value* value, const Place& place,
                    const Differs& differs) {
  if (value == nullptr || !value->is_object() || !wanted.is_object()) {
    auto difference = [&] {
      return make_difference(place.pointer(), shown_json(wanted),
                             value != nullptr ? shown_json(*value) : kNone);
    };
    return (value != nullptr && wanted == *value) || differs(difference);
  }
  for (auto member = wanted.begin(); member != wanted.end(); ++member) {
    auto found = value->find(member.key());
    const json::Value* inner = found == value->end() ? nullptr : &*found;
    if (!compare_values(*member, inner, {&place, member.key()}, differs)) return false;
  }
  return true;
}

template <typename Differs>
bool compare_body(const Match& match, const std::string& text, const Differs& differs) {
  if (!match.body) return true;
  auto body = json::parse_body(text);
  if (body) return compare_values(*match.body, &*body, {}, differs);
  return differs([&] {
    return make_difference("body", shown_json(*match.body), text.empty() ? kNone : "(not JSON)");
  });
}

template <typename Differs>
bool compare_method(const RequestPattern& pattern, const Asked& asked, const Differs& differs) {
  const std::string& sent = asked.request.method;
  bool same = pattern.method == "*" || pattern.method == asked.method || pattern.method == sent;
  auto difference = [&] {
    return make_difference("method", as_json(pattern.method), as_json(sent));
  };
  return same || differs(difference);
}

template <typename Differs>
bool compare_path(const RequestPattern& pattern, const Asked& asked, const Differs& differs) {
  auto params = http::match_path(pattern.path, asked.path);
  auto difference = [&] {
    return make_difference("path", as_json(shown_path(pattern)),
                           as_json(http::shorten_secrets_in_path(asked.path, {})));
  };
  if (!params && !differs(difference)) return false;
  return compare_id(pattern.match, params ? http::find_param(*params, "id") : nullptr, differs);
}

/// What costs least comes first.
template <typename Differs>
void compare_fields(const RequestPattern& pattern, const Asked& asked, const Differs& differs) {
  const Match& match = pattern.match;
  const http::Request& request = asked.request;
  if (!compare_method(pattern, asked, differs)) return;
  if (!compare_path(pattern, asked, differs)) return;
  if (!compare_key(match, asked, differs) || !compare_mode(match, asked, differs)) return;
  for (const http::Header& wanted : match.headers) {
    if (!compare_header(wanted, request.headers, differs)) return;
  }
  for (const auto& wanted : match.query) {
    if (!compare_query(wanted, request.query(), differs)) return;
  }
  compare_body(match, request.body, differs);
}

}  // namespace

bool matches(const RequestPattern& pattern, const Asked& asked) {
  bool same = true;
  compare_fields(pattern, asked, [&same](const auto& /*difference*/) {
    same = false;
    return false;
  });
  return same;
}

std::vector<Difference> compare(const RequestPattern& pattern, const Asked& asked) {
  std::vector<Difference> found;
  compare_fields(pattern, asked, [&found](const auto& difference) {
    found.push_back(difference());
    return true;
  });
  return found;
}

}  // namespace scenario
