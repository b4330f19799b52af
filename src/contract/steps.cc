#include "contract/steps.h"

#include "base/ascii.h"
#include "base/redact.h"
#include "contract/explain.h"

namespace contract {
namespace {

using capgo::ErrorName;

std::optional<ApiError> require_array(const Fields& fields, std::string_view name,
                                      ErrorName error) {
  const json::Value* list = fields.find(name);
  if (list == nullptr || list->is_array()) return std::nullopt;
  return ApiError{error, std::string(name) + " is " + describe(*list) + ", not an array"};
}

template <typename Limits>
Found<Limits> read_strings(const Fields& fields, std::string_view name, ErrorName error) {
  Limits limits;
  const json::Value* list = fields.find(name);
  if (list == nullptr) return limits;
  for (const json::Value& item : *list) {
    if (!item.is_string()) {
      return ApiError{
          error, std::string(name) + " has the item " + describe(item) + ", which is not a string"};
    }
    limits.ids.push_back(item.get<std::string>());
  }
  return limits;
}

}  // namespace

std::optional<Credential> find_credential(const http::Headers& headers) {
  auto authorization = headers.find("authorization");
  if (authorization && !authorization->empty()) {
    return Credential{"authorization", *authorization};
  }
  for (std::string_view name : {"capgkey", "x-api-key"}) {
    if (auto value = headers.find(name)) return Credential{name, *value};
  }
  return std::nullopt;
}

std::optional<ApiError> require_limited_to_apps_array(const Fields& fields) {
  return require_array(fields, "limited_to_apps", ErrorName::invalid_limited_to_apps);
}

std::optional<ApiError> require_limited_to_orgs_array(const Fields& fields) {
  return require_array(fields, "limited_to_orgs", ErrorName::invalid_limited_to_orgs);
}

Found<AppLimits> read_limited_to_apps(const Fields& fields) {
  return read_strings<AppLimits>(fields, "limited_to_apps", ErrorName::invalid_limited_to_apps);
}

Found<OrgLimits> read_limited_to_orgs(const Fields& fields) {
  return read_strings<OrgLimits>(fields, "limited_to_orgs", ErrorName::invalid_limited_to_orgs);
}

Found<PathId> require_id_form(const Call& call) {
  const std::string& id = *http::find_param(call.params, "id");
  if (base::is_digits(id) || base::is_uuid(id)) return PathId{id};
  return ApiError{ErrorName::invalid_id,
                  quote_id(id) + " is not an id: send the key's number, not its secret"};
}

std::optional<ApiError> delete_key(Call& call, const OwnKey& own) {
  call.keys.erase(own.key.id);
  return std::nullopt;
}

std::optional<capgo::KeyMode> parse_mode(const json::Value& value) {
  if (!value.is_string()) return std::nullopt;
  return base::parse_name<capgo::KeyMode>(value.get_ref<const std::string&>());
}

}  // namespace contract
