#include <algorithm>

#include "base/ascii.h"
#include "base/redact.h"
#include "contract/deployed/javascript.h"
#include "contract/deployed_2026_02/database.h"
#include "contract/deployed_2026_02/errors.h"
#include "contract/deployed_2026_02/steps.h"
#include "contract/explain.h"
#include "contract/steps.h"
#include "json/document.h"

/// The steps of get, delete and update. (sections 12, 14 and 15)
namespace contract::deployed_2026_02 {
namespace {

using capgo::ErrorName;

/// Replaces the id by the database's error for the user, if there is one. The database reads the id
/// before the user, so an error of the id stays.
void check_user_after_id(const Call& call, const Caller& caller,
                         std::variant<int64_t, DatabaseError>& id) {
  if (std::holds_alternative<DatabaseError>(id)) return;
  if (auto error = check_user(call, caller)) id = *std::move(error);
}

std::optional<ApiError> require_strings(const Fields& fields, std::string_view name,
                                        ErrorName error) {
  const json::Value* list = fields.find(name);
  bool is_valid =
      list == nullptr ||
      (list->is_array() &&
       std::all_of(list->begin(), list->end(), [](const auto& item) { return item.is_string(); }));
  if (is_valid) return std::nullopt;
  return ApiError{error,
                  std::string(name) + " is " + describe(*list) + ", not an array of strings"};
}

/// Returns whether the request has a field that is a column of the row.
bool has_columns(const Fields& fields) {
  constexpr std::string_view kColumns[] = {"name", "mode", "limited_to_apps", "limited_to_orgs",
                                           "expires_at"};
  return std::any_of(std::begin(kColumns), std::end(kColumns),
                     [&](std::string_view name) { return fields.find(name) != nullptr; });
}

}  // namespace

Found<OwnKey> find_own_key(const Call& call, const Caller& caller, const PathId& id) {
  auto number = read_bigint(id.value);
  check_user_after_id(call, caller, number);
  if (const auto* database = std::get_if<DatabaseError>(&number)) {
    ApiError error = database_failed(ErrorName::key_not_found, *database);
    if (base::is_uuid(id.value)) {
      error.reason = quote_id(id.value) + " matches no key: send the key's number, not its secret";
    }
    return error;
  }
  return find_row(call, caller, std::get<int64_t>(number));
}

std::optional<ApiError> require_id_form_of_update(const GivenId& id) {
  if (base::is_digits(id.value) || base::is_uuid(id.value)) return std::nullopt;
  return ApiError{
      ErrorName::invalid_id,
      quote_id(id.value) +
          " is not an id: send the key's number, or the secret of a key that is not hashed"};
}

std::optional<ApiError> require_known_mode(const Fields& fields) {
  const json::Value* mode = fields.find("mode");
  if (mode == nullptr || parse_mode(*mode)) return std::nullopt;
  return ApiError{ErrorName::invalid_mode, explain_unknown_mode(*mode)};
}

std::optional<ApiError> require_limited_to_apps_strings(const Fields& fields) {
  return require_strings(fields, "limited_to_apps", ErrorName::invalid_limited_to_apps);
}

std::optional<ApiError> require_limited_to_orgs_strings(const Fields& fields) {
  return require_strings(fields, "limited_to_orgs", ErrorName::invalid_limited_to_orgs);
}

std::optional<ApiError> require_change(const Fields& fields) {
  if (has_columns(fields) || must_regenerate(fields)) return std::nullopt;
  return ApiError{&kNothingToUpdate, "the body has no field that changes the key"};
}

Found<OwnKey> find_key_to_update(const Call& call, const Caller& caller, const GivenId& id) {
  std::variant<int64_t, DatabaseError> number;
  bool is_number = base::is_digits(id.value);
  if (is_number) number = read_number(id.value);
  check_user_after_id(call, caller, number);
  if (const auto* error = std::get_if<DatabaseError>(&number)) {
    return database_failed(&kLookupFailed, *error);
  }
  if (is_number) return find_row(call, caller, std::get<int64_t>(number));
  return find_row_by_secret(call, caller, id.value);
}

std::optional<ApiError> check_changed_policies(const Call& call, const Caller& caller,
                                               const Subkey& subkey, const Fields& fields,
                                               const OwnKey& own, const Expiration& expiration) {
  const json::Value* orgs = fields.find("limited_to_orgs");
  bool has_orgs = orgs != nullptr && !orgs->empty();
  bool has_date = fields.find("expires_at") != nullptr;
  if (!has_orgs && !has_date) return std::nullopt;
  auto ids = own.key.limited_to_orgs.value_or(std::vector<std::string>{});
  if (has_orgs) ids = orgs->get<std::vector<std::string>>();
  return find_policy_error(call, caller, subkey, ids,
                           has_date ? expiration.javascript() : own.key.expires_at);
}

Found<SavedKey> save_changes(Call& call, const Fields& fields, const OwnKey& own,
                             const Expiration& expiration) {
  if (!has_columns(fields)) return SavedKey{own.key};
  const json::Value* name = fields.find("name");
  const json::Value* apps = fields.find("limited_to_apps");
  const json::Value* orgs = fields.find("limited_to_orgs");
  capgo::ApiKey given;
  if (name != nullptr) given.name = name->get<std::string>();
  if (apps != nullptr) given.limited_to_apps = apps->get<std::vector<std::string>>();
  if (orgs != nullptr) given.limited_to_orgs = orgs->get<std::vector<std::string>>();
  if (auto error = store_values(given, expiration)) {
    return database_failed(&kFailedToUpdate, *error);
  }
  capgo::ApiKey row = own.key;
  if (name != nullptr) row.name = *name == "" ? "Apikey " + std::to_string(row.id) : given.name;
  if (const json::Value* mode = fields.find("mode")) row.mode = *parse_mode(*mode);
  if (apps != nullptr) row.limited_to_apps = given.limited_to_apps;
  if (orgs != nullptr) row.limited_to_orgs = given.limited_to_orgs;
  if (fields.find("expires_at") != nullptr) row.expires_at = given.expires_at;
  row.updated_at = call.now;
  call.keys.update(row);
  return SavedKey{std::move(row)};
}

std::optional<ApiError> require_mode_to_regenerate(const Caller& caller, const Subkey& subkey,
                                                   const Fields& fields, const SavedKey& saved) {
  const capgo::ApiKey* querying = querying_key(caller, subkey);
  bool can_write = saved.key.mode == capgo::KeyMode::all || saved.key.mode == capgo::KeyMode::write;
  if (!must_regenerate(fields) || can_write || querying == nullptr || querying->id != saved.key.id)
    return std::nullopt;
  DatabaseError error =
      saved.key.key_hash
          ? DatabaseError{"P0001", "No authentication provided"}
          : DatabaseError{"42501",
                          "new row violates row-level security policy for table \"apikeys\""};
  return database_failed(&kFailedToRegenerate, error,
                         describe(saved.key) + " now has mode " +
                             json::quote(base::name_of(saved.key.mode)) +
                             ", which cannot replace its own secret; the other changes are saved");
}

}  // namespace contract::deployed_2026_02
