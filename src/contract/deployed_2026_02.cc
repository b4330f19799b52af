#include <algorithm>
#include <array>

#include "contract/catalog.h"
#include "contract/deployed_2026_02_schemas.h"
#include "contract/deployed_2026_02_steps.h"
#include "contract/deployed_2026_02_words.h"
#include "contract/render.h"
#include "contract/steps.h"

/// The service as it was deployed in February 2026, with its endpoints and their orders of checks
/// spelled out in full. The sections named are those of the page on it.
namespace contract {
namespace deployed_2026_02 {
namespace {

/// Section 11: the database API gives no more rows than this.
constexpr size_t kMostRows = 1000;

/// The user's rows, each with the moment that puts it in its place. Rows that nobody changed keep
/// the order of their ids, whatever a fixture says of their times.
std::vector<std::pair<base::Time, capgo::ApiKey>> rows_of_user(const Call& call) {
  std::vector<std::pair<base::Time, capgo::ApiKey>> rows;
  base::Time latest = base::Time::min();
  call.keys.for_each_of_user(call.user_id, [&](const capgo::ApiKey& key) {
    bool is_changed = key.updated_at != key.created_at;
    if (!is_changed) latest = std::max(latest, key.created_at);
    rows.emplace_back(is_changed ? key.updated_at : latest, key);
  });
  return rows;
}

/// Section 11: no order is promised. The database keeps a row that was changed as a new one, and so
/// it comes last.
http::Response render_list(const Call& call) {
  auto rows = rows_of_user(call);
  std::stable_sort(rows.begin(), rows.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  if (rows.size() > kMostRows) rows.resize(kMostRows);
  json::Writer body;
  body.open_array();
  for (const auto& row : rows) write_row(body, row.second);
  body.close_array();
  return json_response(200, body.take());
}

http::Response render_row(const Call& call) {
  json::Writer body;
  write_row(body, call.key);
  return json_response(200, body.take());
}

http::Response render_ok(const Call& /*call*/) { return json_response(200, R"({"status":"ok"})"); }

/// A route of the worker that shows what a failure looks like. (section 1, "side routes")
http::Response render_ko(const Call& /*call*/) {
  return json_response(500, R"({"error":"unknown_error","message":"KO","moreInfo":{}})");
}

/// Section 2: the request's own id, else the platform's, else a made-up one.
std::string request_id(const http::Request& request, base::Ids& ids) {
  const std::string* sent = request.headers.find("X-Request-Id");
  const std::string* of_platform = request.headers.find("cf-ray");
  if (sent != nullptr && is_request_id(*sent)) return *sent;
  if (of_platform != nullptr && !of_platform->empty()) return *of_platform;
  return ids.request_id();
}

void finish(const Call& call, std::string_view path, http::Response& response) {
  add_common_headers(call, path, response);
  if (response.headers.find("X-Worker-Source") == nullptr) {
    response.headers.add("X-Worker-Source", "capgo_api-prod-12.113.2");
  }
}

constexpr std::array kListSteps = {
    STEP(refuse_locked_out_address),   STEP(authenticate), STEP(limit_rate), STEP(read_subkey),
    STEP(require_caller_without_orgs), STEP(query_rows),
};

constexpr std::array kListWords = {
    WordedError{capgo::ErrorName::permission_denied, &kCannotList},
    WordedError{capgo::ErrorName::server_error, &kFailedToList},
};

constexpr std::array kGetSteps = {
    STEP(refuse_locked_out_address),   STEP(authenticate),    STEP(limit_rate),   STEP(read_subkey),
    STEP(require_caller_without_orgs), STEP(require_id_form), STEP(find_own_key),
};

constexpr std::array kGetWords = {
    WordedError{capgo::ErrorName::permission_denied, &kCannotGet},
    WordedError{capgo::ErrorName::key_not_found, &kFailedToGet},
};

constexpr std::array kCreateSteps = {
    STEP(refuse_locked_out_address),
    STEP(authenticate),
    STEP(limit_rate),
    STEP(read_subkey),
    STEP(require_caller_without_orgs),
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
    STEP(judge_policies),
    STEP(insert_key),
};

constexpr std::array kCreateWords = {
    WordedError{capgo::ErrorName::permission_denied, &kCannotCreate},
};

constexpr std::array kUpdateSteps = {
    STEP(refuse_locked_out_address),
    STEP(authenticate),
    STEP(limit_rate),
    STEP(read_subkey),
    STEP(require_caller_without_orgs),
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
    STEP(judge_changed_policies),
    STEP(save_changes),
    STEP(regenerate),
};

constexpr std::array kUpdateWords = {
    WordedError{capgo::ErrorName::permission_denied, &kCannotUpdate},
    WordedError{capgo::ErrorName::invalid_id, &kInvalidIdToUpdate},
    WordedError{capgo::ErrorName::name_required, &kNameMustBeString},
    WordedError{capgo::ErrorName::invalid_mode, &kInvalidModeToUpdate},
    WordedError{capgo::ErrorName::invalid_limited_to_apps, &kLimitedToAppsMustBeStrings},
    WordedError{capgo::ErrorName::invalid_limited_to_orgs, &kLimitedToOrgsMustBeStrings},
    WordedError{capgo::ErrorName::key_not_found, &kNoKeyToUpdate},
    WordedError{capgo::ErrorName::server_error, &kFailedToUpdate},
};

constexpr std::array kDeleteSteps = {
    STEP(refuse_locked_out_address),   STEP(authenticate),    STEP(limit_rate),   STEP(read_subkey),
    STEP(require_caller_without_orgs), STEP(require_id_form), STEP(find_own_key), STEP(delete_key),
};

constexpr std::array kDeleteWords = {
    WordedError{capgo::ErrorName::permission_denied, &kCannotDelete},
    WordedError{capgo::ErrorName::server_error, &kFailedToDelete},
};

constexpr std::array kEndpoints = {
    Endpoint{"GET", "/apikey/", kListSteps, render_list, kListWords, kAboutList},
    Endpoint{"GET", "/apikey/:id/", kGetSteps, render_row, kGetWords, kAboutGet},
    Endpoint{"POST", "/apikey/", kCreateSteps, render_row, kCreateWords, kAboutCreate},
    Endpoint{"PUT", "/apikey/", kUpdateSteps, render_row, kUpdateWords, kAboutUpdateById},
    Endpoint{"PUT", "/apikey/:id/", kUpdateSteps, render_row, kUpdateWords, kAboutUpdate},
    Endpoint{"DELETE", "/apikey/:id/", kDeleteSteps, render_ok, kDeleteWords, kAboutDelete},
    Endpoint{"OPTIONS", "/apikey*", {}, render_preflight, {}, kAboutPreflight},
    Endpoint{"POST", "/ok", {}, render_ok, {}, kAboutOk},
    Endpoint{"POST", "/ko", {}, render_ko, {}, kAboutKo},
};

}  // namespace
}  // namespace deployed_2026_02

const Contract kDeployed2026February = {
    "deployed-2026-02",
    "2026-02-19",
    "the vendor's backend, release 12.113.2, as it ran on 2026-02-19",
    deployed_2026_02::kEndpoints,
    deployed_2026_02::kWords,
    deployed_2026_02::refuse,
    find_credential,
    deployed_2026_02::request_id,
    deployed_2026_02::finish,
    {2000, 2000},
    "00000000-0000-4000-8000-000000000123",
};

}  // namespace contract
