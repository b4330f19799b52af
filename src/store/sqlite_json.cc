#include "store/sqlite_json.h"

#include <SQLiteCpp/Exception.h>
#include <sqlite3.h>

#include <optional>

#include "capgo/rights_json.h"
#include "json/value.h"

namespace store {
namespace {

using json::Value;

/// Parses the text and runs `read` on the value.
template <typename Read>
void parse(const std::string& json, const char* problem, const Read& read) {
  try {
    read(json::parse(json));
  } catch (const Value::exception&) {
    throw SQLite::Exception(problem, SQLITE_CORRUPT);
  }
}

std::optional<std::string> optional_string(const Value& value) {
  return value.is_null() ? std::nullopt : std::optional(value.get<std::string>());
}

capgo::Scope scope_of(const Value& value) {
  auto scope = base::parse_name<capgo::Scope>(value.get<std::string>());
  if (!scope) throw SQLite::Exception("a binding has an unknown scope", SQLITE_CORRUPT);
  return *scope;
}

}  // namespace

std::string to_json(const std::vector<std::string>& strings) { return Value(strings).dump(); }

std::string to_json(const std::vector<capgo::Member>& members) {
  Value values = Value::array();
  for (const capgo::Member& member : members) values.push_back(capgo::to_json<Value>(member));
  return values.dump();
}

std::string to_json(const capgo::Rights& rights) {
  Value value;
  capgo::add_rights(value, rights);
  return value.dump();
}

void from_json(const std::string& json, std::vector<std::string>& strings) {
  parse(json, "a list cannot be read",
        [&](const Value& value) { strings = value.get<std::vector<std::string>>(); });
}

void from_json(const std::string& json, std::vector<capgo::Member>& members) {
  parse(json, "the members of an org cannot be read", [&](const Value& values) {
    members.clear();
    for (const Value& value : values.get_ref<const Value::array_t&>()) {
      capgo::Member& member = members.emplace_back();
      if (value.is_object()) {
        member = {value.at("user_id").get<std::string>(), value.at("role").get<std::string>()};
      } else {
        member.user_id = value.get<std::string>();
      }
    }
  });
}

void from_json(const std::string& json, capgo::Rights& rights) {
  parse(json, "the rights of a key cannot be read", [&](const Value& value) {
    rights.bindings.clear();
    for (const Value& binding : value.at("bindings").get_ref<const Value::array_t&>()) {
      rights.bindings.push_back(
          {binding.at("role_name").get<std::string>(), scope_of(binding.at("scope_type")),
           binding.at("org_id").get<std::string>(), optional_string(binding.at("app_id")),
           optional_string(binding.at("channel_id"))});
    }
    rights.global_permissions = value.at("global_permissions").get<std::vector<std::string>>();
  });
}

}  // namespace store
