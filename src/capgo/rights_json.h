#pragma once

#include <optional>
#include <string>

#include "capgo/api_key.h"

/// Roles as JSON, in the form of fixtures and of databases. `Json` is json::Value, which sorts the
/// members of objects, or json::Ordered. All functions: from any thread.
namespace capgo {

/// A user id, or, if the user is not an `org_super_admin`, an object with the id and the role.
template <typename Json>
Json to_json(const Member& member) {
  bool is_plain = member.role_name == Member().role_name;
  return is_plain ? Json(member.user_id)
                  : Json{{"user_id", member.user_id}, {"role", member.role_name}};
}

/// Adds `bindings` and `global_permissions` to an object.
template <typename Json>
void add_rights(Json& object, const Rights& rights) {
  auto string_or_null = [](const std::optional<std::string>& str) {
    return str ? Json(*str) : Json();
  };
  Json& bindings = object["bindings"] = Json::array();
  for (const Binding& binding : rights.bindings) {
    bindings.push_back({{"role_name", binding.role_name},
                        {"scope_type", base::name_of(binding.scope)},
                        {"org_id", binding.org_id},
                        {"app_id", string_or_null(binding.app_id)},
                        {"channel_id", string_or_null(binding.channel_id)}});
  }
  object["global_permissions"] = rights.global_permissions;
}

}  // namespace capgo
