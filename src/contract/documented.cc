#include <array>

#include "base/time_text.h"
#include "contract/catalog.h"
#include "contract/documented_schemas.h"
#include "contract/documented_steps.h"
#include "contract/render.h"
#include "contract/steps.h"
#include "json/writer.h"

/// The contract of the vendor's documents. Its endpoints, their order of checks (section 13) and
/// their words (sections 6, 7 and 14) are spelled out here in full.
namespace contract {
namespace documented {
namespace {

/// In the order of capgo::ErrorName.
constexpr std::array<Wording, capgo::kErrorNames.size()> kWordings = {{
    {401, "", "Invalid API key"},
    {401, "", "API key has expired"},
    {429, "", "Too many requests"},
    {403, "", "Insufficient permissions to manage API keys"},
    {400, "", "Invalid JSON body"},
    {400, "", "limited_to_apps must be an array of app ids"},
    {400, "", "limited_to_orgs must be an array of org ids"},
    {400, "", "Name is required"},
    {400, "", "Invalid mode specified. Must be one of: read, write, upload, all"},
    {400, "", "Invalid expiration date format"},
    {400, "", "Expiration date must be in the future"},
    {400, "", "Organization policy requires an expiration date for API keys"},
    {400, "", "Expiration date exceeds organization maximum of 90 days"},
    {400, "", "API key ID must be a valid UUID or number"},
    {404, "", "API key not found"},
    {404, "", "Not found"},
    {500, "", "Internal server error"},
}};

/// Section 6: the text is the message, and there is no code.
http::Response refuse(const Wording& wording, const Refusal& refusal, const Call& call) {
  std::string_view message = refusal.message.empty() ? wording.message : refusal.message;
  json::Writer body;
  body.open_object().member("error", message).member("status", "KO").close_object();
  http::Response response = json_response(wording.status, body.take());
  if (refusal.retry_at) add_retry_headers(*refusal.retry_at, call.now, response);
  return response;
}

/// The two forms of a key differ in one field (section 4).
enum class KeyForm { listed, created };

void write_key(json::Writer& body, const capgo::ApiKey& key, KeyForm form) {
  body.open_object();
  body.member("id", key.id);
  body.member("key", key.key);
  body.member("mode", capgo::mode_name(key.mode));
  body.member("name", key.name);
  body.member("created_at", base::format_time(key.created_at));
  if (form == KeyForm::listed) body.member("updated_at", base::format_time(key.updated_at));
  body.member("user_id", key.user_id);
  if (key.is_limited_to_apps()) body.member("limited_to_apps", *key.limited_to_apps);
  if (key.is_limited_to_orgs()) body.member("limited_to_orgs", *key.limited_to_orgs);
  if (key.expires_at) body.member("expires_at", base::format_time(*key.expires_at));
  body.close_object();
}

http::Response render_list(const Call& call) {
  json::Writer body;
  body.open_object().name("data").open_array();
  call.keys.for_each_of_user(
      call.user_id, [&](const capgo::ApiKey& key) { write_key(body, key, KeyForm::listed); });
  body.close_array().close_object();
  return json_response(200, body.take());
}

http::Response render_created(const Call& call) {
  json::Writer body;
  body.open_object().name("apikey");
  write_key(body, call.key, KeyForm::created);
  body.close_object();
  return json_response(200, body.take());
}

http::Response render_deleted(const Call& /*call*/) {
  return json_response(200, R"({"success":true})");
}

constexpr std::array kListSteps = {
    STEP(clean_up),
    STEP(authenticate),
    STEP(limit_rate),
    STEP(require_mode_all),
    STEP(require_unlimited_caller),
};

constexpr std::array kCreateSteps = {
    STEP(clean_up),
    STEP(authenticate),
    STEP(limit_rate),
    STEP(require_mode_all),
    STEP(require_unlimited_caller),
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
    STEP(judge_policies),
    STEP(create_key),
};

constexpr std::array kDeleteSteps = {
    STEP(clean_up),
    STEP(authenticate),
    STEP(limit_rate),
    STEP(require_mode_all),
    STEP(require_unlimited_caller),
    STEP(require_id_form),
    STEP(find_own_key),
    STEP(delete_key),
};

constexpr std::array kEndpoints = {
    Endpoint{"GET", "/apikey/", kListSteps, render_list, {}, kAboutList},
    Endpoint{"POST", "/apikey/", kCreateSteps, render_created, {}, kAboutCreate},
    Endpoint{"DELETE", "/apikey/:id/", kDeleteSteps, render_deleted, {}, kAboutDelete},
    Endpoint{"OPTIONS", "/apikey*", {}, render_preflight, {}, kAboutPreflight},
};

}  // namespace
}  // namespace documented

const Contract kDocumented = {
    "documented",
    "2026-04-23",
    "the vendor's public API pages, January 2026, and its OpenAPI file 1.0.0 of April 2026",
    documented::kEndpoints,
    documented::kWordings,
    documented::refuse,
    find_credential,
    take_or_make_request_id,
    add_common_headers,
    {100, 1000},
    capgo::kDefaultUser,
};

}  // namespace contract
