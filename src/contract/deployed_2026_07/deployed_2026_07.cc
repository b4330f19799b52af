#include <algorithm>
#include <array>

#include "contract/catalog.h"
#include "contract/deployed/guarded_rules.h"
#include "contract/deployed_2026_07/database.h"
#include "contract/deployed_2026_07/errors.h"
#include "contract/deployed_2026_07/origin.h"
#include "contract/deployed_2026_07/steps.h"
#include "contract/render.h"
#include "contract/steps.h"

/// The endpoints of the service as it was deployed in July 2026, and the order of their steps.
/// Sections are those of its page.
namespace contract {
namespace deployed_2026_07 {
namespace {

using capgo::ErrorName;

constexpr std::string_view kRightRequired =
    "API key management requires RBAC org role management permission";

/// How a response writes times. (section 7)
using FormatTime = std::string (*)(base::Time);

/// The database's own text: `2026-07-24 19:50:56.123456+00`.
std::string format_text(base::Time time) {
  std::string text = format_timestamptz(time);
  text[text.find('T')] = ' ';
  return text.substr(0, text.size() - 3);
}

std::optional<std::string> format(FormatTime format_time, const std::optional<base::Time>& time) {
  return time ? std::optional(format_time(*time)) : std::nullopt;
}

/// The fields of list, get and update, up to `is_hashed_key`. (section 7)
void write_public_fields(json::Writer& body, const capgo::ApiKey& key) {
  body.member("created_at", format_timestamptz(key.created_at));
  body.member("expires_at", format(format_timestamptz, key.expires_at));
  body.member("id", key.id);
  body.member("name", key.name);
  body.member("rbac_id", row_id(key));
  body.member("updated_at", format_timestamptz(key.updated_at));
  body.member("user_id", key.user_id);
  body.member("is_hashed_key", key.key_hash.has_value());
}

/// The fields of create and of update with a new secret, up to `rbac_id`. (section 7)
void write_row(json::Writer& body, const capgo::ApiKey& key, FormatTime format_time) {
  body.member("id", key.id);
  body.member("created_at", format_time(key.created_at));
  body.member("user_id", key.user_id);
  body.member("key", key.key);
  body.member("updated_at", format_time(key.updated_at));
  body.member("name", key.name);
  body.member("key_hash", key.key_hash);
  body.member("expires_at", format(format_time, key.expires_at));
  body.member("rbac_id", row_id(key));
}

void write_global_permissions(json::Writer& body, const capgo::Rights& rights) {
  body.member("global_permissions", rights.global_permissions);
}

/// An item of a list. (section 7)
void write_item(json::Writer& body, const Call& call, const capgo::ApiKey& key) {
  body.open_object();
  write_public_fields(body, key);
  write_global_permissions(body, rights_of(call, key));
  body.close_object();
}

http::Response render_list(const Call& call, const Caller& caller, const ManagedOrgs& managed) {
  json::Writer body;
  body.open_array();
  for_each_row(call, caller.user_id, [&](const capgo::ApiKey& key) {
    if (can_manage(call, managed, key)) write_item(body, call, key);
  });
  body.close_array();
  return json_response(200, body.take());
}

http::Response render_own(const Call& call, const OwnKey& own) {
  json::Writer body;
  write_item(body, call, own.key);
  return json_response(200, body.take());
}

http::Response render_created(const Call& call, const NewKey& row) {
  json::Writer body;
  body.open_object();
  write_row(body, row.key, format_text);
  write_global_permissions(body, rights_of(call, row.key));
  body.close_object();
  return json_response(200, body.take());
}

http::Response render_updated(const Call& call, const Fields& fields, const NewKey& row) {
  json::Writer body;
  body.open_object();
  if (must_regenerate(fields)) {
    write_row(body, row.key, format_timestamptz);
    body.member("is_hashed_key", row.key.key_hash.has_value());
  } else {
    write_public_fields(body, row.key);
    if (fields.find("global_permissions") != nullptr) {
      write_global_permissions(body, rights_of(call, row.key));
    }
  }
  body.close_object();
  return json_response(200, body.take());
}

http::Response render_ok() { return json_response(200, R"({"status":"ok"})"); }

http::Response render_error(const ErrorTemplate& error_template, const ApiError& error,
                            const Call& call) {
  return deployed::render_error(error_template, error, call);
}

/// Section 2. The mock adds X-Mock-Scenario.
constexpr std::string_view kAllowedHeaders =
    "Content-Type,Authorization,X-Capgo-Spoof-Admin-Authorization,capgkey,capgo_api,x-api-key,"
    "x-limited-key-id,apisecret,apikey,x-client-info,X-Mock-Scenario";

http::Response render_preflight() {
  return preflight_response(kAllowedHeaders, "POST,GET,PUT,PATCH,DELETE,OPTIONS");
}

std::string find_allowed_origin(const http::Headers& headers) {
  auto origin = headers.find("Origin");
  return origin ? allowed_origin(*origin) : "";
}

/// Section 2
void add_headers(const Call& call, std::string_view path, http::Response& response) {
  http::Headers& headers = response.headers;
  std::string origin = find_allowed_origin(call.request.headers);
  if (!origin.empty()) headers.add_if_missing("Access-Control-Allow-Origin", origin);
  bool is_preflight = call.request.method == "OPTIONS";
  bool is_unknown = call.endpoint == nullptr && path.starts_with("/apikey");
  headers.set("Vary", is_preflight ? "Origin, Access-Control-Request-Headers"
                      : is_unknown ? "Origin, Origin"
                                   : "Origin");
  headers.add_if_missing(
      "Content-Security-Policy",
      "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src "
      "'none'; script-src 'none'; style-src 'none'; img-src 'none'; connect-src 'none'; "
      "upgrade-insecure-requests");
  headers.add_if_missing("X-Request-Id", call.request_id);
  headers.add_if_missing("X-Worker-Source", "capgo_api-prod-12.201.7");
  if (call.has_queried_rights) {
    headers.add_if_missing("X-Database-Source", "HYPERDRIVE_CAPGO_DIRECT_EU");
  }
}

constexpr Steps kKeyOrUserSteps{
    STEP(reject_locked_out_address),
    STEP(authenticate),
    STEP(limit_rate),
    STEP(replace_by_subkey),
};

/// Every endpoint that a key may use starts with these.
constexpr Steps kManagerSteps{kKeyOrUserSteps, STEP(require_right_to_manage_keys)};

constexpr ErrorTemplate kCannotList = {401, "cannot_list_apikeys", kRightRequired, kCallerId};

constexpr Steps kListSteps{kManagerSteps};

constexpr std::array kListErrors = {
    NamedError{ErrorName::permission_denied, kCannotList},
    NamedError{ErrorName::server_error, kFailedToList},
};

constexpr Steps kGetSteps{kManagerSteps, STEP(require_id_form), STEP(find_own_key),
                          STEP(require_managed_key)};

constexpr std::array kGetErrors = {
    NamedError{ErrorName::permission_denied, {401, "cannot_get_apikey", kRightRequired, kCallerId}},
    NamedError{ErrorName::invalid_id,
               {400, "invalid_id_format",
                "API key ID must be a numeric ID, UUID key, or legacy key token", kNothing}},
    NamedError{ErrorName::key_not_found, kFailedToGet},
};

constexpr Steps kCreateSteps{
    kKeyOrUserSteps,
    STEP(reject_key_as_creator),
    STEP(read_body),
    STEP(read_bindings),
    STEP(read_name),
    STEP(require_bindings),
    STEP(read_expiration),
    STEP(require_future_expiration),
    STEP(read_global_permissions),
    STEP(require_admin_for_org_create),
    STEP(check_policies),
    STEP(check_sensitive_roles),
    STEP(require_rights_in_orgs),
    STEP(insert_key),
};

constexpr std::array kCreateErrors = {
    NamedError{ErrorName::permission_denied,
               {400, "cannot_create_apikey", "API keys cannot create other API keys", kNothing}},
};

constexpr auto kCreateFields = std::to_array<std::string_view>(
    {"name", "bindings", "hashed", "expires_at", "global_permissions"});

/// Those of the services with modes.
constexpr auto kReplacedFields = std::to_array<std::string_view>(
    {"mode", "limited_to_apps", "limited_to_orgs", "app_id", "org_id"});

constexpr Steps kUpdateSteps{
    kManagerSteps,
    STEP(read_body),
    STEP(read_new_bindings),
    STEP(read_global_permissions),
    STEP(require_id),
    STEP(require_given_id_form),
    STEP(read_expiration),
    STEP(require_future_expiration),
    STEP(require_name_string),
    STEP(require_regenerate_boolean),
    STEP(require_change),
    STEP(find_key_to_update),
    STEP(reject_updating_itself),
    STEP(reject_rights_from_key),
    STEP(require_managed_key),
    STEP(check_changed_policies),
    STEP(check_sensitive_roles),
    STEP(require_admin_rights),
    STEP(require_admin_for_org_create),
    STEP(save_changes),
    STEP(regenerate),
};

constexpr auto kUpdateFields = std::to_array<std::string_view>(
    {"id", "name", "expires_at", "bindings", "global_permissions", "regenerate"});

constexpr std::array kUpdateErrors = {
    NamedError{ErrorName::permission_denied,
               {401, "cannot_update_apikey", kRightRequired, kRequestId | kCallerId}},
    NamedError{ErrorName::invalid_id, kInvalidIdOfUpdate},
    NamedError{ErrorName::name_required, kNameMustBeString},
    NamedError{ErrorName::key_not_found, kKeyToUpdateNotFound},
    NamedError{ErrorName::server_error, kFailedToUpdate},
};

constexpr Steps kDeleteSteps{
    kManagerSteps,
    STEP(require_id_form),
    STEP(find_own_key),
    STEP(reject_deleting_itself),
    STEP(require_managed_key),
    STEP(delete_key),
};

constexpr std::array kDeleteErrors = {
    NamedError{ErrorName::permission_denied,
               {401, "cannot_delete_apikey", kRightRequired, kCallerId}},
    NamedError{ErrorName::server_error, kFailedToDelete},
};

constexpr std::array kEndpoints = {
    endpoint<kListSteps, render_list>("GET", "/apikey/", kListErrors),
    endpoint<kGetSteps, render_own>("GET", "/apikey/:id/", kGetErrors),
    endpoint<kCreateSteps, render_created>("POST", "/apikey/", kCreateErrors, kCreateFields,
                                           kReplacedFields),
    endpoint<kUpdateSteps, render_updated>("PUT", "/apikey/", kUpdateErrors, kUpdateFields,
                                           kReplacedFields),
    endpoint<kUpdateSteps, render_updated>("PUT", "/apikey/:id/", kUpdateErrors, kUpdateFields,
                                           kReplacedFields),
    endpoint<kDeleteSteps, render_ok>("DELETE", "/apikey/:id/", kDeleteErrors),
    endpoint<kNoSteps, render_preflight>("OPTIONS", "*"),
};

/// For endpoints that have no template for the error. The service has no modes and limits, so these
/// errors are those of bindings.
constexpr auto kErrors = std::to_array<NamedError>({
    {ErrorName::invalid_api_key, kInvalidApikey},
    {ErrorName::expired_key, kInvalidApikey},
    {ErrorName::rate_limited, {429, "too_many_requests", "Too many requests", kRateLimit}},
    {ErrorName::permission_denied, kCannotList},
    {ErrorName::invalid_json, kInvalidJson},
    {ErrorName::invalid_limited_to_apps,
     {400, "invalid_bindings", "app_id must be a string when provided", kNothing}},
    {ErrorName::invalid_limited_to_orgs,
     {400, "invalid_bindings", "Each binding must have an org_id", kNothing}},
    {ErrorName::name_required, kNameRequired},
    {ErrorName::invalid_mode,
     {400, "invalid_bindings", "Each binding must have a role_name", kNothing}},
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
}  // namespace deployed_2026_07

const Contract kDeployed2026July = {
    "deployed-2026-07",
    "2026-07-24",
    "the vendor's backend, release 12.201.7, as it ran on 2026-07-24",
    deployed_2026_07::kEndpoints,
    deployed_2026_07::kErrors,
    deployed_2026_07::render_error,
    find_credential,
    deployed::get_or_create_request_id,
    &base::Ids::uuid_secret,
    deployed_2026_07::find_allowed_origin,
    deployed_2026_07::add_headers,
    deployed_2026_07::kAllowedHeaders,
    "X-Mock-Contract, X-Mock-Reason, X-Mock-Hint",
    {2000, 2000},
    "00000000-0000-4000-8000-000000000123",
    "deployed_2026_07",
    {scenario::RightsCheck::permissions, deployed_2026_07::authenticate_caller, nullptr,
     deployed_2026_07::check_access, deployed::denied, deployed::kAppMissing, deployed::kOrgMissing,
     deployed::kChannelMissing},
};

}  // namespace contract
