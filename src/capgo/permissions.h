#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "capgo/api_key.h"

namespace capgo {

/// What somebody wants to do with a key: the right it takes, and the app or org it is done to.
/// (documented contract, section 3)
struct Action {
  /// The lowest mode that may do it.
  KeyMode needs = KeyMode::read;
  /// Public id of the app it is done to, if it is done to one.
  std::optional<std::string> app_id;
  /// Org it is done to; for an app, the org that owns it.
  std::optional<std::string> org_id;
};

/// Whether a key may, and in words why not.
struct Decision {
  bool allowed = false;
  /// Empty if allowed: `key 2 has mode "read", and this needs "all"`.
  std::string reason;
};

/// Whether a mode includes what `needed` may do: the ladder read < upload < write < all.
bool includes(KeyMode mode, KeyMode needed);

/// Judges an action by the mode of the key, then by its limits to apps and orgs. A key that is
/// limited to apps may act on those apps only, and one limited to orgs in those orgs only; an
/// action on nothing in particular is not for limited keys.
Decision authorize(const ApiKey& key, const Action& action);

/// Whether the key has the mode that managing keys takes. (documented contract, section 3)
Decision check_management_mode(const ApiKey& key);

/// Whether the key is free of limits: a subkey manages no keys. (documented contract, section 3)
Decision check_unlimited(const ApiKey& key);

/// How a key's expiration can be against an org's rules.
enum class PolicyViolation { expiration_required, expiration_exceeds_max };

/// Judges when a key is to expire, nothing meaning never, by an org's rules. A maximum of N days
/// ends N times 24 hours from now; one of 0 days is none.
/// (deployed contract of February 2026, section 10; the documented one follows it)
std::optional<PolicyViolation> check_expiration(const Org& org,
                                                const std::optional<base::Time>& expires_at,
                                                base::Time now);

/// Whether the user can read the org: an org that names no members is open to every user.
bool can_read(const Org& org, std::string_view user_id);

}  // namespace capgo
