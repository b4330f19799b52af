#pragma once

#include <algorithm>
#include <cstdlib>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "contract/model.h"

/// The rules of deployed-2026-02 once more. Sections are those of contract/deployed-2026-02.md.
namespace deployed_model {

using namespace model;

enum class Route { none, preflight, list, get, create, update, remove };

/// What a body is to JavaScript.
enum class Shape { no_json, null, no_object, object };

/// A body's `expires_at`. (section 9)
struct Date {
  /// Nothing for an Invalid Date.
  std::optional<Time> to_javascript;
  /// Nothing where the database does not take it.
  std::optional<Time> to_database;
};

/// A request, taken apart by the one who made it up.
struct Ask {
  http::Request request = {};
  Route route = Route::none;
  /// The id in the path, decoded; in the body, as `String()` gives it. Empty for none.
  std::string id = {};
  /// The secret in the header that counts; empty if no key is sent, or a bad JWT.
  std::string secret = {};
  /// The user of a usable JWT.
  std::optional<std::string> jwt_user = {};
  /// What `Number()` makes of x-limited-key-id; 0 for what is ignored.
  double subkey = 0;
  std::optional<std::string> ip = {};
  Shape shape = Shape::object;
  /// The body's members, as they are understood.
  Ordered body = Ordered::object();
  /// What `expires_at` among them is, unless that is null.
  std::optional<Date> date = {};
};

inline milliseconds truncate_to_milliseconds(Time time) {
  return std::chrono::floor<milliseconds>(time.time_since_epoch());
}

/// A text as a uuid of the database, in lower case: hyphens may stand after any four digits.
inline std::optional<std::string> read_uuid(const std::string& text) {
  static const std::regex kForm("([0-9a-fA-F]{4}-?){7}[0-9a-fA-F]{4}");
  if (!std::regex_match(text, kForm)) return std::nullopt;
  std::string uuid;
  for (char c : text) {
    if (c != '-') uuid += static_cast<char>(std::tolower(c));
  }
  for (size_t hyphen : {20U, 16U, 12U, 8U}) uuid.insert(hyphen, "-");
  return uuid;
}

inline bool is_truthy(const Ordered& value) {
  return !(value.is_null() || value == false || value == "" || (value.is_number() && value == 0));
}

class Model : public World {
 public:
  bool is_expired(const ApiKey& key) const {
    return key.expires_at &&
           truncate_to_milliseconds(*key.expires_at) < truncate_to_milliseconds(now);
  }

  Outcome answer(const Ask& ask) {
    caller_ = {};
    if (ask.route == Route::none) return {404, "find_endpoint"};
    if (ask.route == Route::preflight) return {204};
    if (auto rejection = refuse_caller(ask)) return *rejection;
    if (caller_.key && caller_.key->is_limited_to_orgs()) {
      return {ask.route == Route::create ? 400 : 401, "require_caller_without_orgs"};
    }
    if (ask.route == Route::list) return {200, "", ids_of(caller_.user)};
    if (ask.route == Route::create) return create(ask);
    if (ask.route == Route::update) return update(ask);
    // Sections 12 and 15.
    if (!is_digits(ask.id) && !is_uuid(ask.id)) return {400, "require_id_form"};
    const ApiKey* key = find_own(ask.id, caller_.user);
    if (key == nullptr) return {404, "find_own_key"};
    if (ask.route == Route::get) return {200, "", {key->id}};
    erase(key->id);
    return {};
  }

 private:
  struct Caller {
    std::string user;
    std::optional<ApiKey> key;
    /// The key as which the database is asked. (section 4)
    std::optional<ApiKey> reader;
  };
  struct Window {
    int64_t count = 0;
    Time ends{};
  };

  // Sections 3 to 5.

  /// Every request restarts the window.
  int64_t count(Window& window, seconds length) const {
    window = {now < window.ends ? window.count + 1 : 1, now + length};
    return window.count;
  }

  std::optional<Outcome> refuse_caller(const Ask& ask) {
    Window nobody;
    Window& failures = ask.ip ? failures_[*ask.ip] : nobody;
    if (rate_limit && failures.count >= 20 && now < failures.ends) {
      return Outcome{429, "reject_locked_out_address"};
    }
    const ApiKey* key = ask.jwt_user ? nullptr : find_by_secret(ask.secret);
    bool is_valid = key != nullptr && key->mode == KeyMode::all && !is_expired(*key);
    if (!ask.jwt_user && !is_valid) {
      count(failures, std::chrono::minutes(15));
      return Outcome{401, "authenticate"};
    }
    failures = {};
    caller_.user = ask.jwt_user ? *ask.jwt_user : key->user_id;
    if (ask.jwt_user) return std::nullopt;
    caller_.key = caller_.reader = *key;
    if (count(used_[key->id], seconds(60)) >= rate_limit.value_or(INT64_MAX)) {
      return Outcome{429, "limit_rate"};
    }
    return use_subkey(ask.subkey);
  }

  std::optional<Outcome> use_subkey(double number) {
    if (number == 0) return std::nullopt;
    auto found = std::ranges::find_if(
        keys, [&](const auto& each) { return static_cast<double>(each.first) == number; });
    if (found == keys.end()) return Outcome{401, "read_subkey"};
    const ApiKey& subkey = found->second;
    bool has_null = !subkey.limited_to_apps || !subkey.limited_to_orgs;
    if (subkey.user_id != caller_.user || subkey.mode != KeyMode::all || is_expired(subkey) ||
        (!subkey.is_limited() && !has_null)) {
      return Outcome{401, "read_subkey"};
    }
    if (subkey.key) caller_.reader = subkey;
    return std::nullopt;
  }

  // Sections 9, 10 and 13.

  std::optional<Outcome> refuse_body(const Ask& ask) const {
    if (ask.shape == Shape::no_json) return Outcome{400, "read_body"};
    Ordered device = ask.body.value("device_id", Ordered());
    bool fails = ask.shape == Shape::null || (is_truthy(device) && !device.is_string());
    return fails ? std::optional(Outcome{500, "read_body"}) : std::nullopt;
  }

  /// The step that refuses the date; empty for none.
  std::string refusing_date_step(const Ask& ask) const {
    if (!ask.date) return "";
    if (!ask.date->to_javascript) return "read_expiration";
    bool is_later =
        truncate_to_milliseconds(*ask.date->to_javascript) > truncate_to_milliseconds(now);
    return is_later ? "" : "require_future_expiration";
  }

  bool can_read(const capgo::Org& org) const {
    if (org.members && !has(*org.members, caller_.user)) return false;
    return !caller_.reader || !caller_.reader->is_limited_to_orgs() ||
           has(*caller_.reader->limited_to_orgs, org.id);
  }

  bool can_read(const capgo::App& app) const {
    if (caller_.reader && caller_.reader->is_limited_to_apps() &&
        !has(*caller_.reader->limited_to_apps, app.app_id)) {
      return false;
    }
    return std::ranges::any_of(
        rest.orgs, [&](const capgo::Org& org) { return org.id == app.owner_org && can_read(org); });
  }

  /// The row of this id that the caller can read; null if there is none.
  template <typename Row>
  const Row* find_row(const std::vector<Row>& rows, const Ordered& id) const {
    auto uuid = read_uuid(id.is_string() ? id.get<std::string>() : "");
    auto found =
        std::ranges::find_if(rows, [&](const Row& row) { return row.id == uuid && can_read(row); });
    return found == rows.end() ? nullptr : &*found;
  }

  bool breaks_policy(const std::vector<std::string>& org_ids, std::optional<Time> expires) const {
    std::vector<std::string> ids;
    for (const std::string& text : org_ids) ids.push_back(read_uuid(text).value_or(""));
    if (has(ids, "")) return false;
    return std::ranges::any_of(rest.orgs, [&](const capgo::Org& org) {
      if (!has(ids, org.id) || !can_read(org)) return false;
      if (!expires) return org.require_apikey_expiration;
      int64_t days = org.max_apikey_expiration_days.value_or(0);
      return days > 0 &&
             truncate_to_milliseconds(*expires) > truncate_to_milliseconds(now) + days * kDay;
    });
  }

  /// Puts what the body has into the row. False if the database does not take it.
  bool put_fields(const Ask& ask, ApiKey& row) const {
    const Ordered& body = ask.body;
    if (body.contains("name")) {
      row.name = body["name"].is_string() ? body["name"].get<std::string>() : body["name"].dump();
    }
    if (is_truthy(body.value("mode", Ordered()))) {
      row.mode = *base::parse_name<capgo::KeyMode>(body["mode"].get<std::string>());
    }
    std::string texts = row.name;
    if (body.contains("limited_to_apps")) row.limited_to_apps = body["limited_to_apps"];
    for (const std::string& app : row.limited_to_apps.value_or(std::vector<std::string>{})) {
      texts += app;
    }
    bool is_valid = texts.find('\0') == std::string::npos;
    if (body.contains("limited_to_orgs")) {
      row.limited_to_orgs = body["limited_to_orgs"];
      for (std::string& org : *row.limited_to_orgs) {
        org = read_uuid(org).value_or("");
        is_valid = is_valid && !org.empty();
      }
    }
    if (body.contains("expires_at")) row.expires_at.reset();
    if (!ask.date) return is_valid;
    row.expires_at = ask.date->to_database;
    return is_valid && row.expires_at;
  }

  /// The first that refuses of the steps up to that for the date; empty for none.
  std::string refusing_create_step(const Ask& ask) const {
    Ordered apps =
        ask.body.contains("limited_to_apps") ? ask.body["limited_to_apps"] : Ordered::array();
    Ordered orgs =
        ask.body.contains("limited_to_orgs") ? ask.body["limited_to_orgs"] : Ordered::array();
    if (!apps.is_array()) return "require_limited_to_apps_array";
    if (!orgs.is_array()) return "require_limited_to_orgs_array";
    if (!are_strings(apps)) return "read_limited_to_apps";
    if (!are_strings(orgs)) return "read_limited_to_orgs";
    if (!is_truthy(ask.body.value("name", Ordered()))) return "read_name";
    Ordered mode = ask.body.value("mode", Ordered());
    if (!mode.is_null() && !is_truthy(mode)) return "require_mode";
    if (!mode.is_null() && !is_mode(mode)) return "read_mode";
    return refusing_date_step(ask);
  }

  Outcome create(Ask ask) {
    if (auto rejection = refuse_body(ask)) return *rejection;
    if (std::string step = refusing_create_step(ask); !step.empty()) return {400, step};
    Ordered& body = ask.body;
    if (is_truthy(body.value("org_id", Ordered()))) {
      const capgo::Org* org = find_row(rest.orgs, body["org_id"]);
      if (org == nullptr) return {404, "read_org_id"};
      body["limited_to_orgs"] = Ordered::array({org->id});
    }
    if (is_truthy(body.value("app_id", Ordered()))) {
      const capgo::App* app = find_row(rest.apps, body["app_id"]);
      if (app == nullptr) return {404, "read_app_id"};
      body["limited_to_apps"] = Ordered::array({app->app_id});
    }
    std::optional<Time> expires;
    if (ask.date) expires = ask.date->to_javascript;
    if (breaks_policy(body.value("limited_to_orgs", Ordered::array()), expires)) {
      return {400, "check_policies"};
    }
    ApiKey row;
    row.id = last_id + 1;
    row.mode = KeyMode::all;
    row.user_id = caller_.user;
    row.created_at = row.updated_at = now;
    if (!put_fields(ask, row)) return {400, "insert_key"};
    if (body.value("hashed", Ordered()) == true) row.key_hash = "";
    return {200, "", {row.id}, row};
  }

  // Section 14.

  std::string refusing_update_step(const Ask& ask) const {
    const Ordered& body = ask.body;
    if (ask.id.empty()) return "require_id";
    if (!is_digits(ask.id) && !is_uuid(ask.id)) return "require_id_form_of_update";
    if (std::string step = refusing_date_step(ask); !step.empty()) return step;
    if (body.contains("name") && !body["name"].is_string()) return "require_name_string";
    if (body.contains("mode") && !is_mode(body["mode"])) return "require_known_mode";
    for (std::string list : {"limited_to_apps", "limited_to_orgs"}) {
      if (body.contains(list) && !are_strings(body[list])) return "require_" + list + "_strings";
    }
    if (body.contains("regenerate") && !body["regenerate"].is_boolean()) {
      return "require_regenerate_boolean";
    }
    auto is_given = [&](const char* name) { return body.contains(name); };
    std::vector<const char*> columns = {"name", "mode", "limited_to_apps", "limited_to_orgs",
                                        "expires_at"};
    bool changes = std::ranges::any_of(columns, is_given) || body.value("regenerate", false);
    return changes ? "" : "require_change";
  }

  Outcome update(const Ask& ask) {
    if (auto rejection = refuse_body(ask)) return *rejection;
    if (std::string step = refusing_update_step(ask); !step.empty()) return {400, step};
    // As a JavaScript number; of those that are no key's, only those beyond a bigint fail.
    bool is_too_great =
        is_digits(ask.id) && std::strtod(ask.id.c_str(), nullptr) >= 9223372036854775808.0;
    if (is_too_great) return {500, "find_key_to_update"};
    const ApiKey* found = is_digits(ask.id) ? find_own(ask.id, caller_.user) : nullptr;
    if (is_uuid(ask.id)) found = find_by_secret(ask.id);
    if (found == nullptr || found->user_id != caller_.user || (is_uuid(ask.id) && !found->key)) {
      return {404, "find_key_to_update"};
    }
    ApiKey row = *found;
    std::vector<std::string> orgs = ask.body.value("limited_to_orgs", Ordered::array());
    bool has_date = ask.body.contains("expires_at");
    if (!orgs.empty() || has_date) {
      std::optional<Time> expires = has_date ? std::nullopt : row.expires_at;
      if (ask.date) expires = ask.date->to_javascript;
      if (orgs.empty()) orgs = row.limited_to_orgs.value_or(orgs);
      if (breaks_policy(orgs, expires)) return {400, "check_changed_policies"};
    }
    if (!put_fields(ask, row)) return {500, "save_changes"};
    if (row.name.empty()) row.name = "Apikey " + std::to_string(row.id);
    row.updated_at = now;
    keys[row.id] = row;
    if (!ask.body.value("regenerate", false)) return {200, "", {row.id}};
    return {200, "", {row.id}, row};
  }

  std::map<std::string, Window> failures_;
  std::map<int64_t, Window> used_;
  Caller caller_;
};

}  // namespace deployed_model
