#include "contract/deployed/guarded_rules.h"

#include <array>

#include "contract/requirement.h"

namespace contract::deployed {
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

Found<RuleCaller> authenticate_rule_caller(Call& call, const Requirement& requirement,
                                           const Authentication& authentication) {
  bool is_statistics = requirement.path.starts_with(kStatistics);
  Found<Credential> sent =
      is_statistics ? read_credential(call) : read_key_header(call.request.headers);
  if (auto* error = std::get_if<ApiError>(&sent)) return std::move(*error);
  const Credential& credential = std::get<Credential>(sent);
  bool is_user = is_statistics && is_token(credential);
  Found<Caller> found =
      is_user ? authentication.by_token(call, credential) : authentication.by_key(call, credential);
  if (auto* error = std::get_if<ApiError>(&found)) return std::move(*error);
  auto& caller = std::get<Caller>(found);
  if (auto error = limit_rate(call, caller)) return *std::move(error);
  return RuleCaller{caller.key, std::move(caller.user_id)};
}

const ErrorTemplate& denied(const Requirement& requirement) {
  return find_denied(kDeniedCalls, requirement.app_id ? kAppDenied : kOrgDenied, requirement);
}

}  // namespace contract::deployed
