#include <algorithm>
#include <set>

#include "base/sha256.h"
#include "base/time_text.h"
#include "capgo/policies.h"
#include "contract/deployed_2026_02_steps.h"
#include "contract/deployed_2026_02_words.h"
#include "contract/explain.h"
#include "javascript/value.h"
#include "json/body.h"
#include "postgres/timestamp.h"
#include "postgres/values.h"

/// What the database makes of a request: which rows it shows, and which values it takes.
namespace contract::deployed_2026_02 {
namespace {

using capgo::ErrorName;

/// The key as which the database is asked: a subkey, if its secret is known. (section 4)
const capgo::ApiKey* asker(const Call& call) {
  if (call.subkey && call.subkey->key) return &*call.subkey;
  return call.caller ? &*call.caller : nullptr;
}

/// Whether limits let an id pass that is written so, or in upper case.
bool lets_pass(const capgo::Limits& limits, std::string_view id) {
  return !limits || limits->empty() ||
         std::any_of(limits->begin(), limits->end(),
                     [&](const std::string& each) { return http::same_name(each, id); });
}

bool has_nul(const capgo::Limits& texts) {
  return texts && std::any_of(texts->begin(), texts->end(), [](const std::string& text) {
           return text.find('\0') != std::string::npos;
         });
}

}  // namespace

std::optional<postgres::Error> judge_user(const Call& call) {
  auto id = postgres::read_uuid(call.user_id);
  bool is_known = std::holds_alternative<std::string>(id);
  if (!is_known) call.keys.for_each_of_user(call.user_id, [&](const auto&) { is_known = true; });
  return is_known ? std::nullopt : std::optional(std::get<postgres::Error>(std::move(id)));
}

std::optional<Refusal> query_rows(Call& call) {
  auto error = judge_user(call);
  if (!error) return std::nullopt;
  Refusal refusal{&kFailedToList, "the sub of the JWT is no user: " + shown(call, *error)};
  refusal.database_error = std::move(error);
  return refusal;
}

std::string database_text(const Call& call, std::string_view name) {
  const json::Value& value = *field_of(call, name);
  if (value.is_string()) return value.get<std::string>();
  if (!value.is_structured()) return javascript::stringify(value);
  // Members of an object stand in the order sent. Of a body so large that this would take long,
  // they stand in that of their names.
  constexpr size_t kLarge = 32 * 1024;
  if (call.request.body.size() > kLarge) return javascript::stringify(value);
  return javascript::stringify(json::parse_body_in_order(call.request.body)->at(std::string(name)));
}

bool can_read(const Call& call, const capgo::Org& org) {
  const capgo::ApiKey* key = asker(call);
  return capgo::can_read(org, call.user_id) &&
         (key == nullptr || lets_pass(key->limited_to_orgs, org.id));
}

bool can_read(const Call& call, const capgo::App& app) {
  const capgo::ApiKey* key = asker(call);
  if (key != nullptr && !lets_pass(key->limited_to_apps, app.app_id)) return false;
  const auto& orgs = call.keys.orgs();
  auto owner = std::find_if(orgs.begin(), orgs.end(), [&](const capgo::Org& org) {
    return http::same_name(org.id, app.owner_org);
  });
  // An org that the fixtures do not describe is open to all.
  return owner == orgs.end() || can_read(call, *owner);
}

Refusal refuse_by_database(const Call& call, decltype(Refusal::what) what, postgres::Error error) {
  Refusal refusal{what, "the database says: " + shown(call, error)};
  refusal.database_error = std::move(error);
  return refusal;
}

void give_secret(Call& call, bool hashed) {
  capgo::ApiKey& key = call.key;
  do {
    key.key = call.ids.uuid_secret();
  } while (call.keys.find_by_secret(*key.key));
  if (hashed) key.key_hash = base::sha256_hex(*key.key);
}

Refusal refuse_unwritten(const Wording& wording, const store::StoreError& failure) {
  Refusal refusal{&wording, failure.what()};
  refusal.database_error = postgres::Error{"58030", "could not write the row"};
  return refusal;
}

std::optional<Refusal> judge_by_orgs(const Call& call, const std::vector<std::string>& org_ids,
                                     const std::optional<base::Time>& expires_at) {
  // The handlers know milliseconds only.
  auto date = expires_at;
  if (date) date = in_milliseconds(*date);
  std::set<std::string> judging;
  for (const std::string& each : org_ids) {
    auto id = postgres::read_uuid(each);
    if (std::holds_alternative<postgres::Error>(id)) return std::nullopt;
    judging.insert(std::get<std::string>(std::move(id)));
  }
  for (const capgo::Org& org : call.keys.orgs()) {
    auto id = postgres::read_uuid(org.id);
    const auto* uuid = std::get_if<std::string>(&id);
    if (uuid == nullptr || !judging.contains(*uuid) || !can_read(call, org)) continue;
    auto fault = capgo::judge_expiration(org, date, in_milliseconds(call.now));
    if (!fault) continue;
    std::string reason = explain_policy(call, org, date);
    if (*fault == capgo::PolicyFault::expiration_required) {
      return Refusal{ErrorName::expiration_required, std::move(reason)};
    }
    return Refusal{ErrorName::expiration_exceeds_max, std::move(reason),
                   "API key expiration cannot exceed " +
                       std::to_string(*org.max_apikey_expiration_days) +
                       " days for this organization"};
  }
  return std::nullopt;
}

std::optional<postgres::Error> store_values(const Call& call, capgo::ApiKey& given) {
  const json::Value* date = field_of(call, "expires_at");
  bool has_date = date != nullptr && !date->is_null();
  std::string date_text = has_date ? database_text(call, "expires_at") : "";
  if (given.name.find('\0') != std::string::npos || date_text.find('\0') != std::string::npos ||
      has_nul(given.limited_to_apps) || has_nul(given.limited_to_orgs)) {
    return postgres::nul_in_text();
  }
  for (std::string& org : *given.limited_to_orgs) {
    auto id = postgres::read_uuid(org);
    if (const auto* error = std::get_if<postgres::Error>(&id)) return *error;
    org = std::get<std::string>(std::move(id));
  }
  if (!has_date) return std::nullopt;
  auto moment = postgres::read_timestamptz(date_text, call.now);
  if (const auto* error = std::get_if<postgres::Error>(&moment)) return *error;
  given.expires_at = std::get<base::Time>(moment);
  // The database has years before the first, and infinity; no fixture can say so.
  if (*given.expires_at < base::parse_time("0000-01-01") ||
      *given.expires_at > base::parse_time_of_any_year("294246-12-31")) {
    return postgres::Error{"22008", "timestamp out of range: \"" + date_text + "\""};
  }
  return std::nullopt;
}

}  // namespace contract::deployed_2026_02
