#pragma once

#include "contract/contract.h"
#include "contract/deployed/callers.h"
#include "contract/deployed/envelope.h"

/// How the deployed contracts check the callers of endpoints beside `/apikey`. (public API)
namespace contract::deployed {

inline constexpr ErrorTemplate kAppMissing = {400, "missing_app_id", "Missing app_id", kNothing};
inline constexpr ErrorTemplate kOrgMissing = {400, "missing_org_id", "Missing org_id", kNothing};
inline constexpr ErrorTemplate kChannelMissing = {400, "missing_channel_id", "Missing channel_id",
                                                  kNothing};

/// How a contract finds the owner of a credential.
struct Authentication {
  /// A key that works on these endpoints.
  Found<Caller> (*by_key)(Call&, const Credential&);
  /// The user of a JWT.
  Found<Caller> (*by_token)(Call&, const Credential&);
};

/// See CallerCheck::authenticate. The credential is a key in `capgkey`, else in `authorization`;
/// only statistics read the same headers as `/apikey`, and accept JWTs.
Found<RuleCaller> authenticate_rule_caller(Call& call, const Requirement& requirement,
                                           const Authentication& authentication);

/// See CallerCheck.
const ErrorTemplate& denied(const Requirement& requirement);

}  // namespace contract::deployed
