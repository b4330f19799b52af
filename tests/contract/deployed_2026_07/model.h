#pragma once

#include <charconv>
#include <cmath>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "contract/deployed_2026_07/model_roles.h"

/// A model of deployed-2026-07: the caller and the five endpoints.
namespace july_model {

enum class Route { none, preflight, list, get, create, update, remove };

/// The value of a body in JavaScript.
enum class Shape { invalid, null, other, object };

/// An `expires_at` that is not null. (section 10)
struct Date {
  /// Nothing for an Invalid Date.
  std::optional<Time> to_javascript = {};
  /// Nothing if the database rejects it, with this code and message.
  std::optional<Time> to_database = {};
  std::string code = {};
  std::string message = {};
  Ordered hint = {};
};

/// A request, and its meaning.
struct Sent {
  http::Request request = {};
  Route route = Route::none;
  /// The id in the path, decoded, or that in the body, as a string. Empty for none.
  std::string id = {};
  /// The secret in the first header of the precedence; empty for none.
  std::string secret = {};
  /// The user of a valid JWT.
  std::optional<std::string> jwt_user = {};
  bool has_invalid_jwt = false;
  std::optional<std::string> subkey = {};
  std::optional<std::string> ip = {};
  Shape shape = Shape::object;
  /// The members of the body.
  Ordered body = Ordered::object();
  std::optional<Date> date = {};
};

/// What only the response can tell.
struct Generated {
  std::string request_id;
  std::string secret;
  std::string rbac_id;
};

/// The response that the page asks for.
struct Reply {
  int status = 200;
  /// The possible bodies.
  std::vector<std::string> bodies = {};
  /// The row of section 16.
  std::string row = {};
  /// Whether the row is one of all endpoints.
  bool is_of_any_route = false;
};

inline milliseconds to_milliseconds(Time time) {
  return std::chrono::floor<milliseconds>(time.time_since_epoch());
}

inline bool is_truthy(const Ordered& value) {
  return !(value.is_null() || value == false || value == "" || (value.is_number() && value == 0));
}

/// Formats a number of digits only as `String(Number(digits))` does.
inline std::string javascript_number(const std::string& digits) {
  std::array<char, 40> text;
  double number = std::strtod(digits.c_str(), nullptr);
  auto end = std::to_chars(text.begin(), text.end(), number, std::chars_format::scientific).ptr;
  std::string str(text.begin(), end);
  size_t e = str.find('e');
  if (number >= 1e21) return str;
  auto exponent = static_cast<size_t>(std::stoi(str.substr(e + 1)));
  str.resize(e);
  std::erase(str, '.');
  str.resize(exponent + 1, '0');
  return str;
}

inline Ordered database_error(const std::string& code, const Ordered& details, const Ordered& hint,
                              const std::string& message) {
  return {{"code", code}, {"details", details}, {"hint", hint}, {"message", message}};
}

/// `2026-07-24T19:50:56.123456+00:00`. (section 7)
inline std::string rest_time(Time time) {
  std::string str = base::format_time_with_fraction(time);
  str.replace(str.size() - 1, 1, "+00:00");
  return str;
}

/// `2026-07-24 19:50:56.123456+00`.
inline std::string database_time(Time time) {
  std::string str = base::format_time_with_fraction(time);
  str.replace(str.size() - 1, 1, "+00");
  str[str.find('T')] = ' ';
  return str;
}

class Model : public RoleState {
 public:
  Reply respond(const Sent& sent, const Generated& generated) {
    generated_ = generated;
    caller_ = {};
    if (sent.route == Route::none) {
      return {404, {R"({"error":"not_found","message":"Not found"})"}, "404 not_found"};
    }
    if (sent.route == Route::preflight) return {204, {""}, "204"};
    if (auto rejection = authenticate(sent)) {
      rejection->is_of_any_route = true;
      return *rejection;
    }
    if (sent.route == Route::create) return create(sent);
    if (caller_.key && managed_orgs(*caller_.key).empty()) {
      return deny(sent, "API key management requires RBAC org role management permission");
    }
    if (sent.route == Route::list) return list();
    return sent.route == Route::update ? update(sent) : get_or_remove(sent);
  }

  bool is_expired(const ApiKey& key) const {
    return key.expires_at && to_milliseconds(*key.expires_at) < to_milliseconds(now);
  }

  /// Whether the last request has changed the keys.
  bool has_changed = false;

 private:
  struct Caller {
    std::string user;
    std::optional<ApiKey> key;
  };
  struct Window {
    int64_t count = 0;
    Time ends{};
  };

  static Reply reply(const Ordered& body, std::string row = "200") {
    return {200, {body.dump()}, std::move(row)};
  }

  /// `row` is the message of the row, if it has parts that vary.
  static Reply reject(int status, const std::string& code, const std::string& message,
                      const Ordered& more_info = Ordered::object(), const std::string& row = "") {
    Ordered body = {{"error", code}, {"message", message}, {"moreInfo", more_info}};
    return {status,
            {body.dump()},
            std::to_string(status) + " " + code + " " + (row.empty() ? message : row)};
  }

  /// `{"requestId": ...}`, for most errors of updates.
  Ordered request_info() const {
    Ordered info = Ordered::object();
    info["requestId"] = generated_.request_id;
    return info;
  }

  Ordered update_info(int64_t id) const {
    Ordered info = request_info();
    info["apikeyId"] = id;
    return info;
  }

  /// 401 `cannot_..._apikey`, with the id of the caller.
  Reply deny(const Sent& sent, const std::string& message) const {
    Ordered info = Ordered::object();
    if (sent.route == Route::update) info = request_info();
    info["apikeyId"] = caller_.key->id;
    std::string code = "cannot_update_apikey";
    if (sent.route == Route::list) code = "cannot_list_apikeys";
    if (sent.route == Route::get) code = "cannot_get_apikey";
    if (sent.route == Route::remove) code = "cannot_delete_apikey";
    return reject(401, code, message, info);
  }

  // Sections 3 to 5.

  /// Every request restarts the window.
  int64_t count(Window& window, seconds length) const {
    window = {now < window.ends ? window.count + 1 : 1,
              std::chrono::floor<milliseconds>(now) + length};
    return window.count;
  }

  Reply too_many(const std::string& reason, const ApiKey* key, Time ends) const {
    Ordered info = Ordered::object();
    info["reason"] = reason;
    if (key != nullptr) info["apikey_id"] = key->id;
    info["rateLimitResetAt"] = std::chrono::floor<milliseconds>(ends.time_since_epoch()).count();
    info["retryAfterSeconds"] = std::chrono::ceil<seconds>(ends - now).count();
    return reject(429, "too_many_requests", "Too many requests", info, reason);
  }

  std::optional<Reply> authenticate(const Sent& sent) {
    Window unknown_address;
    Window& failures = sent.ip ? failures_[*sent.ip] : unknown_address;
    if (rate_limit && failures.count >= 20 && now < failures.ends) {
      return too_many("too_many_failed_auth_attempts", nullptr, failures.ends);
    }
    auto fail = [&](const char* code, const char* message) {
      count(failures, std::chrono::minutes(15));
      return reject(401, code, message);
    };
    if (sent.jwt_user) {
      caller_.user = *sent.jwt_user;
      return std::nullopt;
    }
    if (sent.has_invalid_jwt) return fail("invalid_jwt", "Invalid JWT");
    if (sent.secret.empty()) {
      return fail("no_jwt_apikey_or_subkey", "No JWT, apikey or subkey provided");
    }
    static const std::regex kNumber("[1-9][0-9]{0,15}");
    if (sent.subkey &&
        (!std::regex_match(*sent.subkey, kNumber) || std::stoll(*sent.subkey) > 9007199254740991)) {
      return fail("invalid_subkey", "Invalid x-limited-key-id");
    }
    const ApiKey* key = find_by_secret(sent.secret);
    if (key == nullptr || is_expired(*key) || is_dead(*key)) {
      return fail("invalid_apikey", "Invalid apikey");
    }
    caller_ = {key->user_id, *key};
    Window& used = used_[key->id];
    if (count(used, seconds(60)) >= rate_limit.value_or(INT64_MAX)) {
      return too_many("api_key_rate_limit_exceeded", key, used.ends);
    }
    return sent.subkey ? use_subkey(std::stoll(*sent.subkey)) : std::nullopt;
  }

  std::optional<Reply> use_subkey(int64_t id) {
    auto subkey = keys.find(id);
    if (subkey == keys.end() || subkey->second.user_id != caller_.user ||
        is_expired(subkey->second)) {
      return reject(401, "invalid_subkey", "Invalid subkey");
    }
    if (!is_limited(subkey->second)) {
      return reject(401, "invalid_subkey", "Invalid subkey, no limited apps or orgs");
    }
    if (!subkey->second.key) return reject(401, "invalid_subkey", "Invalid subkey");
    caller_.key = subkey->second;
    return std::nullopt;
  }

  // Sections 7, 11, 12 and 15.

  static Ordered columns(const ApiKey& key) {
    return {{"created_at", rest_time(key.created_at)},
            {"expires_at", key.expires_at ? Ordered(rest_time(*key.expires_at)) : Ordered()},
            {"id", key.id},
            {"name", key.name},
            {"rbac_id", *key.rbac_id},
            {"updated_at", rest_time(key.updated_at)},
            {"user_id", key.user_id},
            {"is_hashed_key", key.key_hash.has_value()}};
  }

  static Ordered item(const ApiKey& key) {
    Ordered fields = columns(key);
    fields["global_permissions"] = key.rights->global_permissions;
    return fields;
  }

  Reply list() const {
    Ordered items = Ordered::array();
    for (const auto& [id, key] : keys) {
      if (key.user_id != caller_.user) continue;
      if (!caller_.key || can_manage(*caller_.key, key)) items.push_back(item(key));
    }
    return reply(items);
  }

  static bool is_id(const std::string& id) {
    static const std::regex kForm("[A-Za-z0-9._:-]{8,256}");
    return is_digits(id) || std::regex_match(id, kForm);
  }

  /// Finds the key of the caller's user with this id or plain secret. Null with the error of the
  /// database if there is none.
  const ApiKey* look_up(const std::string& id, Ordered& error) const {
    error = database_error("PGRST116", "The result contains 0 rows", nullptr,
                           "Cannot coerce the result to a single JSON object");
    double number = is_digits(id) ? std::strtod(id.c_str(), nullptr) : 0;
    if (number >= 0x1p63) {
      std::string text = "\"" + javascript_number(id) + "\"";
      error = number >= 1e21 ? database_error("22P02", nullptr, nullptr,
                                              "invalid input syntax for type bigint: " + text)
                             : database_error("22003", nullptr, nullptr,
                                              "value " + text + " is out of range for type bigint");
    }
    for (const auto& [each, key] : keys) {
      bool is_it = is_digits(id) ? static_cast<double>(each) == number : key.key == id;
      if (is_it && key.user_id == caller_.user) return &key;
    }
    return nullptr;
  }

  Reply get_or_remove(const Sent& sent) {
    bool is_get = sent.route == Route::get;
    if (!is_id(sent.id)) {
      return reject(400, "invalid_id_format",
                    is_get ? "API key ID must be a numeric ID, UUID key, or legacy key token"
                           : "API key ID must be a valid UUID or number");
    }
    Ordered info = {{"supabaseError", nullptr}};
    const ApiKey* key = look_up(sent.id, info["supabaseError"]);
    if (key == nullptr && is_get) {
      return reject(404, "failed_to_get_apikey", "Failed to get API key", info);
    }
    if (key == nullptr) return reject(404, "api_key_not_found", "API key not found", info);
    if (!is_get && caller_.key && caller_.key->id == key->id) {
      return deny(sent, "API keys cannot delete themselves");
    }
    if (caller_.key && !can_manage(*caller_.key, *key)) {
      return deny(sent, "API key cannot manage this API key");
    }
    if (is_get) return reply(item(*key));
    erase(key->id);
    has_changed = true;
    return reply({{"status", "ok"}});
  }

  // Sections 9, 10, 13 and 14: see model_create.cc and model_update.cc.

  std::optional<Reply> check_json(const Sent& sent) const;
  std::optional<Reply> check_bindings(const Sent& sent) const;
  std::optional<Reply> check_permissions(const Sent& sent) const;
  std::optional<Reply> check_date(const Sent& sent) const;
  std::optional<Reply> check_admin_binding(const Sent& sent) const;
  std::optional<Reply> check_policies(const std::vector<std::string>& org_ids,
                                      std::optional<Time> expires) const;
  std::optional<Reply> check_sensitive_roles(const Ordered& bindings) const;
  std::optional<Reply> check_create(const Sent& sent) const;
  std::optional<Reply> check_update(const Sent& sent) const;
  std::optional<Reply> check_target(const Sent& sent, const ApiKey& key) const;
  std::optional<Reply> check_changed_policies(const Sent& sent, const ApiKey& key) const;
  std::optional<Reply> check_rights_to_assign(const Sent& sent, const ApiKey& key) const;
  std::optional<BindingError> replace_rights(const Sent& sent, ApiKey& row) const;
  Reply fail_creation() const;
  Reply create(const Sent& sent);
  Reply update(const Sent& sent);
  std::optional<Reply> save_columns(const Sent& sent, ApiKey& row) const;
  std::optional<Reply> save_with_rights(const Sent& sent, ApiKey& row) const;
  Reply regenerate(ApiKey row);

  Generated generated_;
  std::map<std::string, Window> failures_;
  std::map<int64_t, Window> used_;
  Caller caller_;
};

}  // namespace july_model
