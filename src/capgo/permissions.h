#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "capgo/api_key.h"

namespace capgo {

/// An action with a key: the lowest mode that allows it, and the app or org it affects.
/// (documented contract, section 3)
struct Action {
  KeyMode needs = KeyMode::read;
  /// The public id of the affected app.
  std::optional<std::string> app_id;
  /// The affected org; for an app, the org that owns it.
  std::optional<std::string> org_id;
};

/// Whether a key may do something, and if not, why.
struct Decision {
  bool allowed = false;
  /// Empty if allowed: `key 2 has mode "read", and this needs "all"`.
  std::string reason;
};

/// Checks an action against the key's mode, then against its limits. A key limited to apps may only
/// use those apps, and a key limited to orgs only those orgs. A limited key may not do anything
/// that affects no particular app or org.
Decision authorize(const ApiKey& key, const Action& action);

/// Checks that the key's mode is this one or a higher one. (documented contract, section 3)
Decision check_mode(const ApiKey& key, KeyMode needed);

/// Checks for the mode that managing keys requires. (documented contract, section 3)
Decision check_management_mode(const ApiKey& key);

/// Describes the limits of a limited key: `is limited to the apps com.a, com.b`.
std::string describe_limits(const ApiKey& key);

/// Checks that the key has no limits: a subkey cannot manage keys. (documented contract, section 3)
Decision check_unlimited(const ApiKey& key);

enum class PolicyViolation { expiration_required, expiration_exceeds_max };

/// Checks a key's expiration (absent means never) against an org's policy. A maximum of N days ends
/// N times 24 hours from now; 0 days means no maximum.
/// (deployed contract of February 2026, section 10; the documented contract does the same)
std::optional<PolicyViolation> check_expiration(const Org& org,
                                                const std::optional<base::Time>& expires_at,
                                                base::Time now);

/// Returns whether the user can read the org. Every user can if it lists no members.
bool can_read(const Org& org, std::string_view user_id);

}  // namespace capgo
