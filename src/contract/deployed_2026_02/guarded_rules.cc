#include <array>

#include "contract/deployed_2026_02/database.h"
#include "contract/deployed_2026_02/errors.h"
#include "contract/deployed_2026_02/steps.h"
#include "contract/explain.h"
#include "contract/requirement.h"

/// How the service of February 2026 checked the callers of its other endpoints.
namespace contract::deployed_2026_02 {
namespace {

constexpr std::string_view kStatistics = "/statistics";
constexpr std::string_view kNoApp = "You can't access this app";
constexpr std::string_view kNoOrg = "You can't access this organization";

constexpr ErrorTemplate kNoKeyProvided = {401, "no_key_provided", "No key provided", kNothing};
constexpr ErrorTemplate kAppDenied = {401, "cannot_access_app", kNoApp, kNothing};
constexpr ErrorTemplate kOrgDenied = {403, "cannot_access_organization", kNoOrg, kNothing};

/// The rejections of an app or an org that the key may not use.
constexpr auto kDeniedCalls = std::to_array<DeniedCalls>({
    {"POST", "/app", kOrgDenied},
    {"DELETE", "/app", {400, "cannot_delete_app", kNoApp, kNothing}},
    {"*", "/app", kAppDenied},
    {"*", "/bundle/metadata", {400, "cannot_access_app", kNoApp, kNothing}},
    {"GET", "/bundle", {400, "cannot_get_bundle", kNoApp, kNothing}},
    {"POST", "/bundle", {400, "cannot_create_bundle", kNoApp, kNothing}},
    {"DELETE", "/bundle", {400, "cannot_delete_bundle", kNoApp, kNothing}},
    {"*", "/bundle", {400, "cannot_access_app", kNoApp, kNothing}},
    {"*", "/channel", {400, "cannot_access_app", kNoApp, kNothing}},
    {"*", "/device", {400, "cannot_access_app", kNoApp, kNothing}},
    {"*", "/organization/members", {400, "cannot_access_organization", kNoOrg, kNothing}},
    {"*", "/organization", {400, "invalid_org_id", kNoOrg, kNothing}},
    {"*", "/statistics/org", {401, "no_access_to_organization", kNoOrg, kNothing}},
    {"*", kStatistics, {401, "no_access_to_app", kNoApp, kNothing}},
});

/// Returns the secret in `capgkey`, else in `authorization`.
Found<Credential> read_key_header(const http::Headers& headers) {
  for (std::string_view name : {"capgkey", "authorization"}) {
    auto value = headers.find(name);
    if (value && !value->empty()) return Credential{name, *value};
  }
  std::string_view problem = headers.find("x-api-key")
                                 ? "this call does not read x-api-key; put the "
                                   "key in the header capgkey or authorization"
                                 : "no key was sent; put it in the header "
                                   "capgkey or authorization";
  return ApiError{&kNoKeyProvided, std::string(problem)};
}

}  // namespace

std::optional<ApiError> authenticate_caller(Call& call, const Requirement& requirement) {
  bool is_statistics = requirement.path.starts_with(kStatistics);
  Found<Credential> sent =
      is_statistics ? read_credential(call) : read_key_header(call.request.headers);
  if (auto* error = std::get_if<ApiError>(&sent)) return std::move(*error);
  const Credential& credential = std::get<Credential>(sent);
  if (is_statistics && is_token(credential)) {
    Found<Caller> found = authenticate_token(call, credential);
    if (auto* error = std::get_if<ApiError>(&found)) return std::move(*error);
    return std::nullopt;
  }
  if (auto error = find_key(call, credential)) return error;
  const capgo::ApiKey& key = *call.caller;
  if (is_expired(key, call.now)) return ApiError{&kInvalidApikey, explain_expired(key, call.now)};
  return limit_rate(call, Caller{&key, key.user_id});
}

std::optional<ApiError> check_mode(const capgo::ApiKey& key, const Requirement& requirement) {
  if (requirement.modes.empty()) return std::nullopt;
  return require_one_of(key, requirement.modes);
}

const ErrorTemplate& denied(const Requirement& requirement) {
  return find_denied(kDeniedCalls, requirement.app_id ? kAppDenied : kOrgDenied, requirement);
}

}  // namespace contract::deployed_2026_02
