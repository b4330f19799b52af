#include "json/object_reader.h"

#include <algorithm>

#include "base/suggest.h"
#include "json/body.h"

namespace json {

ObjectReader::ObjectReader(Document& document, const Ordered& value, std::string pointer,
                           std::span<const std::string_view> fields)
    : document_(document), value_(value), pointer_(std::move(pointer)) {
  if (!value.is_object()) {
    add_problem(redacted_value(value) + " must be an object with the fields " +
                quoted_list(fields));
    return;
  }
  for (const auto& [name, field] : value.get_ref<const Ordered::object_t&>()) {
    if (std::find(fields.begin(), fields.end(), name) != fields.end()) continue;
    if (document.is_full()) {
      document.add({});
      continue;
    }
    std::string hint = base::did_you_mean(name, fields);
    if (hint.empty()) hint = "; the fields are " + quoted_list(fields);
    document.add({this->pointer(name), "unknown field" + hint, true});
  }
}

const Ordered* ObjectReader::find(std::string_view name) const {
  auto found = value_.find(name);
  return found == value_.end() || found->is_null() ? nullptr : &*found;
}

const Ordered* ObjectReader::find_typed(std::string_view name, TypeCheck type,
                                        std::string_view expected) const {
  const Ordered* field = find(name);
  if (field == nullptr || (field->*type)()) return field;
  add_problem(name, redacted_value(*field) + " must be " + std::string(expected));
  return nullptr;
}

std::optional<std::string> ObjectReader::string(std::string_view name) const {
  const Ordered* field = find_typed(name, &Ordered::is_string, "a string");
  return field == nullptr ? std::nullopt : std::optional(field->get<std::string>());
}

std::string ObjectReader::nonempty_string(std::string_view name) const {
  auto given = string(name);
  if (given && given->empty()) add_problem(name, "must not be empty");
  return std::move(given).value_or("");
}

std::optional<bool> ObjectReader::boolean(std::string_view name) const {
  const Ordered* field = find_typed(name, &Ordered::is_boolean, "true or false");
  return field == nullptr ? std::nullopt : std::optional(field->get<bool>());
}

std::optional<int64_t> ObjectReader::integer(std::string_view name, Range range) const {
  const Ordered* field = find_number(name, &Ordered::is_number_integer, "a whole number", range);
  return field == nullptr ? std::nullopt : std::optional(field->get<int64_t>());
}

std::optional<double> ObjectReader::number(std::string_view name, Range range) const {
  const Ordered* field = find_number(name, &Ordered::is_number, "a number", range);
  return field == nullptr ? std::nullopt : std::optional(field->get<double>());
}

const Ordered* ObjectReader::find_number(std::string_view name, TypeCheck type,
                                         std::string_view expected, Range range) const {
  const Ordered* field = find(name);
  if (field == nullptr) return nullptr;
  double number = (field->*type)() ? field->get<double>() : range.lower - 1;
  if (number >= range.lower && number <= range.upper) return field;
  add_problem(name, redacted_value(*field) + " must be " + std::string(expected) + " from " +
                        format_number(range.lower) + " to " + format_number(range.upper));
  return nullptr;
}

std::optional<std::vector<std::string>> ObjectReader::strings(std::string_view name) const {
  const Ordered* field = find_typed(name, &Ordered::is_array, "an array of strings");
  if (field == nullptr) return std::nullopt;
  std::vector<std::string> list;
  for (const Ordered& item : *field) {
    if (item.is_string()) {
      list.push_back(item.get<std::string>());
    } else {
      auto index = std::to_string(&item - &field->front());
      add_problem(name, index, redacted_value(item) + " must be a string");
    }
  }
  return list;
}

std::optional<size_t> ObjectReader::choice(std::string_view name,
                                           std::span<const std::string_view> choices) const {
  const Ordered* field = find(name);
  return field == nullptr ? std::nullopt : find_choice(*field, pointer(name), choices);
}

std::vector<size_t> ObjectReader::choices(std::string_view name,
                                          std::span<const std::string_view> choices) const {
  std::vector<size_t> indexes;
  const Ordered* field = find_typed(name, &Ordered::is_array, "an array of strings");
  for (size_t i = 0; field != nullptr && i < field->size(); ++i) {
    auto index = find_choice((*field)[i], child_pointer(pointer(name), i), choices);
    if (index) indexes.push_back(*index);
  }
  return indexes;
}

std::optional<size_t> ObjectReader::find_choice(const Ordered& value, std::string pointer,
                                                std::span<const std::string_view> choices) const {
  std::string given = value.is_string() ? value.get<std::string>() : "";
  auto found = std::find(choices.begin(), choices.end(), given);
  if (found != choices.end()) return static_cast<size_t>(found - choices.begin());
  std::string names;
  for (std::string_view choice : choices) {
    names += (names.empty() ? "" : ", ") + std::string(choice);
  }
  std::string hint = document_.is_full() ? "" : base::did_you_mean(given, choices);
  document_.add({std::move(pointer), redacted_value(value) + " is not one of " + names + hint});
  return std::nullopt;
}

std::optional<ObjectReader> ObjectReader::object(std::string_view name,
                                                 std::span<const std::string_view> fields) const {
  const Ordered* field = find(name);
  if (field == nullptr) return std::nullopt;
  return ObjectReader(document_, *field, pointer(name), fields);
}

void ObjectReader::require(std::string_view name) const {
  if (!value_.is_object() || find(name) != nullptr) return;
  add_problem("\"" + std::string(name) + "\" is missing; give it a value");
}

std::string quoted_list(std::span<const std::string_view> names) {
  std::string list;
  for (std::string_view name : names) {
    list += (list.empty() ? "\"" : ", \"") + std::string(name) + "\"";
  }
  return list;
}

}  // namespace json
