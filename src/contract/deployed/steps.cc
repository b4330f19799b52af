#include "contract/deployed/steps.h"

#include "base/time_format.h"
#include "capgo/permissions.h"
#include "contract/deployed/errors.h"
#include "contract/deployed/javascript.h"
#include "contract/deployed/rows.h"
#include "contract/explain.h"

namespace contract::deployed {

using capgo::ErrorName;

Found<Fields> read_body(Call& call) {
  static const json::Value kNoFields = json::Value::object();
  const auto& body = call.body.value();
  if (!body) return ApiError{ErrorName::invalid_json, explain_bad_json(call)};
  if (body->is_null()) {
    return ApiError{&kUnknownError, "the body is null, which makes the service fail"};
  }
  Fields fields{body->is_object() ? *body : kNoFields};
  const json::Value* device = find_truthy(fields, "device_id");
  if (device == nullptr || device->is_string()) return fields;
  return ApiError{&kUnknownError,
                  "device_id is " + describe(*device) + ", which makes the service fail"};
}

Found<Expiration> read_expiration(const Fields& fields) {
  const json::Value* date = fields.find("expires_at");
  if (date == nullptr || date->is_null()) return Expiration{};
  if (auto read = read_date(*date)) return Expiration{std::move(read)};
  return ApiError{ErrorName::invalid_expiration,
                  "expires_at is " + describe(*date) +
                      ", which mock-capgo cannot read as a date (the deployed service may accept "
                      "more formats); send it as 2099-01-31 or 2099-01-31T12:00:00Z"};
}

std::optional<ApiError> require_future_expiration(const Call& call, const Fields& fields,
                                                  const Expiration& expiration) {
  auto date = expiration.javascript();
  if (!date || *date > truncate_to_milliseconds(call.now)) return std::nullopt;
  return ApiError{ErrorName::expiration_in_past,
                  "expires_at is " + describe(*fields.find("expires_at")) + ", and the time is " +
                      base::format_time_with_fraction(call.now)};
}

Found<GivenId> require_id(const Call& call, const Fields& fields) {
  if (const std::string* id = http::find_param(call.params, "id")) return GivenId{*id};
  const json::Value* id = fields.find("id");
  std::string value = id == nullptr ? "" : javascript_string(*id);
  if (!value.empty()) return GivenId{std::move(value)};
  return ApiError{&kIdRequired, "the path has no id, and the id in the body is missing or empty"};
}

std::optional<ApiError> require_name_string(const Fields& fields) {
  const json::Value* name = fields.find("name");
  if (name == nullptr || name->is_string()) return std::nullopt;
  return ApiError{ErrorName::name_required, "name is " + describe(*name) + ", not a string"};
}

std::optional<ApiError> require_regenerate_boolean(const Fields& fields) {
  const json::Value* value = fields.find("regenerate");
  if (value == nullptr || value->is_boolean()) return std::nullopt;
  return ApiError{&kRegenerateMustBeBoolean,
                  "regenerate is " + describe(*value) + ", not true or false"};
}

Found<NewKey> regenerate(Call& call, const Fields& fields, const SavedKey& saved) {
  if (!must_regenerate(fields)) return NewKey{saved.key};
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

/// Returns the field if it is truthy, else null.
std::optional<ApiError> check_policy(const Call& call, const capgo::Org& org,
                                     std::optional<base::Time> expires_at) {
  if (expires_at) expires_at = truncate_to_milliseconds(*expires_at);
  auto violation = capgo::check_expiration(org, expires_at, truncate_to_milliseconds(call.now));
  if (!violation) return std::nullopt;
  std::string reason = explain_policy(call, org, expires_at);
  if (*violation == capgo::PolicyViolation::expiration_required) {
    return ApiError{ErrorName::expiration_required, std::move(reason)};
  }
  return ApiError{ErrorName::expiration_exceeds_max, std::move(reason),
                  "API key expiration cannot exceed " +
                      std::to_string(*org.max_apikey_expiration_days) +
                      " days for this organization"};
}

const json::Value* find_truthy(const Fields& fields, std::string_view name) {
  const json::Value* value = fields.find(name);
  return value != nullptr && is_truthy(*value) ? value : nullptr;
}

bool must_regenerate(const Fields& fields) {
  const json::Value* value = fields.find("regenerate");
  return value != nullptr && *value == true;
}

}  // namespace contract::deployed
