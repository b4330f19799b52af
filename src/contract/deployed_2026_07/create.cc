#include <algorithm>
#include <array>

#include "base/ascii.h"
#include "base/suggest.h"
#include "contract/deployed/javascript.h"
#include "contract/deployed_2026_07/database.h"
#include "contract/deployed_2026_07/errors.h"
#include "contract/deployed_2026_07/steps.h"
#include "contract/explain.h"
#include "json/document.h"

/// The steps of create. (sections 9, 10 and 13)
namespace contract::deployed_2026_07 {
namespace {

using capgo::ErrorName;

constexpr auto kScopes = std::to_array<std::string_view>({"org", "app", "channel"});
constexpr auto kSensitiveRoles = std::to_array<std::string_view>(
    {"org_super_admin", "org_admin", "app_admin", "app_preview", "channel_admin"});
constexpr std::string_view kOrgCreate = "org.create";

ApiError invalid_binding(std::string_view message, std::string reason) {
  return {&kInvalidBindings, std::move(reason), std::string(message)};
}

/// Reads one binding; `pointer` says which: `bindings[0]`.
class BindingReader {
 public:
  BindingReader(const json::Value& value, std::string pointer)
      : value_(value), pointer_(std::move(pointer)) {}

  Found<SentBinding> read() const {
    if (!value_.is_object()) {
      return invalid_binding("Each binding must be an object",
                             pointer_ + " is " + describe(value_));
    }
    SentBinding binding;
    if (auto error =
            read_string("role_name", "Each binding must have a role_name", binding.role_name)) {
      return *std::move(error);
    }
    std::string scope;
    constexpr std::string_view kScope =
        "Each binding must have a valid scope_type (org, app, channel)";
    if (auto error = read_string("scope_type", kScope, scope)) return *std::move(error);
    auto found = std::find(kScopes.begin(), kScopes.end(), scope);
    if (found == kScopes.end()) return reject("scope_type", kScope);
    binding.scope = *base::parse_name<capgo::Scope>(scope);
    if (auto error = read_string("org_id", "Each binding must have an org_id", binding.org_id)) {
      return *std::move(error);
    }
    const json::Value* app = find("app_id");
    if (app != nullptr && !app->is_string()) {
      return reject("app_id", "app_id must be a string when provided");
    }
    if (app != nullptr) binding.app_id = app->get<std::string>();
    const json::Value* channel = find("channel_id");
    if (channel != nullptr && !channel->is_string() && !channel->is_number()) {
      return reject("channel_id", "channel_id must be a string or number when provided");
    }
    if (channel != nullptr) binding.channel_id = channel_text(*channel);
    return binding;
  }

 private:
  /// Returns the field; null if it is absent or null.
  const json::Value* find(std::string_view name) const {
    auto field = value_.find(name);
    return field == value_.end() || field->is_null() ? nullptr : &*field;
  }

  /// Reads a string that must not be empty.
  std::optional<ApiError> read_string(std::string_view name, std::string_view message,
                                      std::string& str) const {
    const json::Value* field = find(name);
    if (field == nullptr || !field->is_string() || *field == "") return reject(name, message);
    str = field->get<std::string>();
    return std::nullopt;
  }

  ApiError reject(std::string_view name, std::string_view message) const {
    const json::Value* field = find(name);
    std::string which = pointer_ + "." + std::string(name);
    if (field != nullptr) {
      bool is_app = name == "app_id";
      return invalid_binding(message, which + " is " + describe(*field) +
                                          (is_app ? "; send the internal id of an app" : ""));
    }
    which += " is missing or null";
    for (const auto& [other, value] : value_.items()) {
      std::string meant = base::did_you_mean(other, std::span(&name, 1));
      if (other == name || meant.empty()) continue;
      return invalid_binding(message, which + "; " + json::quote(other) + " is ignored" + meant);
    }
    return invalid_binding(message, std::move(which));
  }

  /// Only integers from 1 to 2^53 - 1 are ids.
  static std::string channel_text(const json::Value& value) {
    if (value.is_string()) {
      return std::string(base::trim(value.get_ref<const std::string&>(), " \t\n\v\f\r"));
    }
    std::string number = javascript_string(value);
    return base::parse_number<int64_t>(number, 1, capgo::kMaxId) ? number : "";
  }

  const json::Value& value_;
  std::string pointer_;
};

/// Returns the name as the database stores it; nothing if it cannot.
std::optional<std::string> storable_name(const Call& call, const json::Value& name) {
  bool is_list = name.is_array();
  if (is_list && (name.size() != 1 || !name[0].is_string())) return std::nullopt;
  std::string value = is_list ? name[0].get<std::string>() : database_text(call, name, "name");
  return value.find('\0') == std::string::npos ? std::optional(std::move(value)) : std::nullopt;
}

ApiError creation_failed(std::string reason) {
  return {&kBindingCreationFailed, std::move(reason)};
}

}  // namespace

std::optional<ApiError> reject_key_as_creator(const Caller& caller) {
  if (caller.key == nullptr) return std::nullopt;
  return ApiError{ErrorName::permission_denied,
                  describe(*caller.key) +
                      " is an API key, and only a signed-in user can create keys; send a user "
                      "token in authorization as \"Bearer TOKEN\" (CAPGO_USER_TOKEN, or from POST "
                      "/__admin/tokens)"};
}

Found<SentBindings> read_bindings(const Fields& fields) {
  const json::Value* list = fields.find("bindings");
  if (list == nullptr) return SentBindings{};
  if (!list->is_array()) {
    return invalid_binding("bindings must be an array", "bindings is " + describe(*list));
  }
  std::vector<SentBinding> bindings;
  for (const json::Value& item : *list) {
    auto read = BindingReader(item, "bindings[" + std::to_string(bindings.size()) + "]").read();
    if (auto* error = std::get_if<ApiError>(&read)) return std::move(*error);
    bindings.push_back(std::get<SentBinding>(std::move(read)));
  }
  return SentBindings{std::move(bindings)};
}

Found<Name> read_name(const Call& call, const Fields& fields) {
  const json::Value* name = fields.find("name");
  if (name == nullptr) return ApiError{ErrorName::name_required, "the body has no name"};
  if (is_truthy(*name)) return Name{storable_name(call, *name)};
  return ApiError{ErrorName::name_required, "name is " + describe(*name)};
}

std::optional<ApiError> require_bindings(const SentBindings& bindings) {
  if (bindings.list && !bindings.list->empty()) return std::nullopt;
  return ApiError{&kBindingsRequired,
                  bindings.list ? "bindings is empty" : "the body has no bindings"};
}

Found<GlobalPermissions> read_global_permissions(const Fields& fields) {
  const json::Value* list = fields.find("global_permissions");
  if (list == nullptr) return GlobalPermissions{};
  if (!list->is_array()) {
    return ApiError{&kInvalidGlobalPermissions, "global_permissions is " + describe(*list),
                    "global_permissions must be an array"};
  }
  for (const json::Value& item : *list) {
    if (item == kOrgCreate) continue;
    ApiError error{
        &kInvalidGlobalPermissions,
        "global_permissions has " + describe(item) + ", and only \"org.create\" is known",
        "Unsupported API key global permission"};
    error.details = "\"permission\":" + stringify(item);
    return error;
  }
  std::vector<std::string> names;
  if (!list->empty()) names.emplace_back(kOrgCreate);
  return GlobalPermissions{std::move(names)};
}

std::optional<ApiError> require_admin_for_org_create(const SentBindings& bindings,
                                                     const GlobalPermissions& permissions) {
  bool has_org_create = permissions.list && !permissions.list->empty();
  if (!has_org_create || !bindings.list) return std::nullopt;
  auto is_admin = [](const SentBinding& sent) {
    return capgo::is_org_admin({sent.role_name, sent.scope, sent.org_id});
  };
  const auto& list = *bindings.list;
  if (std::any_of(list.begin(), list.end(), is_admin)) return std::nullopt;
  return reject_org_create();
}

std::optional<ApiError> check_policies(const Call& call, const Caller& caller,
                                       const SentBindings& bindings, const Expiration& expiration) {
  return find_policy_error(call, caller, orgs_of(*bindings.list), expiration.javascript());
}

std::optional<ApiError> check_sensitive_roles(Call& call, const Caller& caller,
                                              const SentBindings& bindings) {
  if (!bindings.list) return std::nullopt;
  for (const SentBinding& sent : *bindings.list) {
    const auto& roles = kSensitiveRoles;
    if (std::find(roles.begin(), roles.end(), sent.role_name) == roles.end()) continue;
    if (has_permission(call, caller, sent.org_id, capgo::kUpdateRoles)) continue;
    return ApiError{&kForbiddenBinding,
                    "assigning " + json::quote(sent.role_name) + ": " +
                        explain_missing_permission(call, caller, sent.org_id, capgo::kUpdateRoles),
                    "Forbidden - API key managers cannot assign the " + sent.role_name + " role"};
  }
  return std::nullopt;
}

std::optional<ApiError> require_rights_in_orgs(Call& call, const Caller& caller,
                                               const SentBindings& bindings) {
  for (const std::string& org_id : orgs_of(*bindings.list)) {
    if (has_permission(call, caller, org_id, capgo::kManageKeys)) continue;
    return ApiError{&kForbiddenBinding,
                    explain_missing_permission(call, caller, org_id, capgo::kManageKeys),
                    "Forbidden - API key management rights required for org " + org_id};
  }
  return std::nullopt;
}

Found<NewKey> insert_key(Call& call, const Caller& caller, const Fields& fields, const Name& name,
                         const SentBindings& bindings, const GlobalPermissions& permissions,
                         const Expiration& expiration) {
  // The row is inserted before the bindings.
  if (!name.value) return creation_failed("the database cannot store this name");
  capgo::ApiKey key;
  if (expiration.date) {
    const auto& date = expiration.date->database;
    if (const auto* error = std::get_if<DatabaseError>(&date)) {
      return creation_failed(explain(*error));
    }
    key.expires_at = std::get<base::Time>(date);
  }
  auto resolved = resolve_bindings(call, caller, *bindings.list);
  if (auto* failure = std::get_if<BindingFailure>(&resolved)) {
    if (failure->error_template == nullptr) return creation_failed(std::move(failure->reason));
    return ApiError{failure->error_template, std::move(failure->reason)};
  }
  set_rights(key, {std::get<0>(std::move(resolved)),
                   permissions.list.value_or(std::vector<std::string>{})});
  key.name = *name.value;
  const json::Value* hashed = fields.find("hashed");
  assign_secret(call, key, /*hashed=*/hashed != nullptr && *hashed == true);
  try {
    insert_row(call, caller, key);
  } catch (const store::StoreError& failure) {
    return creation_failed(failure.what());
  }
  return NewKey{std::move(key)};
}

}  // namespace contract::deployed_2026_07
