#include "contract/deployed/guarded_rules.h"

#include "contract/deployed/errors.h"
#include "contract/deployed_2026_02/steps.h"
#include "contract/explain.h"
#include "contract/requirement.h"

/// How the service of February 2026 checked the callers of its other endpoints.
namespace contract::deployed_2026_02 {
namespace {

Found<Caller> find_calling_key(Call& call, const Credential& sent) {
  if (auto error = find_key(call, sent)) return *std::move(error);
  const capgo::ApiKey& key = *call.caller;
  if (is_expired(key, call.now)) return ApiError{&kInvalidApikey, explain_expired(key, call.now)};
  return Caller{&key, key.user_id};
}

}  // namespace

Found<RuleCaller> authenticate_caller(Call& call, const Requirement& requirement) {
  return authenticate_rule_caller(call, requirement, {find_calling_key, authenticate_token});
}

std::optional<ApiError> check_mode(const capgo::ApiKey& key, const Requirement& requirement) {
  if (requirement.modes.empty()) return std::nullopt;
  return require_one_of(key, requirement.modes);
}

}  // namespace contract::deployed_2026_02
