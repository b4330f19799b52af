#include <algorithm>
#include <array>

#include "base/ascii.h"
#include "base/calendar.h"
#include "base/redact.h"
#include "contract/deployed/javascript.h"
#include "contract/deployed_2026_07/database.h"
#include "contract/deployed_2026_07/errors.h"
#include "contract/deployed_2026_07/steps.h"
#include "contract/explain.h"
#include "json/body.h"
#include "json/document.h"

/// The steps of get, delete and update. (sections 12, 14 and 15)
namespace contract::deployed_2026_07 {
namespace {

using capgo::ErrorName;

/// Returns whether a value can be an id: digits, a UUID or another secret. (section 12)
bool is_id(std::string_view value) {
  bool has_size = value.size() >= 8 && value.size() <= 256;
  return base::is_digits(value) ||
         (has_size && std::all_of(value.begin(), value.end(), [](char c) {
            return base::is_alnum(c) || std::string_view("._:-").find(c) != std::string_view::npos;
          }));
}

ApiError invalid_id(std::string_view id) {
  return {ErrorName::invalid_id,
          quote_id(id) +
              " is not an id: send the key's number, or the secret of a key that is not "
              "hashed"};
}

/// Finds the user's key by its number or its plain secret. `failed` is the error of a number that
/// the database cannot read.
Found<OwnKey> find_key_of_user(const Call& call, const Caller& caller, const std::string& id,
                               decltype(ApiError::what) failed) {
  if (!base::is_digits(id)) return find_row_by_secret(call, caller, id);
  auto number = read_number(id);
  if (const auto* error = std::get_if<DatabaseError>(&number)) {
    return database_failed(failed, *error);
  }
  return find_row(call, caller, std::get<int64_t>(number));
}

std::optional<ApiError> reject_itself(const Caller& caller, const OwnKey& own,
                                      std::string_view message) {
  if (caller.key == nullptr || caller.key->id != own.key.id) return std::nullopt;
  return ApiError{ErrorName::permission_denied,
                  describe(own.key) + " is the calling key; use a user token or another key",
                  std::string(message)};
}

bool changes_rights(const SentBindings& bindings, const GlobalPermissions& permissions) {
  return bindings.list || permissions.list;
}

/// An error of a request that changes rights, with the id of the key in `moreInfo`.
ApiError about_key(const capgo::ApiKey& key, ApiError error) {
  error.details = "\"apikeyId\":" + std::to_string(key.id);
  return error;
}

/// Sets the name and the date as they are stored when the rights do not change. (section 10)
std::optional<DatabaseError> set_columns(const Call& call, const Fields& fields,
                                         const Expiration& expiration, capgo::ApiKey& row) {
  if (const json::Value* name = fields.find("name")) {
    row.name = name->get<std::string>();
    if (row.name.find('\0') != std::string::npos) return nul_in_text();
    if (row.name.empty()) row.name = "Apikey " + std::to_string(row.id);
  }
  if (fields.find("expires_at") == nullptr) return std::nullopt;
  auto orgs = orgs_of(rights_of(call, row).bindings);
  row.expires_at.reset();
  if (expiration.date) {
    const auto& date = expiration.date->database;
    if (const auto* error = std::get_if<DatabaseError>(&date)) return *error;
    row.expires_at = std::get<base::Time>(date);
  }
  return find_trigger_error(call, orgs, row.expires_at);
}

/// Converts the date as a request that changes rights does: through a JavaScript date, whose text
/// the database reads up to the year 9999.
Expiration through_javascript(const Expiration& expiration) {
  if (!expiration.date) return expiration;
  const base::Time end{std::chrono::hours{24} * base::days_from_calendar({10'000, 1, 1})};
  base::Time date = expiration.date->javascript;
  if (date < end) return {ReadDate{date, date}};
  return {ReadDate{date, DatabaseError{"22007", "the year is above 9999"}}};
}

bool has_columns(const Fields& fields) {
  return fields.find("name") != nullptr || fields.find("expires_at") != nullptr;
}

/// Replaces the rights; returns why not, if the database or a rule rejects them.
std::optional<ApiError> replace_rights(const Call& call, const Caller& caller,
                                       const SentBindings& bindings,
                                       const GlobalPermissions& permissions, capgo::ApiKey& row) {
  capgo::Rights rights = rights_of(call, row);
  if (bindings.list) {
    auto resolved = resolve_bindings(call, caller, *bindings.list);
    if (auto* failure = std::get_if<BindingFailure>(&resolved)) {
      if (failure->error_template == nullptr) {
        return about_key(row, {&kBindingUpdateFailed, std::move(failure->reason)});
      }
      ApiError error{failure->error_template, std::move(failure->reason)};
      error.details = "\"requestId\":" + json::dump(call.request_id) +
                      ",\"apikeyId\":" + std::to_string(row.id);
      return error;
    }
    rights.bindings = std::get<0>(std::move(resolved));
  }
  const auto& list = rights.bindings;
  bool is_admin = std::any_of(list.begin(), list.end(), capgo::is_org_admin);
  if (permissions.list) {
    if (!permissions.list->empty() && !is_admin) return reject_org_create();
    rights.global_permissions = *permissions.list;
  } else if (!is_admin) {
    rights.global_permissions.clear();
  }
  if (bindings.list) {
    set_rights(row, std::move(rights));
  } else {
    row.rights = std::move(rights);
  }
  return std::nullopt;
}

}  // namespace

Found<PathId> require_id_form(const Call& call) {
  const std::string& id = *http::find_param(call.params, "id");
  if (is_id(id)) return PathId{id};
  return invalid_id(id);
}

Found<OwnKey> find_own_key(const Call& call, const Caller& caller, const PathId& id) {
  return find_key_of_user(call, caller, id.value, ErrorName::key_not_found);
}

std::optional<ApiError> reject_deleting_itself(const Caller& caller, const OwnKey& own) {
  return reject_itself(caller, own, "API keys cannot delete themselves");
}

std::optional<ApiError> reject_updating_itself(const Caller& caller, const OwnKey& own) {
  return reject_itself(caller, own, "API keys cannot update themselves");
}

std::optional<ApiError> require_managed_key(const Call& call, const ManagedOrgs& managed,
                                            const OwnKey& own) {
  if (can_manage(call, managed, own.key)) return std::nullopt;
  bool has_roles = !rights_of(call, own.key).bindings.empty();
  return ApiError{ErrorName::permission_denied,
                  explain_roles(call, own.key) +
                      (has_roles ? ", and the caller may not manage keys in all of these orgs"
                                 : ", and a key can manage only keys that have some"),
                  "API key cannot manage this API key"};
}

Found<SentBindings> read_new_bindings(const Call& call, const Fields& fields) {
  const json::Value* sent = fields.find("bindings");
  if (sent == nullptr || (sent->is_array() && !sent->empty())) return read_bindings(fields);
  Found<SentBindings> bindings = read_bindings(fields);
  auto* found = std::get_if<ApiError>(&bindings);
  ApiError error =
      found != nullptr ? std::move(*found) : ApiError{&kBindingsRequired, "bindings is empty"};
  error.details = "\"requestId\":" + json::dump(call.request_id);
  return error;
}

std::optional<ApiError> require_given_id_form(const GivenId& id) {
  if (is_id(id.value)) return std::nullopt;
  return invalid_id(id.value);
}

std::optional<ApiError> require_change(const Fields& fields) {
  constexpr std::string_view kFields[] = {"name", "expires_at", "bindings", "global_permissions"};
  bool has_change = std::any_of(std::begin(kFields), std::end(kFields), [&](std::string_view name) {
    return fields.find(name) != nullptr;
  });
  if (has_change || must_regenerate(fields)) return std::nullopt;
  return ApiError{&kNothingToUpdate, "the body has no field that changes the key"};
}

Found<OwnKey> find_key_to_update(const Call& call, const Caller& caller, const GivenId& id) {
  return find_key_of_user(call, caller, id.value, &kLookupFailed);
}

std::optional<ApiError> reject_rights_from_key(const Caller& caller, const SentBindings& bindings,
                                               const GlobalPermissions& permissions) {
  if (caller.key == nullptr || !changes_rights(bindings, permissions)) return std::nullopt;
  return ApiError{ErrorName::permission_denied,
                  "the body has " + std::string(bindings.list ? "bindings" : "global_permissions") +
                      ", which only a signed-in user can replace",
                  "API keys cannot update API key permissions"};
}

std::optional<ApiError> check_changed_policies(const Call& call, const Caller& caller,
                                               const Fields& fields, const SentBindings& bindings,
                                               const Expiration& expiration, const OwnKey& own) {
  bool has_date = fields.find("expires_at") != nullptr;
  if (!has_date && !bindings.list) return std::nullopt;
  auto orgs = bindings.list ? orgs_of(*bindings.list) : orgs_of(rights_of(call, own.key).bindings);
  return find_policy_error(call, caller, orgs,
                           has_date ? expiration.javascript() : own.key.expires_at);
}

std::optional<ApiError> require_admin_rights(Call& call, const Caller& caller,
                                             const SentBindings& bindings,
                                             const GlobalPermissions& permissions,
                                             const OwnKey& own) {
  if (!changes_rights(bindings, permissions)) return std::nullopt;
  auto orgs = orgs_of(rights_of(call, own.key).bindings);
  if (bindings.list) {
    auto new_orgs = orgs_of(*bindings.list);
    orgs.insert(orgs.end(), new_orgs.begin(), new_orgs.end());
  }
  for (const std::string& org_id : orgs) {
    if (has_permission(call, caller, org_id, capgo::kUpdateRoles)) continue;
    ApiError error{&kAdminRightsRequired,
                   explain_missing_permission(call, caller, org_id, capgo::kUpdateRoles),
                   "Forbidden - Admin rights required for org " + org_id};
    error.details = "\"orgId\":" + json::dump(org_id);
    return error;
  }
  return std::nullopt;
}

Found<SavedKey> save_changes(Call& call, const Caller& caller, const Fields& fields,
                             const SentBindings& bindings, const GlobalPermissions& permissions,
                             const Expiration& expiration, const OwnKey& own) {
  bool has_rights = changes_rights(bindings, permissions);
  call.has_queried_rights |= has_rights;
  if (!has_columns(fields) && !has_rights) return SavedKey{own.key};
  capgo::ApiKey row = own.key;
  auto failed =
      set_columns(call, fields, has_rights ? through_javascript(expiration) : expiration, row);
  if (failed && !has_rights) return database_failed(&kFailedToUpdate, *failed);
  if (failed) {
    return about_key(
        row, {bindings.list ? &kBindingUpdateFailed : &kPermissionUpdateFailed, explain(*failed)});
  }
  if (has_rights) {
    if (auto error = replace_rights(call, caller, bindings, permissions, row)) {
      return *std::move(error);
    }
  }
  if (has_columns(fields)) row.updated_at = call.now;
  call.keys.update(row);
  return SavedKey{std::move(row)};
}

}  // namespace contract::deployed_2026_07
