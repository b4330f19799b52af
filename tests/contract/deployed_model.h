#pragma once

#include <algorithm>
#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "capgo/api_key.h"
#include "contract/deployed_model_texts.h"

/// What the deployed service of February 2026 answers, by the rules of its page and no code of the
/// emulator's own. Sections are those of contract/deployed-2026-02.md.
namespace deployed_model {

enum class Route { list, get, create, update, remove, none, preflight };

/// What a body is to JavaScript.
enum class Shape { no_json, null, no_object, object };

/// A member of a body: its value's JSON as it is sent, and as it is understood.
struct Member {
  std::string name;
  std::string sent;
  std::string meant;
};

/// What a body's `expires_at` is. (section 9)
struct Date {
  /// Nothing for an Invalid Date.
  std::optional<base::Time> to_javascript;
  std::variant<base::Time, DatabaseError> to_database;
};

/// A request, taken apart by the one who made it up.
struct Ask {
  Route route = Route::none;
  std::optional<std::string> path_id;
  std::optional<std::string> authorization;
  std::optional<std::string> capgkey;
  std::optional<std::string> x_api_key;
  /// The user, if `authorization` is a usable JWT.
  std::optional<std::string> jwt_user;
  /// The number in x-limited-key-id, if there is one.
  std::optional<double> subkey;
  std::optional<std::string> ip;
  Shape shape = Shape::no_json;
  std::vector<Member> members;
  /// What the `expires_at` among them is, unless that is null.
  std::optional<Date> date;
};

/// One of the answers that are right: more than one where the page leaves it open which of several
/// faults is told.
struct Variant {
  /// What happened, for the list of all that can.
  std::string label;
  int status;
  std::string body;
};

struct Answer {
  std::vector<Variant> variants;
  std::optional<base::Time> retry_at = std::nullopt;
  /// A row with a new secret, made or changed: the answer tells it, and nobody else.
  std::optional<ApiKey> to_learn = std::nullopt;
};

class Model {
 public:
  Model(capgo::Snapshot world, base::Time start, std::optional<int64_t> rate_limit)
      : now(start), rate_limit_(rate_limit), world_(std::move(world)) {
    for (const ApiKey& key : world_.keys) keys[last_id_ = key.id] = key;
  }

  base::Time now;
  std::map<int64_t, ApiKey> keys;

  const capgo::Snapshot& world() const { return world_; }

  bool is_expired(const ApiKey& key) const {
    return key.expires_at && to_milliseconds(*key.expires_at) < to_milliseconds(now);
  }

  /// What is answered, and the deed done. `request_id` is what the answer says it is.
  Answer answer(const Ask& ask, const std::string& request_id) {
    request_id_ = request_id;
    caller_ = {};
    if (ask.route == Route::preflight) return {{{"preflight", 204, ""}}};
    if (ask.route == Route::none) {
      return {{{"unknown route", 404, R"({"error":"not_found","message":"Not found"})"}}};
    }
    if (auto refusal = authenticate(ask)) return *refusal;
    if (auto refusal = refuse_limited(ask.route)) return *refusal;
    switch (ask.route) {
      case Route::list:
        return list();
      case Route::create:
        return create(ask);
      case Route::update:
        return update(ask);
      default:
        return get_or_remove(ask);
    }
  }

  /// Notes the secret (and, of a new row, the other id) that an answer told; gives that answer.
  std::string learn(ApiKey row, const std::string& secret, const std::string& rbac_id) {
    if (!row.rbac_id) row.rbac_id = rbac_id;
    const bool is_hashed = row.key_hash.has_value();
    if (is_hashed) row.key_hash = base::sha256_hex(secret);
    row.key = secret;
    std::string told = row_text(row);
    if (is_hashed) row.key.reset();
    last_id_ = std::max(last_id_, row.id);
    keys[row.id] = row;
    return told;
  }

 private:
  /// Who asks. (sections 3 and 4)
  struct Caller {
    std::string user;
    std::optional<ApiKey> key;
    /// The key as which the database is asked.
    std::optional<ApiKey> reader;
  };
  struct Window {
    int64_t count = 0;
    base::Time ends{};
  };

  // Section 6.

  static Answer refuse(const std::string& label, int status, const char* code,
                       const std::string& message, const Ordered& more = Ordered::object()) {
    return {{{label, status, error_text(code, message, more)}}};
  }
  /// As `refuse`, for what the update's handler says itself: it names the request. (section 14)
  Answer refuse_update(const std::string& label, int status, const char* code,
                       const std::string& message, const Ordered& more = Ordered::object()) const {
    Ordered all = {{"requestId", request_id_}};
    all.update(more);
    return refuse("PUT " + label, status, code, message, all);
  }
  static Answer refuse_too_many(const std::string& label, base::Time retry_at) {
    return {
        {{label, 429, R"({"error":"too_many_requests","message":"You are being rate limited"})"}},
        retry_at};
  }

  // Sections 3 to 5.

  std::optional<Answer> authenticate(const Ask& ask) {
    if (rate_limit_ && ask.ip) {
      const Window& failures = failures_[*ask.ip];
      if (failures.count >= 20 && now < failures.ends) {
        return refuse_too_many("IP locked out", failures.ends);
      }
    }
    std::string key = ask.capgkey ? *ask.capgkey : ask.x_api_key.value_or("");
    if (const std::string token = ask.authorization.value_or(""); !token.empty()) {
      if (!is_uuid(token)) {
        if (!ask.jwt_user) return fail(ask, "invalid_jwt", "Invalid JWT");
        caller_.user = *ask.jwt_user;
        if (ask.ip) failures_.erase(*ask.ip);
        return std::nullopt;
      }
      key = token;
    }
    if (key.empty()) {
      return fail(ask, "no_jwt_apikey_or_subkey", "No JWT, apikey or subkey provided");
    }
    const ApiKey* const found = find_by_secret(key);
    if (found == nullptr || found->mode != KeyMode::all || is_expired(*found)) {
      return fail(ask, "invalid_apikey", "Invalid apikey");
    }
    caller_ = {found->user_id, *found, *found};
    if (ask.ip) failures_.erase(*ask.ip);
    const Window& used = count(used_[found->id], std::chrono::seconds(60));
    if (rate_limit_ && used.count >= *rate_limit_) return refuse_too_many("key rate", used.ends);
    return use_subkey(ask);
  }

  std::optional<Answer> use_subkey(const Ask& ask) {
    if (ask.subkey.value_or(0) == 0) return std::nullopt;
    const auto found = std::ranges::find_if(
        keys, [&](const auto& each) { return static_cast<double>(each.first) == *ask.subkey; });
    if (found == keys.end() || found->second.user_id != caller_.user ||
        found->second.mode != KeyMode::all || is_expired(found->second)) {
      return refuse("invalid_subkey", 401, "invalid_subkey", "Invalid subkey");
    }
    const ApiKey& subkey = found->second;
    const std::vector<std::string> none;
    if (subkey.limited_to_apps == none && subkey.limited_to_orgs == none) {
      return refuse("invalid_subkey: no limits", 401, "invalid_subkey",
                    "Invalid subkey, no limited apps or orgs");
    }
    if (subkey.key) caller_.reader = subkey;
    return std::nullopt;
  }

  Answer fail(const Ask& ask, const char* code, const char* message) {
    if (ask.ip) count(failures_[*ask.ip], std::chrono::minutes(15));
    return refuse(code, 401, code, message);
  }

  const Window& count(Window& window, std::chrono::seconds length) const {
    window = {now < window.ends ? window.count + 1 : 1, now + length};
    return window;
  }

  const ApiKey* find_by_secret(const std::string& secret) const {
    const std::string hash = base::sha256_hex(secret);
    for (const auto& [id, key] : keys) {
      if (key.key == secret || key.key_hash == hash) return &key;
    }
    return nullptr;
  }

  /// Callers limited to orgs may do nothing at all. (sections 16 and 17)
  std::optional<Answer> refuse_limited(Route route) const {
    if (!caller_.key || !caller_.key->is_limited_to_orgs()) return std::nullopt;
    const std::string message = "You cannot do that as a limited API key";
    const Ordered id = {{"apikeyId", caller_.key->id}};
    switch (route) {
      case Route::list:
        return refuse("cannot_list_apikeys", 401, "cannot_list_apikeys", message, id);
      case Route::get:
        return refuse("cannot_get_apikey", 401, "cannot_get_apikey", message, id);
      case Route::create:
        return refuse("cannot_create_apikey", 400, "cannot_create_apikey", message,
                      {{"apikey", json::parse_ordered(row_text(*caller_.key))}});
      case Route::update:
        return refuse_update("cannot_update_apikey", 401, "cannot_update_apikey", message, id);
      default:
        return refuse("cannot_delete_apikey", 401, "cannot_delete_apikey", message, id);
    }
  }

  // Sections 11, 12 and 15.

  Answer list() const {
    std::vector<ApiKey> rows_of_user;
    for (const auto& [id, key] : keys) {
      if (key.user_id == caller_.user) rows_of_user.push_back(key);
    }
    std::ranges::stable_sort(rows_of_user, {}, &ApiKey::updated_at);
    std::string rows;
    for (const ApiKey& key : rows_of_user) rows += (rows.empty() ? "" : ",") + row_text(key);
    return {{{rows.empty() ? "list: none" : "list", 200, "[" + rows + "]"}}};
  }

  Answer get_or_remove(const Ask& ask) {
    const bool gets = ask.route == Route::get;
    const std::string method = gets ? "GET " : "DELETE ";
    if (!is_digits(*ask.path_id) && !is_uuid(*ask.path_id)) {
      return refuse(method + "invalid_id_format", 400, "invalid_id_format",
                    "API key ID must be a valid UUID or number");
    }
    const auto found = find_by_id(*ask.path_id);
    if (const DatabaseError* const error = std::get_if<DatabaseError>(&found)) {
      const char* const code = gets ? "failed_to_get_apikey" : "api_key_not_found";
      return refuse(method + error->code, 404, code,
                    gets ? "Failed to get API key" : "API key not found", supabase(*error));
    }
    const int64_t id = std::get<int64_t>(found);
    if (gets) return {{{"get", 200, row_text(keys.at(id))}}};
    keys.erase(id);
    return {{{"delete", 200, R"({"status":"ok"})"}}};
  }

  /// The id of the caller's row, looked up by a text that the database reads.
  std::variant<int64_t, DatabaseError> find_by_id(const std::string& text) const {
    auto id = read_bigint(text);
    if (std::holds_alternative<DatabaseError>(id)) return id;
    const auto found = keys.find(std::get<int64_t>(id));
    if (found == keys.end() || found->second.user_id != caller_.user) return no_row();
    return id;
  }

  // Sections 9, 10, 13 and 14, in deployed_model_writes.h.

  std::optional<Answer> refuse_body(const Ask& ask, const std::string& method) const;
  std::optional<Answer> refuse_date(const Ask& ask, const std::string& method) const;
  std::vector<Variant> policy_failures(const std::vector<std::string>& org_ids,
                                       std::optional<base::Time> expires,
                                       const std::string& method) const;
  bool can_read(const capgo::Org& org) const;
  bool can_read_app(const capgo::App& app) const;
  Answer create(const Ask& ask);
  std::optional<Answer> refuse_create_fields(const Ask& ask) const;
  std::optional<Answer> use_org_and_app(Ask& ask) const;
  Answer update(const Ask& ask);
  std::optional<Answer> refuse_update_fields(const Ask& ask) const;
  std::variant<int64_t, DatabaseError> find_for_update(const std::string& id) const;
  std::vector<DatabaseError> put_fields(const Ask& ask, ApiKey& row) const;
  Answer failed_writes(const std::vector<DatabaseError>& errors, bool updates) const;

  std::optional<int64_t> rate_limit_;
  capgo::Snapshot world_;
  int64_t last_id_ = 0;
  std::map<std::string, Window> failures_;
  std::map<int64_t, Window> used_;
  std::string request_id_;
  Caller caller_;
};

}  // namespace deployed_model
