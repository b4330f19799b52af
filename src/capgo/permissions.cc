#include "capgo/permissions.h"

#include <algorithm>

#include "capgo/rights.h"

namespace capgo {
namespace {

Decision deny(const ApiKey& key, const std::string& why) {
  return {false, "key " + std::to_string(key.id) + " " + why};
}

/// `is limited to the apps com.a, com.b`
std::string describe_limits(const std::string& kind, const Limits& limits) {
  std::string reason = "is limited to the " + kind;
  std::string_view separator = " ";
  for (const std::string& id : *limits) {
    reason.append(separator).append(id);
    separator = ", ";
  }
  return reason;
}

/// Returns whether the limits allow the target.
bool is_within(const Limits& limits, const std::optional<std::string>& target) {
  if (!limits || limits->empty()) return true;
  return target && std::find(limits->begin(), limits->end(), *target) != limits->end();
}

}  // namespace

Decision check_mode(const ApiKey& key, KeyMode needed) {
  if (key.mode >= needed) return {true, ""};
  return deny(key, "has mode \"" + std::string(base::name_of(key.mode)) + "\", and this needs \"" +
                       std::string(base::name_of(needed)) + "\"");
}

Decision authorize(const ApiKey& key, const Action& action) {
  Decision by_mode = check_mode(key, action.needs);
  if (!by_mode.allowed) return by_mode;
  if (!is_within(key.limited_to_apps, action.app_id)) {
    return deny(key, describe_limits("apps", key.limited_to_apps));
  }
  if (!is_within(key.limited_to_orgs, action.org_id)) {
    return deny(key, describe_limits("orgs", key.limited_to_orgs));
  }
  return {true, ""};
}

Decision check_management_mode(const ApiKey& key) { return check_mode(key, KeyMode::all); }

std::string describe_limits(const ApiKey& key) {
  return key.is_limited_to_apps() ? describe_limits("apps", key.limited_to_apps)
                                  : describe_limits("orgs", key.limited_to_orgs);
}

Decision check_unlimited(const ApiKey& key) {
  if (!key.is_limited()) return {true, ""};
  return deny(key, describe_limits(key) + ", and a limited key cannot manage keys");
}

std::optional<PolicyViolation> check_expiration(const Org& org,
                                                const std::optional<base::Time>& expires_at,
                                                base::Time now) {
  if (!expires_at) {
    if (org.require_apikey_expiration) return PolicyViolation::expiration_required;
    return std::nullopt;
  }
  int64_t days = org.max_apikey_expiration_days.value_or(0);
  if (days > 0 && *expires_at > now + std::chrono::hours{24} * days) {
    return PolicyViolation::expiration_exceeds_max;
  }
  return std::nullopt;
}

bool can_read(const Org& org, std::string_view user_id) { return role_in(org, user_id) != nullptr; }

}  // namespace capgo
