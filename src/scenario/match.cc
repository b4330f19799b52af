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

enum class Kind { route, field, body, body_member };

/// The place of a value in a body.
struct Place {
  const Place* outer = nullptr;
  std::string_view name = "body";

  std::string pointer() const {
    return outer == nullptr ? std::string(name) : json::child_pointer(outer->pointer(), name);
  }
};

std::string quote_id(std::string_view id) { return json::quote(base::redact_id(id)); }

/// Compares a request with a pattern. The functions return whether to continue, not whether the
/// values are equal.
class Comparison {
 public:
  /// Adds a description of each difference to `differences`, if it is not null.
  Comparison(bool stops_at_first, std::vector<Difference>* differences)
      : stops_at_first_(stops_at_first), differences_(differences) {}

  const DifferenceCount& count() const { return count_; }

  /// Compares the cheapest fields first.
  bool compare(const RequestPattern& pattern, MatchInput& input) {
    const Match& match = pattern.match;
    return compare_method(pattern, input) && compare_path(pattern, input) &&
           compare_key(match, input) && compare_mode(match, input) &&
           std::all_of(match.headers.begin(), match.headers.end(),
                       [&](const auto& each) { return compare_header(each, input); }) &&
           std::all_of(match.query.begin(), match.query.end(),
                       [&](const auto& each) { return compare_query(each, input); }) &&
           compare_body(match, input.body);
  }

 private:
  /// Records a difference.
  template <typename Describe>
  bool add_difference(Kind kind, const Describe& describe) {
    ++count_.total;
    if (kind == Kind::route) ++count_.in_route;
    if (kind == Kind::body || kind == Kind::body_member) ++count_.in_body;
    if (kind == Kind::body) count_.whole_body = true;
    if (differences_ != nullptr) {
      auto& [name, expected, actual] = differences_->emplace_back(describe());
      name = base::redact_text(name);
      if (expected == actual) actual += " (another value with the same start)";
    }
    return !stops_at_first_;
  }

  bool compare_method(const RequestPattern& pattern, const MatchInput& input) {
    const std::string& sent = input.request.method;
    bool is_any = pattern.method == "*" && !input.request.is_preflight();
    bool same = is_any || pattern.method == input.method || pattern.method == sent;
    return same || add_difference(Kind::route, [&] {
             return Difference{"method", json::quote(pattern.method), json::quote(sent)};
           });
  }

  bool compare_path(const RequestPattern& pattern, const MatchInput& input) {
    auto params = http::match_path(pattern.path, input.path);
    bool continues = params || add_difference(Kind::route, [&] {
                       return Difference{"path", json::quote(pattern.path),
                                         json::quote(base::redact_path(input.path))};
                     });
    return continues &&
           compare_id(pattern.match, params ? http::find_param(*params, "id") : nullptr);
  }

  bool compare_id(const Match& match, const std::string* id) {
    if (const auto* string = std::get_if<std::string>(&match.id)) {
      return (id != nullptr && *id == *string) || add_difference(Kind::field, [&] {
               return Difference{"id", quote_id(*string), id != nullptr ? quote_id(*id) : kNone};
             });
    }
    const auto* number = std::get_if<int64_t>(&match.id);
    if (number == nullptr) return true;
    std::string expected = std::to_string(*number);
    std::string_view digits = id != nullptr ? significant_digits(*id) : "";
    return digits == expected || add_difference(Kind::field, [&] {
             if (id == nullptr) return Difference{"id", expected, kNone};
             return Difference{"id", expected,
                               digits.empty() ? quote_id(*id) : json::redact_and_truncate(digits)};
           });
  }

  bool compare_key(const Match& match, const MatchInput& input) {
    return !match.key || match.key == input.secret || add_difference(Kind::field, [&] {
      return Difference{"key", json::quote(base::redact(*match.key)),
                        input.secret ? json::quote(base::redact(*input.secret)) : kNone};
    });
  }

  bool compare_mode(const Match& match, const MatchInput& input) {
    if (!match.mode) return true;
    auto mode = input.caller_mode();
    return mode == match.mode || add_difference(Kind::field, [&] {
             return Difference{"mode", json::quote(base::name_of(*match.mode)),
                               mode ? json::quote(base::name_of(*mode)) : kNone};
           });
  }

  bool compare_header(const http::Header& expected, const MatchInput& input) {
    const http::Headers& headers = input.request.headers;
    bool matches = std::any_of(headers.begin(), headers.end(), [&](const http::Header& line) {
      return line.value == expected.value && base::equal_ignoring_case(line.name, expected.name);
    });
    if (matches) return true;
    std::optional<std::string> value = input.request.headers.find_joined(expected.name);
    return value == expected.value || add_difference(Kind::field, [&] {
             return Difference{"header " + std::string(expected.name), quote_header(expected),
                               value ? quote_header({expected.name, *value}) : kNone};
           });
  }

  bool compare_query(const std::pair<std::string, std::string>& expected, MatchInput& input) {
    if (input.query.contains(expected.first, expected.second)) return true;
    const std::string* value = input.query.find(expected.first);
    return add_difference(Kind::field, [&] {
      return Difference{"query " + expected.first, json::quote(expected.second),
                        value != nullptr ? json::quote(*value) : kNone};
    });
  }

  bool compare_body(const Match& match, json::Body& body) {
    if (!match.body) return true;
    if (body.value()) return compare_values(*match.body, &*body.value(), {});
    return add_difference(Kind::body, [&] {
      return Difference{"body", json::redacted_value(*match.body),
                        body.text().empty() ? kNone : "(not JSON)"};
    });
  }

  /// `value` is null if it is absent.
  bool compare_values(const json::Value& expected, const json::Value* value, const Place& place) {
    if (value == nullptr || !value->is_object() || !expected.is_object()) {
      if (value != nullptr && expected == *value) return true;
      return add_difference(place.outer == nullptr ? Kind::body : Kind::body_member, [&] {
        return Difference{place.pointer(), json::redacted_value(expected),
                          value != nullptr ? json::redacted_value(*value) : kNone};
      });
    }
    for (auto member = expected.begin(); member != expected.end(); ++member) {
      auto found = value->find(member.key());
      const json::Value* inner = found == value->end() ? nullptr : &*found;
      if (!compare_values(*member, inner, {&place, member.key()})) return false;
    }
    return true;
  }

  bool stops_at_first_;
  std::vector<Difference>* differences_;
  DifferenceCount count_;
};

/// How many members of an expected body are compared one by one.
size_t count_leaves(const json::Value& expected) {
  if (!expected.is_object()) return 1;
  size_t count = 0;
  for (const json::Value& member : expected) count += count_leaves(member);
  return count;
}

}  // namespace

bool matches(const RequestPattern& pattern, MatchInput& input) {
  return Comparison(/*stops_at_first=*/true, nullptr).compare(pattern, input);
}

DifferenceCount count_differences(const RequestPattern& pattern, MatchInput& input) {
  Comparison comparison(/*stops_at_first=*/false, nullptr);
  comparison.compare(pattern, input);
  return comparison.count();
}

std::vector<Difference> compare(const RequestPattern& pattern, MatchInput& input) {
  std::vector<Difference> differences;
  Comparison(/*stops_at_first=*/false, &differences).compare(pattern, input);
  return differences;
}

size_t count_fields(const RequestPattern& pattern) {
  const Match& match = pattern.match;
  return match.headers.size() + match.query.size() + (match.body ? count_leaves(*match.body) : 0);
}

}  // namespace scenario
