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

/// Which key it is, and how it is to change. (sections 12, 14 and 15)
namespace contract::deployed_2026_02 {
namespace {

using capgo::ErrorName;
using deployed::read_bigint;

/// The row of this number, if it is the user's.
Found<OwnKey> find_row(const Call& call, const Caller& caller, int64_t id) {
  auto key = call.keys.find_by_id(id);
  if (key && key->user_id == caller.user_id) return OwnKey{*std::move(key)};
  std::string why = key ? "belongs to user " + json::quote(key->user_id) + ", and the caller is " +
                              json::quote(caller.user_id)
                        : "does not exist";
  return ApiError{ErrorName::key_not_found, "key " + std::to_string(id) + " " + why};
}

template <typename Change>
Found<Change> read_strings(const Fields& fields, std::string_view name, ErrorName error) {
  const json::Value* list = fields.find(name);
  if (list == nullptr) return Change{};
  bool is_valid = list->is_array() && std::all_of(list->begin(), list->end(), [](const auto& item) {
                    return item.is_string();
                  });
  if (is_valid) return Change{list->get<std::vector<std::string>>()};
  return ApiError{error,
                  std::string(name) + " is " + describe(*list) + ", not an array of strings"};
}

/// Whether the request gives a field that is a column of the row.
bool gives_columns(const Fields& fields) {
  constexpr std::string_view kColumns[] = {"name", "mode", "limited_to_apps", "limited_to_orgs",
                                           "expires_at"};
  return std::any_of(std::begin(kColumns), std::end(kColumns),
                     [&](std::string_view name) { return fields.find(name) != nullptr; });
}

}  // namespace

Found<OwnKey> find_own_key(const Call& call, const Caller& caller, const PathId& id) {
  auto number = read_bigint(id.value);
  if (auto user_error = check_user(call, caller)) number = *user_error;
  if (const auto* database = std::get_if<DatabaseError>(&number)) {
    ApiError error = database_failed(ErrorName::key_not_found, *database);
    if (base::is_uuid(id.value)) {
      error.reason = quote_id(id.value) + " matches no key: send the key's number, not its secret";
    }
    return error;
  }
  return find_row(call, caller, std::get<int64_t>(number));
}

Found<GivenId> require_id(const Call& call, const Fields& fields) {
  if (const std::string* id = http::find_param(call.params, "id")) return GivenId{*id};
  const json::Value* id = fields.find("id");
  std::string value = id == nullptr ? "" : deployed::to_string(*id);
  if (!value.empty()) return GivenId{std::move(value)};
  return ApiError{&kIdRequired, "the path has no id, and the id in the body is missing or empty"};
}

std::optional<ApiError> require_id_form_of_update(const GivenId& id) {
  if (base::is_digits(id.value) || base::is_uuid(id.value)) return std::nullopt;
  return ApiError{
      ErrorName::invalid_id,
      quote_id(id.value) +
          " is not an id: send the key's number, or the secret of a key that is not hashed"};
}

Found<NameChange> require_name_string(const Fields& fields) {
  const json::Value* name = fields.find("name");
  if (name == nullptr) return NameChange{};
  if (name->is_string()) return NameChange{name->get<std::string>()};
  return ApiError{ErrorName::name_required, "name is " + describe(*name) + ", not a string"};
}

Found<ModeChange> require_known_mode(const Fields& fields) {
  const json::Value* value = fields.find("mode");
  if (value == nullptr) return ModeChange{};
  if (auto mode = mode_of(*value)) return ModeChange{mode};
  return ApiError{ErrorName::invalid_mode, explain_unknown_mode(*value)};
}

Found<AppsChange> require_limited_to_apps_strings(const Fields& fields) {
  return read_strings<AppsChange>(fields, "limited_to_apps", ErrorName::invalid_limited_to_apps);
}

Found<OrgsChange> require_limited_to_orgs_strings(const Fields& fields) {
  return read_strings<OrgsChange>(fields, "limited_to_orgs", ErrorName::invalid_limited_to_orgs);
}

Found<Regenerate> require_regenerate_boolean(const Fields& fields) {
  const json::Value* value = fields.find("regenerate");
  if (value == nullptr) return Regenerate{false};
  if (value->is_boolean()) return Regenerate{value->get<bool>()};
  return ApiError{&kRegenerateMustBeBoolean,
                  "regenerate is " + describe(*value) + ", not true or false"};
}

std::optional<ApiError> require_change(const Fields& fields, const Regenerate& regenerate) {
  if (gives_columns(fields) || regenerate.value) return std::nullopt;
  return ApiError{&kNothingToUpdate, "the body has no field that changes the key"};
}

Found<OwnKey> find_key_to_update(const Call& call, const Caller& caller, const GivenId& id) {
  if (auto error = check_user(call, caller)) return database_failed(&kLookupFailed, *error);
  if (base::is_digits(id.value)) {
    // The handler makes a JavaScript number of it, which goes on to the database as text again.
    auto number = read_bigint(deployed::format_number(deployed::to_number(id.value)));
    if (const auto* error = std::get_if<DatabaseError>(&number)) {
      return database_failed(&kLookupFailed, *error);
    }
    return find_row(call, caller, std::get<int64_t>(number));
  }
  auto key = call.keys.find_by_secret(id.value);
  bool is_own_plain_key = key && key->key == id.value && key->user_id == caller.user_id;
  if (is_own_plain_key) return OwnKey{*std::move(key)};
  return ApiError{ErrorName::key_not_found,
                  "no key of this user that is not hashed has the secret " + quote_id(id.value)};
}

std::optional<ApiError> check_changed_policies(const Call& call, const Caller& caller,
                                               const Subkey& subkey, const Fields& fields,
                                               const OwnKey& own, const OrgsChange& orgs,
                                               const Expiration& expiration) {
  bool gives_orgs = orgs.ids && !orgs.ids->empty();
  bool gives_date = fields.find("expires_at") != nullptr;
  if (!gives_orgs && !gives_date) return std::nullopt;
  auto ids = gives_orgs ? *orgs.ids : own.key.limited_to_orgs.value_or(std::vector<std::string>{});
  return find_policy_error(call, caller, subkey, ids,
                           gives_date ? expiration.javascript() : own.key.expires_at);
}

Found<SavedKey> save_changes(Call& call, const Fields& fields, const OwnKey& own,
                             const NameChange& name, const ModeChange& mode, const AppsChange& apps,
                             const OrgsChange& orgs, const Expiration& expiration) {
  if (!gives_columns(fields)) return SavedKey{own.key};
  capgo::ApiKey given;
  given.name = name.value.value_or("");
  if (apps.ids) given.limited_to_apps = apps.ids;
  if (orgs.ids) given.limited_to_orgs = orgs.ids;
  if (auto error = store_values(given, expiration)) {
    return database_failed(&kFailedToUpdate, *error);
  }
  capgo::ApiKey row = own.key;
  if (name.value) row.name = given.name.empty() ? "Apikey " + std::to_string(row.id) : given.name;
  if (mode.value) row.mode = *mode.value;
  if (apps.ids) row.limited_to_apps = given.limited_to_apps;
  if (orgs.ids) row.limited_to_orgs = given.limited_to_orgs;
  if (fields.find("expires_at") != nullptr) row.expires_at = given.expires_at;
  row.updated_at = call.now;
  call.keys.update(row);
  return SavedKey{std::move(row)};
}

Found<NewKey> regenerate(Call& call, const SavedKey& saved, const Regenerate& regenerate) {
  if (!regenerate.value) return NewKey{saved.key};
  capgo::ApiKey row = saved.key;
  assign_secret(call, row, row.key_hash.has_value());
  row.updated_at = call.now;
  try {
    call.keys.update(capgo::for_storage(row));
  } catch (const store::StoreError& failure) {
    return write_failed(kFailedToRegenerate, failure);
  }
  return NewKey{std::move(row)};
}

}  // namespace contract::deployed_2026_02
