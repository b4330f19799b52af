#include <algorithm>

#include "base/time_text.h"
#include "contract/deployed_2026_02_steps.h"
#include "contract/deployed_2026_02_words.h"
#include "contract/explain.h"
#include "contract/steps.h"
#include "javascript/date.h"
#include "javascript/value.h"
#include "json/body.h"
#include "postgres/values.h"

namespace contract::deployed_2026_02 {
namespace {

using capgo::ErrorName;

/// The row of this UUID that the caller can read; why there is none, if there is none.
template <typename Row>
std::variant<const Row*, postgres::Error> find_row(const Call& call, const std::vector<Row>& rows,
                                                   std::string_view field) {
  auto id = postgres::read_uuid(javascript::to_text(*field_of(call, field)));
  if (auto* error = std::get_if<postgres::Error>(&id)) return *error;
  auto found = std::find_if(rows.begin(), rows.end(), [&](const Row& row) {
    return http::same_name(row.id, std::get<std::string>(id)) && can_read(call, row);
  });
  if (found == rows.end()) return postgres::no_row();
  return &*found;
}

/// Says whether the row is not there, or is hidden from the caller.
template <typename Row>
Refusal refuse_row(const Wording& wording, const Call& call, const std::vector<Row>& rows,
                   std::string_view field, const postgres::Error& error) {
  std::string given = javascript::to_text(*field_of(call, field));
  bool is_there = std::any_of(rows.begin(), rows.end(),
                              [&](const Row& row) { return http::same_name(row.id, given); });
  Refusal refusal{&wording,
                  std::string(field) + " is " + shown(call, *field_of(call, field), Uuids::ids) +
                      ", " +
                      (is_there ? "which the caller cannot read: see the org's members "
                                  "and the limits of the key or subkey"
                                : "and the fixtures have no such row: " + shown(call, error))};
  refusal.database_error = error;
  return refusal;
}

bool is_given(const Call& call, std::string_view field) {
  const json::Value* value = field_of(call, field);
  return value != nullptr && javascript::is_truthy(*value);
}

}  // namespace

std::optional<Refusal> read_body(Call& call) {
  auto body = json::parse_body(call.request.body);
  if (!body) return Refusal{ErrorName::invalid_json, explain_bad_json(call.request.body)};
  if (body->is_null())
    return Refusal{&kUnknownError, "the body is null, which the service fails on"};
  if (body->is_object()) call.body = std::move(*body);
  const json::Value* device = field_of(call, "device_id");
  if (device != nullptr && javascript::is_truthy(*device) && !device->is_string()) {
    return Refusal{&kUnknownError,
                   "device_id is " + shown(call, *device) + ", which the service fails on"};
  }
  return std::nullopt;
}

std::optional<Refusal> read_name(Call& call) {
  const json::Value* name = field_of(call, "name");
  if (name == nullptr) return Refusal{ErrorName::name_required, "the body has no name"};
  if (!javascript::is_truthy(*name)) {
    return Refusal{ErrorName::name_required, "name is " + shown(call, *name)};
  }
  call.key.name = database_text(call, "name");
  return std::nullopt;
}

std::optional<Refusal> require_mode(Call& call) {
  const json::Value* mode = field_of(call, "mode");
  if (mode == nullptr || mode->is_null() || javascript::is_truthy(*mode)) return std::nullopt;
  return Refusal{&kModeIsRequired, "mode is " + shown(call, *mode)};
}

std::optional<Refusal> read_mode(Call& call) {
  const json::Value* value = field_of(call, "mode");
  call.key.mode = capgo::KeyMode::all;
  if (value == nullptr || value->is_null()) return std::nullopt;
  auto mode = mode_of(*value);
  if (!mode) return Refusal{ErrorName::invalid_mode, explain_unknown_mode(call, *value)};
  call.key.mode = *mode;
  return std::nullopt;
}

std::optional<Refusal> read_expiration(Call& call) {
  const json::Value* date = field_of(call, "expires_at");
  if (date == nullptr || date->is_null()) return std::nullopt;
  call.expiration = javascript::to_date(*date);
  if (call.expiration) return std::nullopt;
  return Refusal{ErrorName::invalid_expiration, "expires_at is " + shown(call, *date) +
                                                    ", which JavaScript does not take for a date"};
}

std::optional<Refusal> require_future_expiration(Call& call) {
  if (!call.expiration || *call.expiration > in_milliseconds(call.now)) return std::nullopt;
  return Refusal{ErrorName::expiration_in_past,
                 "expires_at is " + shown(call, *field_of(call, "expires_at")) + ", and it is " +
                     base::format_time_exactly(call.now) + " already"};
}

std::optional<Refusal> read_org_id(Call& call) {
  if (!is_given(call, "org_id")) return std::nullopt;
  auto org = find_row(call, call.keys.orgs(), "org_id");
  if (const auto* error = std::get_if<postgres::Error>(&org)) {
    return refuse_row(kOrgNotFound, call, call.keys.orgs(), "org_id", *error);
  }
  call.key.limited_to_orgs = std::vector{std::get<const capgo::Org*>(org)->id};
  return std::nullopt;
}

std::optional<Refusal> read_app_id(Call& call) {
  if (!is_given(call, "app_id")) return std::nullopt;
  auto app = find_row(call, call.keys.apps(), "app_id");
  if (const auto* error = std::get_if<postgres::Error>(&app)) {
    return refuse_row(kAppNotFound, call, call.keys.apps(), "app_id", *error);
  }
  call.key.limited_to_apps = std::vector{std::get<const capgo::App*>(app)->app_id};
  return std::nullopt;
}

std::optional<Refusal> judge_policies(Call& call) {
  return judge_by_orgs(call, *call.key.limited_to_orgs, call.expiration);
}

std::optional<Refusal> insert_key(Call& call) {
  capgo::ApiKey& key = call.key;
  auto error = judge_user(call);
  if (!error) error = store_values(call, key);
  if (error) return refuse_by_database(call, &kFailedToCreate, *std::move(error));
  const json::Value* hashed = field_of(call, "hashed");
  give_secret(call, hashed != nullptr && *hashed == true);
  key.rbac_id = call.ids.row_id();
  key.user_id = call.user_id;
  key.created_at = call.now;
  key.updated_at = call.now;
  try {
    key.id = call.keys.insert(capgo::as_kept(key));
  } catch (const store::StoreError& failure) {
    return refuse_unwritten(kFailedToCreate, failure);
  }
  return std::nullopt;
}

}  // namespace contract::deployed_2026_02
