#include <array>

#include "capgo/permissions.h"
#include "contract/documented/steps.h"
#include "contract/explain.h"
#include "contract/requirement.h"
#include "contract/steps.h"

namespace contract::documented {
namespace {

using capgo::ErrorName;

constexpr std::chrono::seconds kRateWindow{60};

constexpr ErrorTemplate kDenied = {403, "", "Insufficient permissions"};
/// The rejections of the public API, by resource.
constexpr auto kDeniedCalls = std::to_array<DeniedCalls>({
    {"*", "/app", {403, "", "Insufficient permissions to manage app"}},
    {"*", "/bundle", {403, "", "Insufficient permissions to manage bundles"}},
    {"*", "/channel", {403, "", "Insufficient permissions to manage channels"}},
    {"*", "/device", {403, "", "Insufficient permissions to manage devices"}},
    {"*", "/organization/members", {403, "", "Insufficient permissions to manage members"}},
    {"*", "/organization", {403, "", "Admin role required"}},
    {"*",
     "/statistics/org",
     {403, "You can't access this organization",
      "Insufficient permissions to access organization statistics"}},
    {"*",
     "/statistics",
     {403, "You can't access this app", "Insufficient permissions to access statistics"}},
});

/// Finds the calling key, which must not have expired.
Found<Caller> find_caller(Call& call, const std::optional<Credential>& credential) {
  if (!credential) {
    return ApiError{ErrorName::invalid_api_key,
                    "no key was sent; put it in the header authorization or x-api-key"};
  }
  if (!call.look_up_caller(credential->secret)) {
    return ApiError{ErrorName::invalid_api_key,
                    explain_unknown_secret(call, *credential, kHowKeysAreRemoved)};
  }
  if (call.caller->expires_at && *call.caller->expires_at < call.now) {
    return ApiError{ErrorName::expired_key, explain_expired(*call.caller, call.now)};
  }
  return Caller{*call.caller};
}

}  // namespace

std::optional<ApiError> clean_up(Call& call) {
  call.keys.erase_expired_before(call.now - std::chrono::hours{30 * 24});
  return std::nullopt;
}

Found<Caller> authenticate(Call& call) {
  return find_caller(call, find_credential(call.request.headers));
}

std::optional<ApiError> limit_rate(Call& call, const Caller& caller) {
  if (!call.rate_limit) return std::nullopt;
  std::string id = std::to_string(caller.key.id);
  auto window = call.windows.count_in_fixed_window(id, call.now, kRateWindow);
  if (window.count <= *call.rate_limit) return std::nullopt;
  ApiError error{ErrorName::rate_limited, "key " + id + " has made " +
                                              std::to_string(window.count) +
                                              " requests in a minute; the --rate-limit is " +
                                              std::to_string(*call.rate_limit)};
  error.retry_at = window.ends;
  return error;
}

Found<RuleCaller> authenticate_caller(Call& call, const Requirement& /*requirement*/) {
  clean_up(call);
  // Clients of Supabase send a key of their own as a bearer token, and Capgo's in capgkey.
  auto sent = find_credential(call.request.headers);
  auto capgkey = call.request.headers.find("capgkey");
  bool is_bearer = sent && sent->secret.starts_with("Bearer ");
  if (is_bearer && capgkey && !capgkey->empty()) sent = Credential{"capgkey", *capgkey};
  Found<Caller> found = find_caller(call, sent);
  if (auto* error = std::get_if<ApiError>(&found)) return std::move(*error);
  const auto& [key] = std::get<Caller>(found);
  if (auto error = limit_rate(call, {key})) return *std::move(error);
  return RuleCaller{&key, key.user_id};
}

std::optional<ApiError> check_mode(const capgo::ApiKey& key, const Requirement& requirement) {
  if (requirement.modes.empty()) return std::nullopt;
  capgo::Decision decision = capgo::check_mode(key, requirement.modes.front());
  if (decision.allowed) return std::nullopt;
  return ApiError{&denied(requirement), std::move(decision.reason)};
}

const ErrorTemplate& denied(const Requirement& requirement) {
  return find_denied(kDeniedCalls, kDenied, requirement);
}

}  // namespace contract::documented
