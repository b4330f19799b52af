#pragma once

#include <algorithm>
#include <cstdlib>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "contract/model.h"

/// A model of deployed-2026-02. Sections are those of contract/deployed-2026-02.md.
namespace deployed_model {

using namespace model;

enum class Route { none, preflight, list, get, create, update, remove };

/// The value of a body in JavaScript.
enum class Shape { invalid, null, other, object };

/// A body's `expires_at`. (section 9)
struct Date {
  /// Nothing for an Invalid Date.
  std::optional<Time> to_javascript;
  /// Nothing if the database rejects it.
  std::optional<Time> to_database;
};

/// A request, and its meaning.
struct Sent {
  http::Request request = {};
  Route route = Route::none;
  /// The id in the path, decoded, or that in the body, as a string. Empty for none.
  std::string id = {};
  /// The secret in the first header of the precedence; empty for none or an invalid JWT.
  std::string secret = {};
  /// The user of a valid JWT.
  std::optional<std::string> jwt_user = {};
  /// `Number()` of x-limited-key-id; 0 if it is ignored.
  double subkey = 0;
  std::optional<std::string> ip = {};
  Shape shape = Shape::object;
  /// The members of the body.
  Ordered body = Ordered::object();
  /// The date in `expires_at`, unless that is null.
  std::optional<Date> date = {};
};

inline milliseconds truncate_to_milliseconds(Time time) {
  return std::chrono::floor<milliseconds>(time.time_since_epoch());
}

/// Reads a UUID like the database, in lower case: hyphens may be after any group of four digits.
inline std::optional<std::string> read_uuid(const std::string& str) {
  static const std::regex kForm("([0-9a-fA-F]{4}-?){7}[0-9a-fA-F]{4}");
  if (!std::regex_match(str, kForm)) return std::nullopt;
  std::string uuid;
  for (char c : str) {
    if (c != '-') uuid += static_cast<char>(std::tolower(c));
  }
  for (size_t hyphen : {20U, 16U, 12U, 8U}) uuid.insert(hyphen, "-");
  return uuid;
}

inline bool is_truthy(const Ordered& value) {
  return !(value.is_null() || value == false || value == "" || (value.is_number() && value == 0));
}

class Model : public State {
 public:
  bool is_expired(const ApiKey& key) const {
    return key.expires_at &&
           truncate_to_milliseconds(*key.expires_at) < truncate_to_milliseconds(now);
  }

  Outcome respond(const Sent& sent) {
    caller_ = {};
    if (sent.route == Route::none) return {404, "find_endpoint"};
    if (sent.route == Route::preflight) return {204};
    if (auto rejection = reject_caller(sent)) return *rejection;
    if (caller_.key && caller_.key->is_limited_to_orgs()) {
      return {sent.route == Route::create ? 400 : 401, "require_caller_without_orgs"};
    }
    if (sent.route == Route::list) return {200, "", ids_of(caller_.user)};
    if (sent.route == Route::create) return create(sent);
    if (sent.route == Route::update) return update(sent);
    // Sections 12 and 15.
    if (!is_digits(sent.id) && !is_uuid(sent.id)) return {400, "require_id_form"};
    const ApiKey* key = find_own(sent.id, caller_.user);
    if (key == nullptr) return {404, "find_own_key"};
    if (sent.route == Route::get) return {200, "", {key->id}};
    erase(key->id);
    return {};
  }

 private:
  struct Caller {
    std::string user;
    std::optional<ApiKey> key;
    /// The key that queries the database. (section 4)
    std::optional<ApiKey> reader;
  };
  struct Window {
    int64_t count = 0;
    Time ends{};
  };

  // Sections 3 to 5.

  /// Every request restarts the window.
  int64_t count(Window& window, seconds length) const {
    window = {now < window.ends ? window.count + 1 : 1,
              std::chrono::floor<std::chrono::milliseconds>(now) + length};
    return window.count;
  }

  std::optional<Outcome> reject_caller(const Sent& sent) {
    Window unknown_address;
    Window& failures = sent.ip ? failures_[*sent.ip] : unknown_address;
    if (rate_limit && failures.count >= 20 && now < failures.ends) {
      return Outcome{429, "reject_locked_out_address"};
    }
    const ApiKey* key = sent.jwt_user ? nullptr : find_by_secret(sent.secret);
    bool is_valid = key != nullptr && key->mode == KeyMode::all && !is_expired(*key);
    if (!sent.jwt_user && !is_valid) {
      count(failures, std::chrono::minutes(15));
      return Outcome{401, "authenticate"};
    }
    failures = {};
    caller_.user = sent.jwt_user ? *sent.jwt_user : key->user_id;
    if (sent.jwt_user) return std::nullopt;
    caller_.key = caller_.reader = *key;
    if (count(used_[key->id], seconds(60)) >= rate_limit.value_or(INT64_MAX)) {
      return Outcome{429, "limit_rate"};
    }
    return use_subkey(sent.subkey);
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

  std::optional<Outcome> reject_body(const Sent& sent) const {
    if (sent.shape == Shape::invalid) return Outcome{400, "read_body"};
    Ordered device = sent.body.value("device_id", Ordered());
    bool fails = sent.shape == Shape::null || (is_truthy(device) && !device.is_string());
    return fails ? std::optional(Outcome{500, "read_body"}) : std::nullopt;
  }

  /// Returns the step that rejects the date; empty for none.
  std::string rejecting_date_step(const Sent& sent) const {
    if (!sent.date) return "";
    if (!sent.date->to_javascript) return "read_expiration";
    bool is_later =
        truncate_to_milliseconds(*sent.date->to_javascript) > truncate_to_milliseconds(now);
    return is_later ? "" : "require_future_expiration";
  }

  bool can_read(const capgo::Org& org) const {
    if (!is_member(org, caller_.user)) return false;
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

  /// Finds the row with this id, if the caller can read it.
  template <typename Row>
  const Row* find_row(const std::vector<Row>& rows, const Ordered& id) const {
    auto uuid = read_uuid(id.is_string() ? id.get<std::string>() : "");
    auto found =
        std::ranges::find_if(rows, [&](const Row& row) { return row.id == uuid && can_read(row); });
    return found == rows.end() ? nullptr : &*found;
  }

  bool breaks_policy(const std::vector<std::string>& org_ids, std::optional<Time> expires) const {
    std::vector<std::string> ids;
    for (const std::string& id : org_ids) ids.push_back(read_uuid(id).value_or(""));
    if (has(ids, "")) return false;
    return std::ranges::any_of(rest.orgs, [&](const capgo::Org& org) {
      if (!has(ids, org.id) || !can_read(org)) return false;
      if (!expires) return org.require_apikey_expiration;
      int64_t days = org.max_apikey_expiration_days.value_or(0);
      return days > 0 &&
             truncate_to_milliseconds(*expires) > truncate_to_milliseconds(now) + days * kDay;
    });
  }

  /// Sets the fields of the body in the row. Returns false if the database rejects them.
  bool set_fields(const Sent& sent, ApiKey& row) const {
    const Ordered& body = sent.body;
    if (body.contains("name")) {
      row.name = body["name"].is_string() ? body["name"].get<std::string>() : body["name"].dump();
    }
    if (is_truthy(body.value("mode", Ordered()))) {
      row.mode = *base::parse_name<capgo::KeyMode>(body["mode"].get<std::string>());
    }
    std::string strings = row.name;
    if (body.contains("limited_to_apps")) row.limited_to_apps = body["limited_to_apps"];
    for (const std::string& app : row.limited_to_apps.value_or(std::vector<std::string>{})) {
      strings += app;
    }
    bool is_valid = strings.find('\0') == std::string::npos;
    if (body.contains("limited_to_orgs")) {
      row.limited_to_orgs = body["limited_to_orgs"];
      for (std::string& org : *row.limited_to_orgs) {
        org = read_uuid(org).value_or("");
        is_valid = is_valid && !org.empty();
      }
    }
    if (body.contains("expires_at")) row.expires_at.reset();
    if (!sent.date) return is_valid;
    row.expires_at = sent.date->to_database;
    return is_valid && row.expires_at;
  }

  /// Returns the first step up to the date that rejects; empty for none.
  std::string rejecting_create_step(const Sent& sent) const {
    Ordered apps =
        sent.body.contains("limited_to_apps") ? sent.body["limited_to_apps"] : Ordered::array();
    Ordered orgs =
        sent.body.contains("limited_to_orgs") ? sent.body["limited_to_orgs"] : Ordered::array();
    if (!apps.is_array()) return "require_limited_to_apps_array";
    if (!orgs.is_array()) return "require_limited_to_orgs_array";
    if (!are_strings(apps)) return "read_limited_to_apps";
    if (!are_strings(orgs)) return "read_limited_to_orgs";
    if (!is_truthy(sent.body.value("name", Ordered()))) return "read_name";
    Ordered mode = sent.body.value("mode", Ordered());
    if (!mode.is_null() && !is_truthy(mode)) return "require_mode";
    if (!mode.is_null() && !is_mode(mode)) return "read_mode";
    return rejecting_date_step(sent);
  }

  Outcome create(Sent sent) {
    if (auto rejection = reject_body(sent)) return *rejection;
    if (std::string step = rejecting_create_step(sent); !step.empty()) return {400, step};
    Ordered& body = sent.body;
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
    if (sent.date) expires = sent.date->to_javascript;
    if (breaks_policy(body.value("limited_to_orgs", Ordered::array()), expires)) {
      return {400, "check_policies"};
    }
    ApiKey row;
    row.id = last_id + 1;
    row.mode = KeyMode::all;
    row.user_id = caller_.user;
    row.created_at = row.updated_at = now;
    if (!set_fields(sent, row)) return {400, "insert_key"};
    if (body.value("hashed", Ordered()) == true) row.key_hash = "";
    return {200, "", {row.id}, row};
  }

  // Section 14.

  std::string rejecting_update_step(const Sent& sent) const {
    const Ordered& body = sent.body;
    if (sent.id.empty()) return "require_id";
    if (!is_digits(sent.id) && !is_uuid(sent.id)) return "require_id_form_of_update";
    if (std::string step = rejecting_date_step(sent); !step.empty()) return step;
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

  Outcome update(const Sent& sent) {
    if (auto rejection = reject_body(sent)) return *rejection;
    if (std::string step = rejecting_update_step(sent); !step.empty()) return {400, step};
    // As a JavaScript number. Numbers above bigint fail, other unknown ones are 404.
    bool is_out_of_range =
        is_digits(sent.id) && std::strtod(sent.id.c_str(), nullptr) >= 9223372036854775808.0;
    if (is_out_of_range) return {500, "find_key_to_update"};
    const ApiKey* found = is_digits(sent.id) ? find_own(sent.id, caller_.user) : nullptr;
    if (is_uuid(sent.id)) found = find_by_secret(sent.id);
    if (found == nullptr || found->user_id != caller_.user || (is_uuid(sent.id) && !found->key)) {
      return {404, "find_key_to_update"};
    }
    ApiKey row = *found;
    std::vector<std::string> orgs = sent.body.value("limited_to_orgs", Ordered::array());
    bool has_date = sent.body.contains("expires_at");
    if (!orgs.empty() || has_date) {
      std::optional<Time> expires = has_date ? std::nullopt : row.expires_at;
      if (sent.date) expires = sent.date->to_javascript;
      if (orgs.empty()) orgs = row.limited_to_orgs.value_or(orgs);
      if (breaks_policy(orgs, expires)) return {400, "check_changed_policies"};
    }
    if (!set_fields(sent, row)) return {500, "save_changes"};
    if (row.name.empty()) row.name = "Apikey " + std::to_string(row.id);
    row.updated_at = now;
    keys[row.id] = row;
    if (!sent.body.value("regenerate", false)) return {200, "", {row.id}};
    bool can_write = row.mode == KeyMode::all || row.mode == KeyMode::write;
    if (caller_.reader && caller_.reader->id == row.id && !can_write) {
      return {500, "require_mode_to_regenerate"};
    }
    return {200, "", {row.id}, row};
  }

  std::map<std::string, Window> failures_;
  std::map<int64_t, Window> used_;
  Caller caller_;
};

}  // namespace deployed_model
