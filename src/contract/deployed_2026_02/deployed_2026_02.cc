#include <array>

#include "contract/catalog.h"
#include "contract/deployed/guarded_rules.h"
#include "contract/deployed/rows.h"
#include "contract/deployed_2026_02/errors.h"
#include "contract/deployed_2026_02/steps.h"
#include "contract/render.h"
#include "contract/requirement.h"
#include "contract/steps.h"

/// The endpoints of the service as it was deployed in February 2026, and the order of their steps.
/// Sections are those of its page.
namespace contract {
namespace deployed_2026_02 {
namespace {

using capgo::ErrorName;

/// Section 7
void write_row(json::Writer& body, const capgo::ApiKey& key) {
  std::optional<std::string> expires_at;
  if (key.expires_at) expires_at = deployed::format_timestamptz(*key.expires_at);
  body.open_object();
  body.member("id", key.id);
  body.member("created_at", deployed::format_timestamptz(key.created_at));
  body.member("user_id", key.user_id);
  body.member("key", key.key);
  body.member("mode", base::name_of(key.mode));
  body.member("updated_at", deployed::format_timestamptz(key.updated_at));
  body.member("name", key.name);
  body.member("limited_to_orgs", key.limited_to_orgs);
  body.member("limited_to_apps", key.limited_to_apps);
  body.member("key_hash", key.key_hash);
  body.member("expires_at", expires_at);
  body.member("rbac_id", row_id(key));
  body.close_object();
}

http::Response render_error(const ErrorTemplate& error_template, const ApiError& error,
                            const Call& call) {
  return deployed::render_error(error_template, error, call, write_row);
}

http::Response render_list(const Call& call, const Caller& caller) {
  json::Writer body;
  body.open_array();
  deployed::for_each_row(call, caller.user_id,
                         [&](const capgo::ApiKey& key) { write_row(body, key); });
  body.close_array();
  return json_response(200, body.take());
}

http::Response render_row(const capgo::ApiKey& key) {
  json::Writer body;
  write_row(body, key);
  return json_response(200, body.take());
}

http::Response render_own(const OwnKey& own) { return render_row(own.key); }
http::Response render_new(const NewKey& row) { return render_row(row.key); }
http::Response render_ok() { return json_response(200, R"({"status":"ok"})"); }

/// Section 1, "side routes"
http::Response render_ko() {
  return json_response(500, R"({"error":"unknown_error","message":"KO","moreInfo":{}})");
}

/// Section 2. The mock adds X-Mock-Scenario.
constexpr std::string_view kAllowedHeaders =
    "Content-Type,Authorization,capgkey,capgo_api,x-api-key,x-limited-key-id,apisecret,apikey,"
    "x-client-info,X-Mock-Scenario";

http::Response render_preflight() { return preflight_response(kAllowedHeaders); }

void add_headers(const Call& call, std::string_view path, http::Response& response) {
  http::Headers& headers = response.headers;
  if (path.starts_with("/apikey")) headers.add_if_missing("Access-Control-Allow-Origin", "*");
  headers.add_if_missing("X-Request-Id", call.request_id);
  headers.add_if_missing("X-Worker-Source", "capgo_api-prod-12.113.2");
}

/// Every endpoint with a key starts with these.
constexpr Steps kCallerSteps{
    STEP(reject_locked_out_address),   STEP(authenticate), STEP(limit_rate), STEP(read_subkey),
    STEP(require_caller_without_orgs),
};

constexpr Steps kListSteps{kCallerSteps, STEP(query_rows)};

constexpr std::array kListErrors = {
    NamedError{ErrorName::permission_denied, kCannotList},
    NamedError{ErrorName::server_error, kFailedToList},
};

constexpr Steps kGetSteps{kCallerSteps, STEP(require_id_form), STEP(find_own_key)};

constexpr std::array kGetErrors = {
    NamedError{ErrorName::permission_denied, {401, "cannot_get_apikey", kLimited, kCallerId}},
    NamedError{ErrorName::key_not_found, kFailedToGet},
};

constexpr Steps kCreateSteps{
    kCallerSteps,
    STEP(read_body),
    STEP(require_limited_to_apps_array),
    STEP(require_limited_to_orgs_array),
    STEP(read_limited_to_apps),
    STEP(read_limited_to_orgs),
    STEP(read_name),
    STEP(require_mode),
    STEP(read_mode),
    STEP(read_expiration),
    STEP(require_future_expiration),
    STEP(read_org_id),
    STEP(read_app_id),
    STEP(check_policies),
    STEP(insert_key),
};

constexpr std::array kCreateErrors = {
    NamedError{ErrorName::permission_denied, {400, "cannot_create_apikey", kLimited, kCallerRow}},
};

constexpr auto kCreateFields =
    std::to_array<std::string_view>({"name", "mode", "limited_to_apps", "limited_to_orgs", "org_id",
                                     "app_id", "hashed", "expires_at"});

constexpr Steps kUpdateSteps{
    kCallerSteps,
    STEP(read_body),
    STEP(require_id),
    STEP(require_id_form_of_update),
    STEP(read_expiration),
    STEP(require_future_expiration),
    STEP(require_name_string),
    STEP(require_known_mode),
    STEP(require_limited_to_apps_strings),
    STEP(require_limited_to_orgs_strings),
    STEP(require_regenerate_boolean),
    STEP(require_change),
    STEP(find_key_to_update),
    STEP(check_changed_policies),
    STEP(save_changes),
    STEP(require_mode_to_regenerate),
    STEP(regenerate),
};

constexpr auto kUpdateFields = std::to_array<std::string_view>(
    {"id", "name", "mode", "limited_to_apps", "limited_to_orgs", "expires_at", "regenerate"});

constexpr std::array kUpdateErrors = {
    NamedError{ErrorName::permission_denied,
               {401, "cannot_update_apikey", kLimited, kRequestId | kCallerId}},
    NamedError{ErrorName::invalid_id, kInvalidIdOfUpdate},
    NamedError{ErrorName::name_required, kNameMustBeString},
    NamedError{ErrorName::invalid_mode,
               {400, "invalid_mode", "Invalid mode. Must be one of: read, write, all, upload",
                kRequestId}},
    NamedError{ErrorName::invalid_limited_to_apps,
               {400, "limited_to_apps_must_be_an_array_of_strings",
                "limited_to_apps must be an array of strings", kRequestId}},
    NamedError{ErrorName::invalid_limited_to_orgs,
               {400, "limited_to_orgs_must_be_an_array_of_strings",
                "limited_to_orgs must be an array of strings", kRequestId}},
    NamedError{ErrorName::key_not_found, kKeyToUpdateNotFound},
    NamedError{ErrorName::server_error, kFailedToUpdate},
};

constexpr Steps kDeleteSteps{kCallerSteps, STEP(require_id_form), STEP(find_own_key),
                             STEP(delete_key)};

constexpr std::array kDeleteErrors = {
    NamedError{ErrorName::permission_denied, {401, "cannot_delete_apikey", kLimited, kCallerId}},
    NamedError{ErrorName::server_error, kFailedToDelete},
};

constexpr std::array kEndpoints = {
    endpoint<kListSteps, render_list>("GET", "/apikey/", kListErrors),
    endpoint<kGetSteps, render_own>("GET", "/apikey/:id/", kGetErrors),
    endpoint<kCreateSteps, render_new>("POST", "/apikey/", kCreateErrors, kCreateFields),
    endpoint<kUpdateSteps, render_new>("PUT", "/apikey/", kUpdateErrors, kUpdateFields),
    endpoint<kUpdateSteps, render_new>("PUT", "/apikey/:id/", kUpdateErrors, kUpdateFields),
    endpoint<kDeleteSteps, render_ok>("DELETE", "/apikey/:id/", kDeleteErrors),
    endpoint<kNoSteps, render_preflight>("OPTIONS", "/apikey*"),
    endpoint<kNoSteps, render_ok>("GET", "/ok"),
    endpoint<kNoSteps, render_ok>("POST", "/ok"),
    endpoint<kNoSteps, render_ko>("POST", "/ko"),
};

/// For endpoints that have no template for the error.
constexpr auto kErrors = std::to_array<NamedError>({
    {ErrorName::invalid_api_key, kInvalidApikey},
    {ErrorName::expired_key, kInvalidApikey},
    {ErrorName::rate_limited, {429, "too_many_requests", "You are being rate limited"}},
    {ErrorName::permission_denied, kCannotList},
    {ErrorName::invalid_json, kInvalidJson},
    {ErrorName::invalid_limited_to_apps,
     {400, "invalid_limited_to_apps", "limited_to_apps must be an array of app ids", kNothing}},
    {ErrorName::invalid_limited_to_orgs,
     {400, "invalid_limited_to_orgs", "limited_to_orgs must be an array of org ids", kNothing}},
    {ErrorName::name_required, kNameRequired},
    {ErrorName::invalid_mode, {400, "invalid_mode", "Invalid mode", kNothing}},
    {ErrorName::invalid_expiration, kInvalidExpiration},
    {ErrorName::expiration_in_past, kExpirationInPast},
    {ErrorName::expiration_required, kExpirationRequired},
    {ErrorName::expiration_exceeds_max, kExpirationExceedsMax},
    {ErrorName::invalid_id, kInvalidId},
    {ErrorName::key_not_found, kKeyNotFound},
    {ErrorName::not_found, kUnknownEndpoint},
    {ErrorName::server_error, kUnknownError},
});

}  // namespace
}  // namespace deployed_2026_02

const Contract kDeployed2026February = {
    "deployed-2026-02",
    "2026-02-19",
    "the vendor's backend, release 12.113.2, as it ran on 2026-02-19",
    deployed_2026_02::kEndpoints,
    deployed_2026_02::kErrors,
    deployed_2026_02::render_error,
    find_credential,
    deployed::get_or_create_request_id,
    &base::Ids::uuid_secret,
    allow_every_origin,
    deployed_2026_02::add_headers,
    deployed_2026_02::kAllowedHeaders,
    "X-Mock-Contract, X-Mock-Reason, X-Mock-Hint",
    {2000, 2000},
    "00000000-0000-4000-8000-000000000123",
    "deployed_2026_02",
    {scenario::RightsCheck::modes, deployed_2026_02::authenticate_caller,
     deployed_2026_02::check_mode, check_limits, deployed::denied, deployed::kAppMissing,
     deployed::kOrgMissing},
};

}  // namespace contract
