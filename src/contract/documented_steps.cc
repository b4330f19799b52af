#include "contract/documented_steps.h"

#include <unordered_map>

#include "base/number_text.h"
#include "base/sha256.h"
#include "base/time_text.h"
#include "capgo/permissions.h"
#include "capgo/policies.h"
#include "contract/explain.h"
#include "contract/steps.h"
#include "json/body.h"

namespace contract::documented {
namespace {

using capgo::ErrorName;

/// How long an expired key is still there. (section 12, "30-day clean-up")
constexpr std::chrono::hours kKeptAfterExpiry{30 * 24};
constexpr std::chrono::seconds kRateWindow{60};
constexpr std::string_view kHowKeysEnd = ", has been deleted, or expired more than 30 days ago";

}  // namespace

const Wording kNameMustBeString = {400, "", "Name must be a string"};
const Wording kHashedMustBeBoolean = {400, "", "hashed must be a boolean"};

std::optional<Refusal> clean_up(Call& call) {
  call.keys.erase_expired_before(call.now - kKeptAfterExpiry);
  return std::nullopt;
}

std::optional<Refusal> authenticate(Call& call) {
  auto credential = find_credential(call.request.headers);
  if (!credential) {
    return Refusal{ErrorName::invalid_api_key,
                   "no key was sent; put it in the header authorization or x-api-key"};
  }
  call.caller = call.keys.find_by_secret(credential->secret);
  if (!call.caller) {
    return Refusal{ErrorName::invalid_api_key, explain_unknown_secret(*credential, kHowKeysEnd)};
  }
  if (call.caller->expires_at && *call.caller->expires_at < call.now) {
    return Refusal{ErrorName::expired_key,
                   "key " + std::to_string(call.caller->id) + " expired at " +
                       base::format_time_exactly(*call.caller->expires_at) + ", and it is " +
                       base::format_time_exactly(call.now)};
  }
  call.user_id = call.caller->user_id;
  return std::nullopt;
}

std::optional<Refusal> limit_rate(Call& call) {
  if (!call.rate_limit) return std::nullopt;
  std::string id = std::to_string(call.caller->id);
  auto window = call.windows.count_from_first(id, call.now, kRateWindow);
  if (window.count <= *call.rate_limit) return std::nullopt;
  Refusal refusal{ErrorName::rate_limited, "key " + id + " has made " +
                                               std::to_string(window.count) +
                                               " requests in a minute, and --rate-limit lets " +
                                               std::to_string(*call.rate_limit) + " pass"};
  refusal.retry_at = window.ends;
  return refusal;
}

std::optional<Refusal> require_mode_all(Call& call) {
  capgo::Decision decision = capgo::judge_management_mode(*call.caller);
  if (decision.allowed) return std::nullopt;
  return Refusal{ErrorName::permission_denied, std::move(decision.reason)};
}

std::optional<Refusal> require_unlimited_caller(Call& call) {
  capgo::Decision decision = capgo::judge_unlimited(*call.caller);
  if (decision.allowed) return std::nullopt;
  // It lists the limits, and whoever made the key wrote those.
  return Refusal{ErrorName::permission_denied, without_secrets(call, decision.reason, Uuids::ids)};
}

std::optional<Refusal> read_body(Call& call) {
  auto body = json::parse_body(call.request.body);
  if (!body) return Refusal{ErrorName::invalid_json, explain_bad_json(call.request.body)};
  if (!body->is_object()) {
    return Refusal{ErrorName::invalid_json,
                   "the body is " + shown(call, *body) + ", not an object"};
  }
  call.body = std::move(*body);
  return std::nullopt;
}

std::optional<Refusal> require_name(Call& call) {
  const json::Value* name = field_of(call, "name");
  if (name == nullptr) return Refusal{ErrorName::name_required, "the body has no name"};
  if (name->is_null() || *name == "") {
    return Refusal{ErrorName::name_required, "name is " + shown(call, *name)};
  }
  return std::nullopt;
}

std::optional<Refusal> read_name(Call& call) {
  const json::Value* name = field_of(call, "name");
  if (!name->is_string()) {
    return Refusal{&kNameMustBeString, "name is " + shown(call, *name) + ", not a string"};
  }
  call.key.name = name->get<std::string>();
  return std::nullopt;
}

std::optional<Refusal> read_mode(Call& call) {
  const json::Value* value = field_of(call, "mode");
  if (value == nullptr) return Refusal{ErrorName::invalid_mode, "the body has no mode"};
  auto mode = mode_of(*value);
  if (!mode) return Refusal{ErrorName::invalid_mode, explain_unknown_mode(call, *value)};
  call.key.mode = *mode;
  return std::nullopt;
}

std::optional<Refusal> read_hashed(Call& call) {
  const json::Value* hashed = field_of(call, "hashed");
  if (hashed == nullptr || hashed->is_boolean()) return std::nullopt;
  return Refusal{&kHashedMustBeBoolean,
                 "hashed is " + shown(call, *hashed) + ", not true or false"};
}

std::optional<Refusal> read_expiration(Call& call) {
  const json::Value* date = field_of(call, "expires_at");
  if (date == nullptr || date->is_null()) return std::nullopt;
  if (date->is_string())
    call.key.expires_at = base::parse_time(date->get_ref<const std::string&>());
  if (call.key.expires_at) return std::nullopt;
  return Refusal{ErrorName::invalid_expiration,
                 "expires_at is " + shown(call, *date) +
                     "; write it as 2099-01-31 or 2099-01-31T12:00:00Z, a day that exists"};
}

std::optional<Refusal> require_future_expiration(Call& call) {
  if (!call.key.expires_at || *call.key.expires_at > call.now) return std::nullopt;
  return Refusal{ErrorName::expiration_in_past,
                 "expires_at is " + base::format_time_exactly(*call.key.expires_at) +
                     ", and it is " + base::format_time_exactly(call.now) + " already"};
}

std::optional<Refusal> judge_policies(Call& call) {
  // By their first place in limited_to_orgs, whose order decides.
  std::unordered_map<std::string_view, size_t> places;
  for (const std::string& id : *call.key.limited_to_orgs) places.emplace(id, places.size());
  size_t first_place = places.size();
  std::optional<Refusal> first;
  for (const capgo::Org& org : call.keys.orgs()) {
    auto place = places.find(org.id);
    if (place == places.end() || place->second >= first_place) continue;
    if (!capgo::can_read(org, call.user_id)) continue;
    auto fault = capgo::judge_expiration(org, call.key.expires_at, call.now);
    if (!fault) continue;
    first_place = place->second;
    first = Refusal{ErrorName::expiration_required, explain_policy(call, org, call.key.expires_at)};
    if (*fault == capgo::PolicyFault::expiration_required) continue;
    first->what = ErrorName::expiration_exceeds_max;
    first->message = "Expiration date exceeds organization maximum of " +
                     std::to_string(*org.max_apikey_expiration_days) + " days";
  }
  return first;
}

std::optional<Refusal> create_key(Call& call) {
  capgo::ApiKey& key = call.key;
  do {
    key.key = call.ids.secret();
  } while (call.keys.find_by_secret(*key.key));
  const json::Value* hashed = field_of(call, "hashed");
  if (hashed != nullptr && hashed->get<bool>()) key.key_hash = base::sha256_hex(*key.key);
  key.user_id = call.user_id;
  key.created_at = call.now;
  key.updated_at = call.now;
  key.id = call.keys.insert(capgo::as_kept(key));
  return std::nullopt;
}

std::optional<Refusal> find_own_key(Call& call) {
  const std::string& text = *http::find_param(call.params, "id");
  auto id = base::parse_number<int64_t>(text);
  auto key = id ? call.keys.find_by_id(*id) : std::nullopt;
  if (!key) {
    return Refusal{ErrorName::key_not_found, "no key has the id " + quoted_id(call, text) +
                                                 "; it was never made" + std::string(kHowKeysEnd)};
  }
  if (key->user_id != call.user_id) {
    return Refusal{ErrorName::key_not_found,
                   "key " + text + " belongs to user " + quoted(call, key->user_id, Uuids::ids) +
                       ", and the caller is " + quoted(call, call.user_id, Uuids::ids)};
  }
  call.key = std::move(*key);
  return std::nullopt;
}

}  // namespace contract::documented
