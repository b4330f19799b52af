#include "scenario/match.h"

#include <algorithm>
#include <utility>

#include "base/ascii.h"
#include "base/redact.h"
#include "json/body.h"
#include "json/document.h"

namespace scenario {
namespace {

constexpr const char* kNone = "(none)";

std::string quote_header(const http::Header& line) {
  return json::quote(base::redact_header(line.name, line.value));
}

/// The decimal digits without leading zeros; empty if the value is not a number.
std::string_view significant_digits(std::string_view value) {
  if (!base::is_digits(value)) return "";
  return value.substr(std::min(value.find_first_not_of('0'), value.size() - 1));
}

enum class Field { method, path, id, key, mode, header, query, body, body_member };

Difference make_difference(std::string_view field, std::string expected, std::string actual) {
  if (expected == actual) actual += " (another value with the same start)";
  return {base::redact_text(field), std::move(expected), std::move(actual)};
}

std::string quote_id(std::string_view id) { return json::quote(base::redact_id(id)); }

// The following functions call `differs` for each difference: with the field, and with a function
// that describes the difference and is called only if the description is needed. They return false
// as soon as `differs` does, to stop comparing.

template <typename Differs>
bool compare_id(const Match& match, const std::string* id, const Differs& differs) {
  if (const auto* string = std::get_if<std::string>(&match.id)) {
    return (id != nullptr && *id == *string) || differs(Field::id, [&] {
             return make_difference("id", quote_id(*string), id != nullptr ? quote_id(*id) : kNone);
           });
  }
  const auto* number = std::get_if<int64_t>(&match.id);
  if (number == nullptr) return true;
  std::string wanted = std::to_string(*number);
  return (id != nullptr && significant_digits(*id) == wanted) || differs(Field::id, [&] {
           if (id == nullptr) return make_difference("id", wanted, kNone);
           std::string_view digits = significant_digits(*id);
           return make_difference(
               "id", wanted, digits.empty() ? quote_id(*id) : json::redact_and_truncate(digits));
         });
}

template <typename Differs>
bool compare_key(const Match& match, const MatchInput& input, const Differs& differs) {
  return !match.key || match.key == input.secret || differs(Field::key, [&] {
    return make_difference("key", json::quote(base::redact(*match.key)),
                           input.secret ? json::quote(base::redact(*input.secret)) : kNone);
  });
}

template <typename Differs>
bool compare_mode(const Match& match, const MatchInput& input, const Differs& differs) {
  if (!match.mode) return true;
  auto mode = input.caller_mode();
  return mode == match.mode || differs(Field::mode, [&] {
           return make_difference("mode", json::quote(base::name_of(*match.mode)),
                                  mode ? json::quote(base::name_of(*mode)) : kNone);
         });
}

template <typename Differs>
bool compare_header(const http::Header& wanted, const http::Headers& headers,
                    const Differs& differs) {
  const std::string* first = headers.find(wanted.name);
  if (first != nullptr && *first == wanted.value) return true;
  std::optional<std::string> value = headers.find_joined(wanted.name);
  return value == wanted.value || differs(Field::header, [&] {
           return make_difference("header " + wanted.name, quote_header(wanted),
                                  value ? quote_header({wanted.name, *value}) : kNone);
         });
}

template <typename Differs>
bool compare_query(const std::pair<std::string, std::string>& wanted, http::Query& query,
                   const Differs& differs) {
  const std::string* value = query.find(wanted.first);
  return (value != nullptr && *value == wanted.second) || differs(Field::query, [&] {
           return make_difference("query " + wanted.first, json::quote(wanted.second),
                                  value != nullptr ? json::quote(*value) : kNone);
         });
}

/// The place of a value in a body.
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
    if (value != nullptr && wanted == *value) return true;
    return differs(place.outer == nullptr ? Field::body : Field::body_member, [&] {
      return make_difference(place.pointer(), json::redacted_value(wanted),
                             value != nullptr ? json::redacted_value(*value) : kNone);
    });
  }
  for (auto member = wanted.begin(); member != wanted.end(); ++member) {
    auto found = value->find(member.key());
    const json::Value* inner = found == value->end() ? nullptr : &*found;
    if (!compare_values(*member, inner, {&place, member.key()}, differs)) return false;
  }
  return true;
}

template <typename Differs>
bool compare_body(const Match& match, json::Body& body, const Differs& differs) {
  if (!match.body) return true;
  if (body.value()) return compare_values(*match.body, &*body.value(), {}, differs);
  return differs(Field::body, [&] {
    return make_difference("body", json::redacted_value(*match.body),
                           body.text().empty() ? kNone : "(not JSON)");
  });
}

template <typename Differs>
bool compare_method(const RequestPattern& pattern, const MatchInput& input,
                    const Differs& differs) {
  const std::string& sent = input.request.method;
  bool same = pattern.method == "*" || pattern.method == input.method || pattern.method == sent;
  return same || differs(Field::method, [&] {
           return make_difference("method", json::quote(pattern.method), json::quote(sent));
         });
}

template <typename Differs>
bool compare_path(const RequestPattern& pattern, const MatchInput& input, const Differs& differs) {
  auto params = http::match_path(pattern.path, input.path);
  if (!params && !differs(Field::path, [&] {
        return make_difference("path", json::quote(pattern.path),
                               json::quote(base::redact_path(input.path)));
      })) {
    return false;
  }
  return compare_id(pattern.match, params ? http::find_param(*params, "id") : nullptr, differs);
}

/// Compares the cheapest fields first.
template <typename Differs>
void compare_fields(const RequestPattern& pattern, MatchInput& input, const Differs& differs) {
  const Match& match = pattern.match;
  if (!compare_method(pattern, input, differs)) return;
  if (!compare_path(pattern, input, differs)) return;
  if (!compare_key(match, input, differs) || !compare_mode(match, input, differs)) return;
  for (const http::Header& wanted : match.headers) {
    if (!compare_header(wanted, input.request.headers, differs)) return;
  }
  for (const auto& wanted : match.query) {
    if (!compare_query(wanted, input.query, differs)) return;
  }
  compare_body(match, input.body, differs);
}

/// How many members of an expected body are compared one by one.
size_t count_members(const json::Value& wanted) {
  if (!wanted.is_object()) return 1;
  size_t count = 0;
  for (const json::Value& member : wanted) count += count_members(member);
  return count;
}

}  // namespace

bool matches(const RequestPattern& pattern, MatchInput& input) {
  bool same = true;
  compare_fields(pattern, input, [&same](Field, const auto&) {
    same = false;
    return false;
  });
  return same;
}

DifferenceCount count_differences(const RequestPattern& pattern, MatchInput& input) {
  DifferenceCount count;
  compare_fields(pattern, input, [&count](Field field, const auto&) {
    ++count.total;
    if (field == Field::method || field == Field::path) ++count.in_route;
    if (field == Field::body || field == Field::body_member) ++count.in_body;
    if (field == Field::body) count.whole_body = true;
    return true;
  });
  return count;
}

std::vector<Difference> compare(const RequestPattern& pattern, MatchInput& input) {
  std::vector<Difference> found;
  compare_fields(pattern, input, [&found](Field, const auto& difference) {
    found.push_back(difference());
    return true;
  });
  return found;
}

size_t count_fields(const RequestPattern& pattern) {
  const Match& match = pattern.match;
  return match.headers.size() + match.query.size() + (match.body ? count_members(*match.body) : 0);
}

}  // namespace scenario
