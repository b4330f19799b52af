#include "javascript/value.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "base/number_text.h"
#include "javascript/number.h"
#include "json/body.h"

namespace javascript {
namespace {

/// The text of a value that is no array.
std::string flat_text(const json::Value& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number()) return number_text(value.get<double>());
  if (value.is_boolean()) return value.get<bool>() ? "true" : "false";
  return value.is_null() ? "null" : "[object Object]";
}

/// An array whose items are being written.
struct OpenArray {
  json::Value::const_iterator next;
  json::Value::const_iterator end;
};

/// The number that a member's name stands for if it is an array index (ECMAScript, section 6.1.7):
/// 0 to 2^32 - 2, written without needless zeros.
std::optional<uint32_t> array_index(std::string_view name) {
  if (name.empty() || (name[0] == '0' && name.size() > 1)) return std::nullopt;
  auto index = base::parse_number<uint32_t>(name);
  return index == std::numeric_limits<uint32_t>::max() ? std::nullopt : index;
}

/// A value in an array or object, by its name there; an array's items have none.
template <typename Json>
struct Member {
  const std::string* name;
  const Json* value;
};

/// What an array or object holds, in the order in which JavaScript goes through it.
template <typename Json>
std::vector<Member<Json>> members_of(const Json& container) {
  std::vector<Member<Json>> members;
  if (container.is_array()) {
    for (const Json& item : container) members.push_back({nullptr, &item});
    return members;
  }
  std::vector<std::pair<uint32_t, Member<Json>>> indexed;
  for (const auto& [name, value] : container.template get_ref<const typename Json::object_t&>()) {
    if (auto index = array_index(name)) {
      indexed.push_back({*index, {&name, &value}});
    } else {
      members.push_back({&name, &value});
    }
  }
  std::sort(indexed.begin(), indexed.end(),
            [](const auto& left, const auto& right) { return left.first < right.first; });
  std::vector<Member<Json>> ordered;
  for (const auto& entry : indexed) ordered.push_back(entry.second);
  ordered.insert(ordered.end(), members.begin(), members.end());
  return ordered;
}

/// An array or object that is being written.
template <typename Json>
struct OpenContainer {
  explicit OpenContainer(const Json& container)
      : members(members_of(container)), close(container.is_array() ? ']' : '}') {}

  std::vector<Member<Json>> members;
  size_t next = 0;
  char close;
};

/// A value that is no array or object, as JSON.
template <typename Json>
std::string flat_json(const Json& value) {
  if (!value.is_number()) return json::dump(json::Ordered(value));
  auto number = value.template get<double>();
  return std::isfinite(number) ? number_text(number) : "null";
}

template <typename Json>
std::string stringify_any(const Json& value) {
  if (!value.is_structured()) return flat_json(value);
  std::string text;
  // Not a recursion: clients may nest deeper than the stack can bear.
  std::vector<OpenContainer<Json>> open;
  auto enter = [&](const Json& container) {
    text += container.is_array() ? '[' : '{';
    open.emplace_back(container);
  };
  enter(value);
  while (!open.empty()) {
    OpenContainer<Json>& container = open.back();
    if (container.next == container.members.size()) {
      text += container.close;
      open.pop_back();
      continue;
    }
    if (container.next > 0) text += ',';
    Member<Json> member = container.members[container.next++];
    if (member.name != nullptr) text += json::dump(*member.name) + ":";
    if (member.value->is_structured()) {
      enter(*member.value);
    } else {
      text += flat_json(*member.value);
    }
  }
  return text;
}

}  // namespace

std::string to_text(const json::Value& value) {
  if (!value.is_array()) return flat_text(value);
  std::string text;
  // Not a recursion: clients may nest deeper than the stack can bear.
  std::vector<OpenArray> open{{value.begin(), value.end()}};
  bool is_first = true;
  while (!open.empty()) {
    OpenArray& array = open.back();
    if (array.next == array.end) {
      open.pop_back();
      is_first = false;
      continue;
    }
    const json::Value& item = *array.next++;
    if (!is_first) text += ',';
    is_first = item.is_array();
    if (item.is_array()) {
      open.push_back({item.begin(), item.end()});
    } else if (!item.is_null()) {
      text += flat_text(item);
    }
  }
  return text;
}

bool is_truthy(const json::Value& value) {
  if (value.is_boolean()) return value.get<bool>();
  if (value.is_string()) return !value.get_ref<const std::string&>().empty();
  if (value.is_number()) return value.get<double>() != 0 && !std::isnan(value.get<double>());
  return !value.is_null();
}

std::string stringify(const json::Ordered& value) { return stringify_any(value); }

std::string stringify(const json::Value& value) { return stringify_any(value); }

}  // namespace javascript
