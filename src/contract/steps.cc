#include "contract/steps.h"

#include "base/secret_text.h"
#include "contract/explain.h"

namespace contract {
namespace {

using capgo::ErrorName;

std::optional<Refusal> require_array(const Call& call, std::string_view name, ErrorName error) {
  const json::Value* list = field_of(call, name);
  if (list == nullptr || list->is_array()) return std::nullopt;
  return Refusal{error,
                 std::string(name) + " is " + shown(call, *list, Uuids::ids) + ", not an array"};
}

std::optional<Refusal> read_strings(const Call& call, std::string_view name, ErrorName error,
                                    capgo::Limits& limits) {
  const json::Value* list = field_of(call, name);
  if (list == nullptr) return std::nullopt;
  std::vector<std::string> strings;
  for (const json::Value& item : *list) {
    if (!item.is_string()) {
      return Refusal{error,
                     std::string(name) + " has the item " + shown(call, item) + ", not a string"};
    }
    strings.push_back(item.get<std::string>());
  }
  limits = std::move(strings);
  return std::nullopt;
}

}  // namespace

std::optional<Credential> find_credential(const http::Headers& headers) {
  const std::string* authorization = headers.find("authorization");
  if (authorization != nullptr && !authorization->empty()) {
    return Credential{"authorization", *authorization};
  }
  for (std::string_view name : {"capgkey", "x-api-key"}) {
    if (const std::string* value = headers.find(name)) return Credential{name, *value};
  }
  return std::nullopt;
}

std::optional<Refusal> require_limited_to_apps_array(Call& call) {
  return require_array(call, "limited_to_apps", ErrorName::invalid_limited_to_apps);
}

std::optional<Refusal> require_limited_to_orgs_array(Call& call) {
  return require_array(call, "limited_to_orgs", ErrorName::invalid_limited_to_orgs);
}

std::optional<Refusal> read_limited_to_apps(Call& call) {
  return read_strings(call, "limited_to_apps", ErrorName::invalid_limited_to_apps,
                      call.key.limited_to_apps);
}

std::optional<Refusal> read_limited_to_orgs(Call& call) {
  return read_strings(call, "limited_to_orgs", ErrorName::invalid_limited_to_orgs,
                      call.key.limited_to_orgs);
}

std::optional<Refusal> require_id_form(Call& call) {
  const std::string& id = *http::find_param(call.params, "id");
  if (is_digits(id) || base::has_uuid_form(id)) return std::nullopt;
  return Refusal{ErrorName::invalid_id,
                 quoted_id(call, id) + " is no id; give the key's number, not its secret"};
}

std::optional<Refusal> delete_key(Call& call) {
  call.keys.erase(call.key.id);
  return std::nullopt;
}

std::optional<capgo::KeyMode> mode_of(const json::Value& value) {
  if (!value.is_string()) return std::nullopt;
  return capgo::parse_mode(value.get_ref<const std::string&>());
}

bool is_digits(std::string_view text) {
  return text.find_first_not_of("0123456789") == std::string_view::npos && !text.empty();
}

}  // namespace contract
