#include "contract/deployed_2026_02/database.h"

#include <algorithm>
#include <set>

#include "base/ascii.h"
#include "capgo/permissions.h"
#include "contract/deployed/envelope.h"
#include "contract/deployed/javascript.h"
#include "contract/explain.h"

namespace contract::deployed_2026_02 {
namespace {

using capgo::ErrorName;

/// Returns whether the limits allow an id, whatever its case.
bool allow(const capgo::Limits& limits, std::string_view id) {
  return !limits || limits->empty() ||
         std::any_of(limits->begin(), limits->end(),
                     [&](const std::string& each) { return base::equal_ignoring_case(each, id); });
}

std::optional<DatabaseError> store_date(capgo::ApiKey& key, const Expiration& expiration) {
  if (!expiration.date) return std::nullopt;
  const auto& date = expiration.date->database;
  if (const auto* error = std::get_if<DatabaseError>(&date)) return *error;
  key.expires_at = std::get<base::Time>(date);
  return std::nullopt;
}

std::optional<DatabaseError> store_orgs(capgo::ApiKey& key) {
  for (std::string& org : *key.limited_to_orgs) {
    auto id = read_uuid(org);
    if (const auto* error = std::get_if<DatabaseError>(&id)) return *error;
    org = std::get<std::string>(std::move(id));
  }
  return std::nullopt;
}

}  // namespace

std::optional<DatabaseError> check_user(const Call& call, const Caller& caller) {
  auto id = read_uuid(caller.user_id);
  bool is_known = std::holds_alternative<std::string>(id);
  if (!is_known) call.keys.for_each_of_user(caller.user_id, [&](const auto&) { is_known = true; });
  return is_known ? std::nullopt : std::optional(std::get<DatabaseError>(std::move(id)));
}

const capgo::ApiKey* querying_key(const Caller& caller, const Subkey& subkey) {
  return subkey.key && subkey.key->key ? &*subkey.key : caller.key;
}

bool can_read(const Caller& caller, const Subkey& subkey, const capgo::Org& org) {
  const capgo::ApiKey* key = querying_key(caller, subkey);
  return capgo::can_read(org, caller.user_id) &&
         (key == nullptr || allow(key->limited_to_orgs, org.id));
}

bool can_read(const Call& call, const Caller& caller, const Subkey& subkey, const capgo::App& app) {
  const capgo::ApiKey* key = querying_key(caller, subkey);
  if (key != nullptr && !allow(key->limited_to_apps, app.app_id)) return false;
  const auto& orgs = call.keys.orgs();
  auto owner = std::find_if(orgs.begin(), orgs.end(), [&](const capgo::Org& org) {
    return base::equal_ignoring_case(org.id, app.owner_org);
  });
  // An org that is not in the fixtures is open to every user.
  return owner == orgs.end() || can_read(caller, subkey, *owner);
}

std::optional<ApiError> find_policy_error(const Call& call, const Caller& caller,
                                          const Subkey& subkey,
                                          const std::vector<std::string>& org_ids,
                                          const std::optional<base::Time>& expires_at) {
  if (check_user(call, caller)) return std::nullopt;
  std::set<std::string> limits;
  for (const std::string& org_id : org_ids) {
    auto id = read_uuid(org_id);
    if (std::holds_alternative<DatabaseError>(id)) return std::nullopt;
    limits.insert(std::get<std::string>(std::move(id)));
  }
  for (const capgo::Org& org : call.keys.orgs()) {
    auto id = read_uuid(org.id);
    const auto* uuid = std::get_if<std::string>(&id);
    if (uuid == nullptr || !limits.contains(*uuid) || !can_read(caller, subkey, org)) continue;
    if (auto error = check_policy(call, org, expires_at)) return error;
  }
  return std::nullopt;
}

std::optional<DatabaseError> store_values(capgo::ApiKey& key, const Expiration& expiration,
                                          bool orgs_first) {
  for (const auto& list : {std::vector{key.name}, *key.limited_to_apps, *key.limited_to_orgs}) {
    for (const std::string& value : list) {
      if (value.find('\0') != std::string::npos) return nul_in_text();
    }
  }
  auto error = orgs_first ? store_orgs(key) : store_date(key, expiration);
  if (error) return error;
  return orgs_first ? store_date(key, expiration) : store_orgs(key);
}

}  // namespace contract::deployed_2026_02
