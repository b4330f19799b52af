#include <array>
#include <unordered_map>

#include "base/ascii.h"
#include "base/sha256.h"
#include "base/time_format.h"
#include "capgo/permissions.h"
#include "contract/catalog.h"
#include "contract/documented/steps.h"
#include "contract/explain.h"
#include "contract/render.h"
#include "contract/requirement.h"
#include "contract/steps.h"
#include "json/document.h"
#include "json/writer.h"

/// What the vendor's documents promise: the steps and their order (section 13), the messages
/// (sections 6, 7 and 14) and the responses. Sections are those of the page on this contract.
namespace contract {
namespace documented {
namespace {

using capgo::ErrorName;

constexpr auto kErrors = std::to_array<NamedError>({
    {ErrorName::invalid_api_key, {401, "", "Invalid API key"}},
    {ErrorName::expired_key, {401, "", "API key has expired"}},
    {ErrorName::rate_limited, {429, "", "Too many requests"}},
    {ErrorName::permission_denied, {403, "", "Insufficient permissions to manage API keys"}},
    {ErrorName::invalid_json, {400, "", "Invalid JSON body"}},
    {ErrorName::invalid_limited_to_apps, {400, "", "limited_to_apps must be an array of app ids"}},
    {ErrorName::invalid_limited_to_orgs, {400, "", "limited_to_orgs must be an array of org ids"}},
    {ErrorName::name_required, {400, "", "Name is required"}},
    {ErrorName::invalid_mode,
     {400, "", "Invalid mode specified. Must be one of: read, write, upload, all"}},
    {ErrorName::invalid_expiration, {400, "", "Invalid expiration date format"}},
    {ErrorName::expiration_in_past, {400, "", "Expiration date must be in the future"}},
    {ErrorName::expiration_required,
     {400, "", "Organization policy requires an expiration date for API keys"}},
    {ErrorName::expiration_exceeds_max,
     {400, "", "Expiration date exceeds organization maximum of 90 days"}},
    {ErrorName::invalid_id, {400, "", "API key ID must be a valid UUID or number"}},
    {ErrorName::key_not_found, {404, "", "API key not found"}},
    {ErrorName::not_found, {404, "", "Not found"}},
    {ErrorName::server_error, {500, "", "Internal server error"}},
});

/// `{"error":<message>,"status":"KO"}` (section 6); a template with a code has it in front:
/// `{"status":<code>,"error":<message>}`.
http::Response render_error(const ErrorTemplate& error_template, const ApiError& error,
                            const Call& call) {
  std::string_view message = error.message.empty() ? error_template.message : error.message;
  json::Writer body;
  body.open_object();
  if (error_template.code.empty()) {
    body.member("error", message).member("status", "KO");
  } else {
    body.member("status", error_template.code).member("error", message);
  }
  body.close_object();
  http::Response response = json_response(error_template.status, body.take());
  if (error.retry_at) add_retry_headers(*error.retry_at, call.now, response);
  return response;
}

// The facts that steps find.

/// A name that is neither null nor "".
struct GivenName {
  const json::Value& value;
};
struct Name {
  std::string value;
};
struct Mode {
  capgo::KeyMode value;
};
struct Hashed {
  bool value;
};
/// Nothing means never.
struct Expiration {
  std::optional<base::Time> time;
};
/// The created key with its plain secret.
struct NewKey {
  capgo::ApiKey key;
};

// Errors that have no ErrorName. (section 14)
constexpr ErrorTemplate kNameMustBeString = {400, "", "Name must be a string"};
constexpr ErrorTemplate kHashedMustBeBoolean = {400, "", "hashed must be a boolean"};

std::optional<ApiError> to_error(capgo::Decision decision) {
  if (decision.allowed) return std::nullopt;
  return ApiError{ErrorName::permission_denied, std::move(decision.reason)};
}

// The steps.

/// Section 3
std::optional<ApiError> require_mode_all(const Caller& caller) {
  return to_error(capgo::check_management_mode(caller.key));
}

/// Section 3
std::optional<ApiError> require_unlimited_caller(const Caller& caller) {
  return to_error(capgo::check_unlimited(caller.key));
}

/// The body must be a JSON object, whatever its Content-Type.
Found<Fields> read_body(Call& call) {
  const auto& body = call.body.value();
  if (!body) return ApiError{ErrorName::invalid_json, explain_bad_json(call)};
  if (body->is_object()) return Fields{*body};
  return ApiError{ErrorName::invalid_json, "the body is " + describe(*body) + ", not an object"};
}

Found<GivenName> require_name(const Fields& fields) {
  const json::Value* name = fields.find("name");
  if (name == nullptr) return ApiError{ErrorName::name_required, "the body has no name"};
  if (!name->is_null() && *name != "") return GivenName{*name};
  return ApiError{ErrorName::name_required, "name is " + describe(*name)};
}

Found<Name> read_name(const GivenName& given) {
  if (given.value.is_string()) return Name{given.value.get<std::string>()};
  return ApiError{&kNameMustBeString, "name is " + describe(given.value) + ", not a string"};
}

Found<Mode> read_mode(const Fields& fields) {
  const json::Value* value = fields.find("mode");
  if (value == nullptr) return ApiError{ErrorName::invalid_mode, "the body has no mode"};
  if (auto mode = parse_mode(*value)) return Mode{*mode};
  return ApiError{ErrorName::invalid_mode, explain_unknown_mode(*value)};
}

Found<Hashed> read_hashed(const Fields& fields) {
  const json::Value* hashed = fields.find("hashed");
  if (hashed == nullptr) return Hashed{false};
  if (hashed->is_boolean()) return Hashed{hashed->get<bool>()};
  return ApiError{&kHashedMustBeBoolean, "hashed is " + describe(*hashed) + ", not true or false"};
}

/// A date must be ISO 8601.
Found<Expiration> read_expiration(const Fields& fields) {
  const json::Value* date = fields.find("expires_at");
  if (date == nullptr || date->is_null()) return Expiration{};
  Expiration expiration;
  if (date->is_string()) expiration.time = base::parse_time(date->get_ref<const std::string&>());
  if (expiration.time) return expiration;
  return ApiError{ErrorName::invalid_expiration,
                  "expires_at is " + describe(*date) +
                      "; send a date that exists, such as 2099-01-31 or 2099-01-31T12:00:00Z"};
}

std::optional<ApiError> require_future_expiration(const Call& call, const Expiration& expiration) {
  if (!expiration.time || *expiration.time > call.now) return std::nullopt;
  return ApiError{ErrorName::expiration_in_past,
                  "expires_at is " + base::format_time_with_fraction(*expiration.time) +
                      ", and the time is " + base::format_time_with_fraction(call.now)};
}

/// The orgs that the key is limited to must allow its expiration. (section 9)
std::optional<ApiError> check_policies(const Call& call, const Caller& caller,
                                       const OrgLimits& orgs, const Expiration& expiration) {
  // The first org in limited_to_orgs that is violated is reported.
  std::unordered_map<std::string_view, size_t> positions;
  for (const std::string& id : orgs.ids) positions.emplace(id, positions.size());
  size_t first_position = positions.size();
  std::optional<ApiError> first;
  for (const capgo::Org& org : call.keys.orgs()) {
    auto position = positions.find(org.id);
    if (position == positions.end() || position->second >= first_position) continue;
    if (!capgo::can_read(org, caller.key.user_id)) continue;
    auto violation = capgo::check_expiration(org, expiration.time, call.now);
    if (!violation) continue;
    first_position = position->second;
    first = ApiError{ErrorName::expiration_required, explain_policy(call, org, expiration.time)};
    if (*violation == capgo::PolicyViolation::expiration_required) continue;
    first->what = ErrorName::expiration_exceeds_max;
    first->message = "Expiration date exceeds organization maximum of " +
                     std::to_string(*org.max_apikey_expiration_days) + " days";
  }
  return first;
}

/// Creates the key with a new secret, for the caller's user.
Found<NewKey> create_key(Call& call, const Caller& caller, const AppLimits& apps,
                         const OrgLimits& orgs, const Name& name, const Mode& mode,
                         const Hashed& hashed, const Expiration& expiration) {
  capgo::ApiKey key;
  key.key = unused_secret(&base::Ids::secret, call.ids, call.keys);
  if (hashed.value) key.key_hash = base::sha256_hex(*key.key);
  key.mode = mode.value;
  key.name = name.value;
  key.user_id = caller.key.user_id;
  key.created_at = call.now;
  key.updated_at = call.now;
  key.expires_at = expiration.time;
  key.limited_to_apps = apps.ids;
  key.limited_to_orgs = orgs.ids;
  key.id = call.keys.insert(capgo::for_storage(key));
  return NewKey{std::move(key)};
}

/// The key must belong to the caller's user.
Found<OwnKey> find_own_key(const Call& call, const Caller& caller, const PathId& id) {
  auto number = base::parse_number<int64_t>(id.value);
  auto key = number ? call.keys.find_by_id(*number) : std::nullopt;
  if (!key) {
    return ApiError{ErrorName::key_not_found, "no key has the id " + quote_id(id.value) +
                                                  "; it never existed" +
                                                  std::string(kHowKeysAreRemoved)};
  }
  if (key->user_id != caller.key.user_id) {
    return ApiError{ErrorName::key_not_found,
                    "key " + id.value + " belongs to user " + json::quote(key->user_id) +
                        ", and the caller is " + json::quote(caller.key.user_id)};
  }
  return OwnKey{std::move(*key)};
}

// The responses.

/// Only listed keys have updated_at. (section 4)
void write_key(json::Writer& body, const capgo::ApiKey& key, bool is_listed) {
  body.open_object();
  body.member("id", key.id);
  body.member("key", key.key);
  body.member("mode", base::name_of(key.mode));
  body.member("name", key.name);
  body.member("created_at", base::format_time(key.created_at));
  if (is_listed) body.member("updated_at", base::format_time(key.updated_at));
  body.member("user_id", key.user_id);
  if (key.is_limited_to_apps()) body.member("limited_to_apps", *key.limited_to_apps);
  if (key.is_limited_to_orgs()) body.member("limited_to_orgs", *key.limited_to_orgs);
  if (key.expires_at) body.member("expires_at", base::format_time(*key.expires_at));
  body.close_object();
}

http::Response render_list(const Call& call, const Caller& caller) {
  json::Writer body;
  body.open_object().name("data").open_array();
  call.keys.for_each_of_user(caller.key.user_id, [&](const capgo::ApiKey& key) {
    write_key(body, key, /*is_listed=*/true);
  });
  body.close_array().close_object();
  return json_response(200, body.take());
}

http::Response render_created(const NewKey& created) {
  json::Writer body;
  body.open_object().name("apikey");
  write_key(body, created.key, /*is_listed=*/false);
  body.close_object();
  return json_response(200, body.take());
}

/// Section 12, "CORS"
constexpr std::string_view kAllowedHeaders =
    "Content-Type,Authorization,capgkey,capgo_api,x-api-key,x-limited-key-id,apisecret,apikey,"
    "x-client-info,X-Request-Id,X-Mock-Scenario";

http::Response render_preflight() { return preflight_response(kAllowedHeaders); }

void add_headers(const Call& call, std::string_view /*path*/, http::Response& response) {
  response.headers.add_if_missing("Access-Control-Allow-Origin", "*");
  response.headers.add_if_missing("X-Request-Id", call.request_id);
}

http::Response render_deleted() { return json_response(200, R"({"success":true})"); }

/// Every endpoint with a key starts with these.
constexpr Steps kCallerSteps{
    STEP(clean_up),
    STEP(authenticate),
    STEP(limit_rate),
    STEP(require_mode_all),
    STEP(require_unlimited_caller),
};

constexpr Steps kCreateSteps{
    kCallerSteps,
    STEP(read_body),
    STEP(require_limited_to_apps_array),
    STEP(require_limited_to_orgs_array),
    STEP(read_limited_to_apps),
    STEP(read_limited_to_orgs),
    STEP(require_name),
    STEP(read_name),
    STEP(read_mode),
    STEP(read_hashed),
    STEP(read_expiration),
    STEP(require_future_expiration),
    STEP(check_policies),
    STEP(create_key),
};

constexpr auto kCreateFields = std::to_array<std::string_view>(
    {"name", "mode", "limited_to_apps", "limited_to_orgs", "hashed", "expires_at"});

constexpr Steps kDeleteSteps{kCallerSteps, STEP(require_id_form), STEP(find_own_key),
                             STEP(delete_key)};

constexpr std::array kEndpoints = {
    endpoint<kCallerSteps, render_list>("GET", "/apikey/"),
    endpoint<kCreateSteps, render_created>("POST", "/apikey/", {}, kCreateFields),
    endpoint<kDeleteSteps, render_deleted>("DELETE", "/apikey/:id/"),
    endpoint<kNoSteps, render_preflight>("OPTIONS", "/apikey*"),
};

}  // namespace
}  // namespace documented

const Contract kDocumented = {
    "documented",
    "2026-04-23",
    "the vendor's public API pages, January 2026, and its OpenAPI file 1.0.0 of April 2026",
    documented::kEndpoints,
    documented::kErrors,
    documented::render_error,
    find_credential,
    get_or_create_request_id,
    &base::Ids::secret,
    allow_every_origin,
    documented::add_headers,
    documented::kAllowedHeaders,
    "X-Request-Id, Retry-After, X-RateLimit-Reset, X-Mock-Contract, X-Mock-Reason, X-Mock-Hint",
    {100, 1000},
    capgo::kDefaultUser,
    "documented",
    {scenario::RightsCheck::lowest_mode,
     documented::authenticate_caller,
     documented::check_mode,
     check_limits,
     documented::denied,
     {400, "", "Missing app_id"},
     {400, "", "Missing org_id"}},
};

}  // namespace contract
