#include "contract/deployed/rows.h"

#include <algorithm>

#include "base/redact.h"
#include "base/sha256.h"
#include "contract/deployed/envelope.h"
#include "contract/deployed/javascript.h"
#include "contract/explain.h"
#include "json/document.h"

namespace contract::deployed {
namespace {

/// The maximum number of rows that the database API returns. (section 11)
constexpr size_t kMaxRows = 1000;

}  // namespace

std::string row_id(const capgo::ApiKey& key) {
  if (key.rbac_id) return *key.rbac_id;
  return base::derive_uuid(key.user_id + "\n" + std::to_string(key.id) + "\n" +
                           std::to_string(key.created_at.time_since_epoch().count()));
}

/// The database stores an updated row as a new one, so it comes last. Other rows are in the order
/// of their ids, whatever their times in a fixture.
void for_each_row(const Call& call, const std::string& user_id,
                  const std::function<void(const capgo::ApiKey&)>& visit) {
  std::vector<std::pair<base::Time, capgo::ApiKey>> rows;
  base::Time latest = base::Time::min();
  call.keys.for_each_of_user(user_id, [&](const capgo::ApiKey& key) {
    bool is_changed = key.updated_at != key.created_at;
    if (!is_changed) latest = std::max(latest, key.created_at);
    rows.emplace_back(is_changed ? key.updated_at : latest, key);
  });
  std::stable_sort(rows.begin(), rows.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  if (rows.size() > kMaxRows) rows.resize(kMaxRows);
  for (const auto& row : rows) visit(row.second);
}

std::variant<int64_t, DatabaseError> read_number(std::string_view digits) {
  return read_bigint(format_javascript_number(javascript_number(digits)));
}

Found<OwnKey> find_row(const Call& call, const Caller& caller, int64_t id) {
  auto key = call.keys.find_by_id(id);
  if (key && key->user_id == caller.user_id) return OwnKey{*std::move(key)};
  std::string why = key ? "belongs to user " + json::quote(key->user_id) + ", and the caller is " +
                              json::quote(caller.user_id)
                        : "does not exist";
  return ApiError{capgo::ErrorName::key_not_found, "key " + std::to_string(id) + " " + why};
}

Found<OwnKey> find_row_by_secret(const Call& call, const Caller& caller,
                                 const std::string& secret) {
  auto key = call.keys.find_by_secret(secret);
  bool is_own_plain_key = key && key->key == secret && key->user_id == caller.user_id;
  if (is_own_plain_key) return OwnKey{*std::move(key)};
  return ApiError{
      capgo::ErrorName::key_not_found,
      "no key of this user that is not hashed has the secret " + json::quote(base::redact(secret))};
}

std::string database_text(const Call& call, const json::Value& value, std::string_view name) {
  if (value.is_string()) return value.get<std::string>();
  if (!value.is_structured()) return stringify(value);
  // With the members of objects in the order sent.
  return stringify(json::parse_body_in_order(call.body.text())->at(std::string(name)));
}

ApiError database_failed(decltype(ApiError::what) what, const DatabaseError& error,
                         std::string reason) {
  if (reason.empty()) reason = explain(error);
  ApiError failed{what, std::move(reason)};
  failed.cause = to_cause(error);
  return failed;
}

ApiError write_failed(const ErrorTemplate& error_template, const store::StoreError& failure) {
  return database_failed(&error_template, {"58030", "could not write the row"}, failure.what());
}

void assign_secret(Call& call, capgo::ApiKey& key, bool hashed) {
  key.key = unused_secret(&base::Ids::uuid_secret, call.ids, call.keys);
  if (hashed) key.key_hash = base::sha256_hex(*key.key);
}

void insert_row(Call& call, const Caller& caller, capgo::ApiKey& key) {
  key.rbac_id = call.ids.row_id();
  key.user_id = caller.user_id;
  key.created_at = call.now;
  key.updated_at = call.now;
  key.id = call.keys.insert(capgo::for_storage(key));
}

}  // namespace contract::deployed
