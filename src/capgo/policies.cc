#include "capgo/policies.h"

#include <algorithm>

namespace capgo {

std::optional<PolicyFault> judge_expiration(const Org& org,
                                            const std::optional<base::Time>& expires_at,
                                            base::Time now) {
  if (!expires_at) {
    if (org.require_apikey_expiration) return PolicyFault::expiration_required;
    return std::nullopt;
  }
  int64_t days = org.max_apikey_expiration_days.value_or(0);
  if (days > 0 && *expires_at > now + std::chrono::hours{24} * days) {
    return PolicyFault::expiration_exceeds_max;
  }
  return std::nullopt;
}

bool can_read(const Org& org, std::string_view user_id) {
  return !org.members ||
         std::find(org.members->begin(), org.members->end(), user_id) != org.members->end();
}

}  // namespace capgo
