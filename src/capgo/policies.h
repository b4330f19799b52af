#pragma once

#include <optional>
#include <string_view>

#include "capgo/api_key.h"

namespace capgo {

/// How a key's expiration can be against an org's rules.
enum class PolicyFault { expiration_required, expiration_exceeds_max };

/// Judges when a key is to expire, nothing meaning never, by an org's rules. A maximum of N days
/// ends N times 24 hours from now; one of 0 days is none.
/// (deployed contract of February 2026, section 10; the documented one follows it)
std::optional<PolicyFault> judge_expiration(const Org& org,
                                            const std::optional<base::Time>& expires_at,
                                            base::Time now);

/// Whether the user can read the org: an org that names no members is open to every user.
bool can_read(const Org& org, std::string_view user_id);

}  // namespace capgo
