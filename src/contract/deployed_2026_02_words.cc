#include "contract/deployed_2026_02_words.h"

#include "base/sha256.h"
#include "contract/render.h"
#include "postgres/timestamp.h"

namespace contract::deployed_2026_02 {
namespace {

// What stands in moreInfo.

void nothing(json::Writer& body, const Refusal& /*refusal*/, const Call& /*call*/) {
  body.open_object().close_object();
}

/// The JSON parser's error, which shows nothing of itself.
void parse_error(json::Writer& body, const Refusal& /*refusal*/, const Call& /*call*/) {
  body.open_object().name("e").open_object().close_object().close_object();
}

/// Where an error was injected and nobody known asked, null stands in the place of an id.
void write_caller_id(json::Writer& body, const Call& call) {
  body.member("apikeyId", call.caller ? std::optional(call.caller->id) : std::nullopt);
}

void caller_id(json::Writer& body, const Refusal& /*refusal*/, const Call& call) {
  body.open_object();
  write_caller_id(body, call);
  body.close_object();
}

/// The whole row of the caller, its secret included.
void caller_row(json::Writer& body, const Refusal& /*refusal*/, const Call& call) {
  body.open_object().name("apikey");
  if (call.caller) {
    write_row(body, *call.caller);
  } else {
    body.value(std::optional<std::string>());
  }
  body.close_object();
}

const postgres::Error kStatementTimeout = {"57014", "canceling statement due to statement timeout"};

/// What the database said. Where an error was injected, what it says most often: that there is no
/// such row, or of its own trouble that it took too long.
void write_database_error(json::Writer& body, const Refusal& refusal) {
  const auto* name = std::get_if<capgo::ErrorName>(&refusal.what);
  bool is_trouble = name != nullptr && *name == capgo::ErrorName::server_error;
  postgres::Error usual = is_trouble ? kStatementTimeout : postgres::no_row();
  const postgres::Error& error = refusal.database_error ? *refusal.database_error : usual;
  body.name("supabaseError").open_object();
  body.member("code", error.code).member("details", error.details);
  body.member("hint", error.hint).member("message", error.message);
  body.close_object();
}

void database_error(json::Writer& body, const Refusal& refusal, const Call& /*call*/) {
  body.open_object();
  write_database_error(body, refusal);
  body.close_object();
}

void request_id(json::Writer& body, const Refusal& /*refusal*/, const Call& call) {
  body.open_object().member("requestId", call.request_id).close_object();
}

void request_id_and_caller_id(json::Writer& body, const Refusal& /*refusal*/, const Call& call) {
  body.open_object().member("requestId", call.request_id);
  write_caller_id(body, call);
  body.close_object();
}

void request_id_and_database_error(json::Writer& body, const Refusal& refusal, const Call& call) {
  body.open_object().member("requestId", call.request_id);
  write_database_error(body, refusal);
  body.close_object();
}

/// The id that a row must have beside its number: for one from a fixture that names none, it is
/// made from what stays the same for the key's life.
std::string row_id(const capgo::ApiKey& key) {
  if (key.rbac_id) return *key.rbac_id;
  std::string seed = key.user_id + "\n" + std::to_string(key.id) + "\n" +
                     std::to_string(key.created_at.time_since_epoch().count());
  std::string hex = base::sha256_hex(seed);
  return hex.substr(0, 8) + "-" + hex.substr(8, 4) + "-4" + hex.substr(13, 3) + "-8" +
         hex.substr(17, 3) + "-" + hex.substr(20, 12);
}

constexpr std::string_view kLimited = "You cannot do that as a limited API key";

}  // namespace

constexpr Wording kTooManyRequests = {429, "too_many_requests", "You are being rate limited"};
constexpr Wording kNoCredential = {401, "no_jwt_apikey_or_subkey",
                                   "No JWT, apikey or subkey provided", nothing};
constexpr Wording kInvalidJwt = {401, "invalid_jwt", "Invalid JWT", nothing};
constexpr Wording kInvalidApikey = {401, "invalid_apikey", "Invalid apikey", nothing};
constexpr Wording kInvalidSubkey = {401, "invalid_subkey", "Invalid subkey", nothing};
constexpr Wording kUnlimitedSubkey = {401, "invalid_subkey",
                                      "Invalid subkey, no limited apps or orgs", nothing};

constexpr Wording kCannotList = {401, "cannot_list_apikeys", kLimited, caller_id};
constexpr Wording kFailedToList = {500, "failed_to_list_apikeys", "Failed to list API keys",
                                   database_error};
constexpr Wording kCannotGet = {401, "cannot_get_apikey", kLimited, caller_id};
constexpr Wording kInvalidId = {400, "invalid_id_format",
                                "API key ID must be a valid UUID or number", nothing};
constexpr Wording kFailedToGet = {404, "failed_to_get_apikey", "Failed to get API key",
                                  database_error};

constexpr Wording kCannotCreate = {400, "cannot_create_apikey", kLimited, caller_row};
constexpr Wording kInvalidJson = {400, "invalid_json_parse_body", "Invalid JSON body", parse_error};
constexpr Wording kUnknownError = {500, "unknown_error", "Unknown error", nothing};
constexpr Wording kInvalidLimitedToApps = {400, "invalid_limited_to_apps",
                                           "limited_to_apps must be an array of app ids", nothing};
constexpr Wording kInvalidLimitedToOrgs = {400, "invalid_limited_to_orgs",
                                           "limited_to_orgs must be an array of org ids", nothing};
constexpr Wording kNameIsRequired = {400, "name_is_required", "Name is required", nothing};
constexpr Wording kModeIsRequired = {400, "mode_is_required", "Mode is required", nothing};
constexpr Wording kInvalidMode = {400, "invalid_mode", "Invalid mode", nothing};
constexpr Wording kInvalidDate = {400, "invalid_expiration_date", "Invalid expiration date format",
                                  nothing};
constexpr Wording kDateInPast = {400, "invalid_expiration_date",
                                 "Expiration date must be in the future", nothing};
constexpr Wording kOrgNotFound = {404, "org_not_found", "Org not found", database_error};
constexpr Wording kAppNotFound = {404, "app_not_found", "App not found", database_error};
constexpr Wording kExpirationRequired = {
    400, "expiration_required", "This organization requires API keys to have an expiration date",
    nothing};
constexpr Wording kExpirationExceedsMax = {
    400, "expiration_exceeds_max", "API key expiration cannot exceed 90 days for this organization",
    nothing};
constexpr Wording kFailedToCreate = {400, "failed_to_create_apikey", "Failed to create API key",
                                     database_error};

constexpr Wording kCannotUpdate = {401, "cannot_update_apikey", kLimited, request_id_and_caller_id};
constexpr Wording kIdRequired = {400, "api_key_id_required", "API key ID is required", request_id};
constexpr Wording kInvalidIdToUpdate = {400, "invalid_id_format",
                                        "API key ID must be a valid UUID or number", request_id};
constexpr Wording kNameMustBeString = {400, "name_must_be_a_string", "Name must be a string",
                                       request_id};
constexpr Wording kInvalidModeToUpdate = {
    400, "invalid_mode", "Invalid mode. Must be one of: read, write, all, upload", request_id};
constexpr Wording kLimitedToAppsMustBeStrings = {400, "limited_to_apps_must_be_an_array_of_strings",
                                                 "limited_to_apps must be an array of strings",
                                                 request_id};
constexpr Wording kLimitedToOrgsMustBeStrings = {400, "limited_to_orgs_must_be_an_array_of_strings",
                                                 "limited_to_orgs must be an array of strings",
                                                 request_id};
constexpr Wording kRegenerateMustBeBoolean = {400, "regenerate_must_be_boolean",
                                              "regenerate must be a boolean", request_id};
constexpr Wording kNothingToUpdate = {
    400, "no_valid_fields_provided_for_update",
    "No valid fields provided for update. Provide name, mode, limited_to_apps, limited_to_orgs, or "
    "expires_at.",
    request_id};
constexpr Wording kNoKeyToUpdate = {404, "api_key_not_found_or_access_denied",
                                    "API key not found or access denied",
                                    request_id_and_database_error};
constexpr Wording kLookupFailed = {500, "api_key_not_found_or_access_denied",
                                   "API key not found or access denied",
                                   request_id_and_database_error};
constexpr Wording kFailedToUpdate = {500, "failed_to_update_apikey", "Failed to update API key",
                                     request_id_and_database_error};
constexpr Wording kFailedToRegenerate = {
    500, "failed_to_update_apikey", "Failed to regenerate API key", request_id_and_database_error};

constexpr Wording kCannotDelete = {401, "cannot_delete_apikey", kLimited, caller_id};
constexpr Wording kNoKeyToDelete = {404, "api_key_not_found", "API key not found", database_error};
constexpr Wording kFailedToDelete = {500, "failed_to_delete_apikey", "Failed to delete API key",
                                     database_error};
constexpr Wording kNotFound = {404, "not_found", "Not found"};

constexpr std::array<Wording, capgo::kErrorNames.size()> kWords = {
    kInvalidApikey,        kInvalidApikey,
    kTooManyRequests,      kCannotList,
    kInvalidJson,          kInvalidLimitedToApps,
    kInvalidLimitedToOrgs, kNameIsRequired,
    kInvalidMode,          kInvalidDate,
    kDateInPast,           kExpirationRequired,
    kExpirationExceedsMax, kInvalidId,
    kNoKeyToDelete,        kNotFound,
    kUnknownError,
};

void write_row(json::Writer& body, const capgo::ApiKey& key) {
  std::optional<std::string> expires_at;
  if (key.expires_at) expires_at = postgres::timestamptz_text(*key.expires_at);
  body.open_object();
  body.member("id", key.id);
  body.member("created_at", postgres::timestamptz_text(key.created_at));
  body.member("user_id", key.user_id);
  body.member("key", key.key);
  body.member("mode", capgo::mode_name(key.mode));
  body.member("updated_at", postgres::timestamptz_text(key.updated_at));
  body.member("name", key.name);
  body.member("limited_to_orgs", key.limited_to_orgs);
  body.member("limited_to_apps", key.limited_to_apps);
  body.member("key_hash", key.key_hash);
  body.member("expires_at", expires_at);
  body.member("rbac_id", row_id(key));
  body.close_object();
}

http::Response refuse(const Wording& wording, const Refusal& refusal, const Call& call) {
  json::Writer body;
  body.open_object().member("error", wording.code);
  body.member("message", refusal.message.empty() ? wording.message : refusal.message);
  if (wording.details != nullptr) {
    body.name("moreInfo");
    wording.details(body, refusal, call);
  }
  body.close_object();
  http::Response response = json_response(wording.status, body.take());
  if (refusal.retry_at) add_retry_headers(*refusal.retry_at, call.now, response);
  return response;
}

}  // namespace contract::deployed_2026_02
