#include "base/ascii.h"
#include "base/time_format.h"
#include "contract/deployed/javascript.h"
#include "contract/deployed_2026_02/database.h"
#include "contract/deployed_2026_02/errors.h"
#include "contract/deployed_2026_02/steps.h"
#include "contract/explain.h"
#include "contract/steps.h"

/// The steps of create. (sections 9, 10 and 13)
namespace contract::deployed_2026_02 {
namespace {

using capgo::ErrorName;

/// Finds the row with this UUID, if the caller can read it.
template <typename Row, typename CanRead>
Found<const Row*> find_row(const Call& call, const Caller& caller, const std::vector<Row>& rows,
                           const json::Value& given, std::string_view field,
                           const ErrorTemplate& error_template, const CanRead& can_read_row) {
  std::string value = javascript_string(given);
  auto id = read_uuid(value);
  // The database reads the id before the user.
  if (std::holds_alternative<std::string>(id)) {
    if (auto error = check_user(call, caller)) return database_failed(&error_template, *error);
  }
  const Row* hidden = nullptr;
  for (const Row& row : rows) {
    const auto* uuid = std::get_if<std::string>(&id);
    if (uuid != nullptr && base::equal_ignoring_case(row.id, *uuid) && can_read_row(row)) {
      return &row;
    }
    if (base::equal_ignoring_case(row.id, value)) hidden = &row;
  }
  const auto* failed = std::get_if<DatabaseError>(&id);
  DatabaseError database = failed != nullptr ? *failed : no_row();
  return database_failed(
      &error_template, database,
      std::string(field) + " is " + describe(given) + ", " +
          (hidden != nullptr ? "which the caller cannot read; check the org's members "
                               "and the limits of the key or subkey"
                             : "and the fixtures have no such row: " + database.message));
}

}  // namespace

Found<Name> read_name(const Call& call, const Fields& fields) {
  const json::Value* name = fields.find("name");
  if (name == nullptr) return ApiError{ErrorName::name_required, "the body has no name"};
  if (is_truthy(*name)) return Name{database_text(call, *name, "name")};
  return ApiError{ErrorName::name_required, "name is " + describe(*name)};
}

std::optional<ApiError> require_mode(const Fields& fields) {
  const json::Value* mode = fields.find("mode");
  if (mode == nullptr || mode->is_null() || is_truthy(*mode)) return std::nullopt;
  return ApiError{&kModeIsRequired, "mode is " + describe(*mode)};
}

Found<Mode> read_mode(const Fields& fields) {
  const json::Value* value = fields.find("mode");
  if (value == nullptr || value->is_null()) return Mode{capgo::KeyMode::all};
  if (auto mode = parse_mode(*value)) return Mode{*mode};
  return ApiError{ErrorName::invalid_mode, explain_unknown_mode(*value)};
}

Found<FinalOrgs> read_org_id(const Call& call, const Caller& caller, const Subkey& subkey,
                             const Fields& fields, const OrgLimits& orgs) {
  const json::Value* id = find_truthy(fields, "org_id");
  if (id == nullptr) return FinalOrgs{orgs.ids};
  auto found = find_row(call, caller, call.keys.orgs(), *id, "org_id", kOrgNotFound,
                        [&](const capgo::Org& org) { return can_read(caller, subkey, org); });
  if (auto* error = std::get_if<ApiError>(&found)) return std::move(*error);
  return FinalOrgs{{std::get<const capgo::Org*>(found)->id}};
}

Found<FinalApps> read_app_id(const Call& call, const Caller& caller, const Subkey& subkey,
                             const Fields& fields, const AppLimits& apps) {
  const json::Value* id = find_truthy(fields, "app_id");
  if (id == nullptr) return FinalApps{apps.ids};
  auto found = find_row(call, caller, call.keys.apps(), *id, "app_id", kAppNotFound,
                        [&](const capgo::App& app) { return can_read(call, caller, subkey, app); });
  if (auto* error = std::get_if<ApiError>(&found)) return std::move(*error);
  return FinalApps{{std::get<const capgo::App*>(found)->app_id}};
}

std::optional<ApiError> check_policies(const Call& call, const Caller& caller, const Subkey& subkey,
                                       const FinalOrgs& orgs, const Expiration& expiration) {
  return find_policy_error(call, caller, subkey, orgs.ids, expiration.javascript());
}

Found<NewKey> insert_key(Call& call, const Caller& caller, const Fields& fields, const Name& name,
                         const Mode& mode, const FinalApps& apps, const FinalOrgs& orgs,
                         const Expiration& expiration) {
  capgo::ApiKey key;
  key.name = name.value;
  key.mode = mode.value;
  key.limited_to_apps = apps.ids;
  key.limited_to_orgs = orgs.ids;
  const json::Value* hashed = fields.find("hashed");
  bool is_hashed = hashed != nullptr && *hashed == true;
  auto error = store_values(key, expiration, /*orgs_first=*/is_hashed);
  if (!error) error = check_user(call, caller);
  if (error) return database_failed(&kFailedToCreate, *error);
  assign_secret(call, key, is_hashed);
  try {
    insert_row(call, caller, key);
  } catch (const store::StoreError& failure) {
    return write_failed(kFailedToCreate, failure);
  }
  return NewKey{std::move(key)};
}

}  // namespace contract::deployed_2026_02
