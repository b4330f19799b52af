#pragma once

#include <algorithm>
#include <cctype>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/message.h"
#include "json/value.h"

/// The rules of the documented contract once more, written from its page and sharing no code with
/// the program, as short as they can be said. Only for tests.
namespace documented_model {

using json::Ordered;

/// Microseconds since 1970, UTC.
using Moment = int64_t;
inline constexpr Moment kSecond = 1'000'000;
inline constexpr Moment kDay = 86'400 * kSecond;

/// What the moment lies behind the whole unit before it, before 1970 too.
inline Moment beyond(Moment moment, Moment unit) { return ((moment % unit) + unit) % unit; }

inline Moment round_down(Moment moment) { return moment - beyond(moment, kSecond); }
inline Moment round_up(Moment moment) { return round_down(moment + kSecond - 1); }

/// The moment as `YYYY-MM-DDTHH:MM:SS`; fractions are cut off.
inline std::string local_text(Moment moment) {
  using namespace std::chrono;
  sys_time<microseconds> time{microseconds{moment}};
  year_month_day day{floor<days>(time)};
  int64_t second = beyond(moment, kDay) / kSecond;
  char text[64];
  std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d", int(day.year()),
                unsigned(day.month()), unsigned(day.day()), int(second / 3600),
                int(second / 60 % 60), int(second % 60));
  return text;
}

inline std::string exact_text(Moment moment) {
  char fraction[32];
  std::snprintf(fraction, sizeof fraction, ".%06dZ", int(beyond(moment, kSecond)));
  return local_text(moment) + fraction;
}

struct Key {
  int64_t id = 0;
  std::string secret;
  bool is_hashed = false;
  std::string mode;
  std::string name;
  std::string user;
  Moment created = 0;
  Moment updated = 0;
  std::optional<Moment> expires;
  std::vector<std::string> apps;
  std::vector<std::string> orgs;
};

/// Section 3, "managing keys".
inline bool may_manage(const Key& key) {
  return key.mode == "all" && key.apps.empty() && key.orgs.empty();
}

struct Org {
  std::string id;
  /// Nothing: everybody.
  std::optional<std::vector<std::string>> members;
  bool wants_date = false;
  std::optional<int64_t> most_days;
};

/// A request, with what only its maker knows for certain.
struct Asked {
  http::Request request;
  /// The body as an object, if it is JSON and one.
  std::optional<Ordered> object;
  /// The moment its `expires_at` says, if it says one.
  std::optional<Moment> date;
};

struct Answer {
  int status = 200;
  std::string body;
  /// Which rule of the page gave this answer, for counting.
  std::string rule;
  /// For what may pass later.
  std::optional<Moment> retry_at;
  /// The key that is made, its secret unknown.
  std::optional<Key> made;
};

inline Answer refuse(std::string rule, int status, const std::string& error) {
  return {status, R"({"error":")" + error + R"(","status":"KO"})", std::move(rule), {}, {}};
}

inline constexpr bool kListed = true;
inline constexpr bool kCreated = false;

/// A key as an answer shows it. (section 4)
inline Ordered shown(const Key& key, bool is_listed) {
  Ordered item;
  item["id"] = key.id;
  item["key"] = is_listed && key.is_hashed ? Ordered() : Ordered(key.secret);
  item["mode"] = key.mode;
  item["name"] = key.name;
  item["created_at"] = local_text(key.created) + "Z";
  if (is_listed) item["updated_at"] = local_text(key.updated) + "Z";
  item["user_id"] = key.user;
  if (!key.apps.empty()) item["limited_to_apps"] = key.apps;
  if (!key.orgs.empty()) item["limited_to_orgs"] = key.orgs;
  if (key.expires) item["expires_at"] = local_text(*key.expires) + "Z";
  return item;
}

/// What a request asks for: `GET`, `POST`, `DELETE`, `OPTIONS`, or nothing the contract has; and
/// the id that stands in its path. (sections 1 and 12, "HTTP surface")
struct Route {
  std::string endpoint;
  std::string id;
};

inline bool is_hex(char letter) { return std::isxdigit(static_cast<unsigned char>(letter)) != 0; }

inline std::string undo_percents(const std::string& text) {
  std::string decoded;
  for (size_t i = 0; i < text.size(); ++i) {
    bool is_escape =
        text[i] == '%' && i + 2 < text.size() && is_hex(text[i + 1]) && is_hex(text[i + 2]);
    decoded +=
        is_escape ? static_cast<char>(std::stoi(text.substr(i + 1, 2), nullptr, 16)) : text[i];
    if (is_escape) i += 2;
  }
  return decoded;
}

inline Route route_of(const http::Request& request) {
  std::string path = request.target.substr(0, request.target.find('?'));
  std::string method = request.method == "HEAD" ? "GET" : request.method;
  if (method == "OPTIONS") return {path.starts_with("/apikey") ? "OPTIONS" : "", ""};
  if (method != "DELETE") {
    bool is_collection = path == "/apikey" || path == "/apikey/";
    return {is_collection && (method == "GET" || method == "POST") ? method : "", ""};
  }
  if (!path.starts_with("/apikey/")) return {};
  std::string id = path.substr(8);
  if (id.ends_with('/')) id.pop_back();
  if (id.empty() || id.find('/') != std::string::npos) return {};
  return {"DELETE", undo_percents(id)};
}

/// Section 12, "which headers": empty for none.
inline std::string secret_of(const http::Headers& headers) {
  const std::string* authorization = headers.find("authorization");
  if (authorization != nullptr && !authorization->empty()) return *authorization;
  const std::string* key = headers.find("capgkey");
  if (key == nullptr) key = headers.find("x-api-key");
  return key == nullptr ? "" : *key;
}

inline bool is_number(std::string_view id) {
  return id.find_first_not_of("0123456789") == std::string_view::npos;
}

inline bool has_uuid_shape(std::string_view id) {
  if (id.size() != 36) return false;
  for (size_t i = 0; i < id.size(); ++i) {
    bool is_dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (is_dash ? id[i] != '-' : !is_hex(id[i])) return false;
  }
  return true;
}

/// The world, and what it answers.
class Model {
 public:
  Moment now = 0;
  std::vector<Org> orgs;
  /// All that were not deleted, those that were cleaned up too.
  std::map<int64_t, Key> keys;
  int64_t last_id = 0;
  std::optional<int64_t> rate_limit;
  /// Of keys that were deleted.
  std::vector<std::string> dead_secrets;

  /// Section 12, "30-day clean-up".
  bool is_gone(const Key& key) const { return key.expires && now > *key.expires + 30 * kDay; }
  bool is_expired(const Key& key) const { return key.expires && now > *key.expires; }

  Answer answer(const Asked& asked) {
    Route route = route_of(asked.request);
    if (route.endpoint.empty()) return refuse("route", 404, "Not found");
    if (route.endpoint == "OPTIONS") return {204, "", "preflight", {}, {}};
    Key* caller = find_by_secret(secret_of(asked.request.headers));
    std::optional<Answer> refusal = refuse_caller(secret_of(asked.request.headers), caller);
    if (refusal) refusal->rule = route.endpoint + " " + refusal->rule;
    if (refusal) return *refusal;
    if (route.endpoint == "GET") return list(*caller);
    return route.endpoint == "POST" ? create(asked, *caller) : remove(route.id, *caller);
  }

  /// Keeps the key that was made, now that its secret is known; gives the answer's body.
  std::string keep(Key key, const std::string& secret) {
    key.secret = secret;
    last_id = key.id;
    keys[key.id] = key;
    return "{\"apikey\":" + shown(key, kCreated).dump() + "}";
  }

 private:
  struct Window {
    Moment ends = 0;
    int64_t count = 0;
  };

  Key* find_by_secret(const std::string& secret) {
    for (auto& entry : keys) {
      if (entry.second.secret == secret) return &entry.second;
    }
    return nullptr;
  }

  /// Section 13, 1 to 4.
  std::optional<Answer> refuse_caller(const std::string& secret, const Key* caller) {
    auto unknown = [](std::string_view why) {
      return refuse("401 " + std::string(why), 401, "Invalid API key");
    };
    if (secret.empty()) return unknown("missing");
    if (secret.starts_with("Bearer ")) return unknown("Bearer");
    if (secret.starts_with("eyJ")) return unknown("JWT");
    if (caller == nullptr) return unknown("unknown");
    if (is_gone(*caller)) return unknown("cleaned up");
    const std::string order = may_manage(*caller) ? "" : " before 403";
    if (is_expired(*caller)) return refuse("401 expired" + order, 401, "API key has expired");
    if (auto refusal = limit_rate(*caller)) return refusal;
    const std::string permission = "Insufficient permissions to manage API keys";
    if (caller->mode != "all") return refuse("403 mode", 403, permission);
    if (!caller->apps.empty()) return refuse("403 apps", 403, permission);
    if (!caller->orgs.empty()) return refuse("403 orgs", 403, permission);
    return std::nullopt;
  }

  /// Section 12, "which number".
  std::optional<Answer> limit_rate(const Key& caller) {
    if (!rate_limit) return std::nullopt;
    Window& window = windows_[caller.id];
    if (now >= window.ends) window = {now + 60 * kSecond, 0};
    if (++window.count <= *rate_limit) return std::nullopt;
    Answer refusal =
        refuse(may_manage(caller) ? "429" : "429 before 403", 429, "Too many requests");
    refusal.retry_at = window.ends;
    return refusal;
  }

  Answer list(const Key& caller) const {
    Ordered items = Ordered::array();
    for (const auto& entry : keys) {
      const Key& key = entry.second;
      if (key.user == caller.user && !is_gone(key)) items.push_back(shown(key, kListed));
    }
    std::string rule = now == caller.expires ? "GET at expires_at" : "GET";
    return {200, "{\"data\":" + items.dump() + "}", rule, {}, {}};
  }

  Answer remove(const std::string& id, const Key& caller) {
    if (!is_number(id) && !has_uuid_shape(id)) {
      return refuse("DELETE id form", 400, "API key ID must be a valid UUID or number");
    }
    auto missing = [](std::string rule) {
      return refuse(std::move(rule), 404, "API key not found");
    };
    if (!is_number(id)) return missing("DELETE UUID");
    std::string digits = id.substr(std::min(id.find_first_not_of('0'), id.size()));
    for (auto& entry : keys) {
      const Key& key = entry.second;
      if (std::to_string(key.id) != digits) continue;
      if (is_gone(key)) return missing("DELETE cleaned up");
      if (key.user != caller.user) return missing("DELETE of another user");
      std::string rule = key.id == caller.id ? "DELETE itself"
                         : is_expired(key)   ? "DELETE expired"
                                             : "DELETE";
      dead_secrets.push_back(key.secret);
      keys.erase(entry.first);
      return {200, R"({"success":true})", rule, {}, {}};
    }
    return missing("DELETE no such key");
  }

  Answer create(const Asked& asked, const Key& caller) const;
  std::optional<Answer> refuse_fields(const Asked& asked) const;
  std::optional<Answer> refuse_by_policy(const Key& key) const;

  std::map<int64_t, Window> windows_;
};

/// Whether every item of a limit is a string, if it is there and an array.
inline bool has_text_items(const Ordered& body, const char* field) {
  if (!body.contains(field)) return true;
  for (const Ordered& item : body[field]) {
    if (!item.is_string()) return false;
  }
  return true;
}

/// Section 13, POST, 5 to 9.
inline std::optional<Answer> Model::refuse_fields(const Asked& asked) const {
  auto refuse_400 = [](const char* rule, const char* error) {
    return refuse(std::string("POST ") + rule, 400, error);
  };
  if (!asked.object) return refuse_400("no object", "Invalid JSON body");
  const Ordered& body = *asked.object;
  auto is_there = [&](const char* field) { return body.contains(field); };
  const char* const apps_error = "limited_to_apps must be an array of app ids";
  const char* const orgs_error = "limited_to_orgs must be an array of org ids";
  if (is_there("limited_to_apps") && !body["limited_to_apps"].is_array())
    return refuse_400("apps", apps_error);
  if (is_there("limited_to_orgs") && !body["limited_to_orgs"].is_array())
    return refuse_400("orgs", orgs_error);
  if (!has_text_items(body, "limited_to_apps")) return refuse_400("items of apps", apps_error);
  if (!has_text_items(body, "limited_to_orgs")) return refuse_400("items of orgs", orgs_error);

  if (!is_there("name") || body["name"].is_null() || body["name"] == "")
    return refuse_400("no name", "Name is required");
  if (!body["name"].is_string()) return refuse_400("name", "Name must be a string");

  Ordered mode = is_there("mode") ? body["mode"] : Ordered();
  if (mode != "read" && mode != "write" && mode != "upload" && mode != "all")
    return refuse_400("mode", "Invalid mode specified. Must be one of: read, write, upload, all");

  if (is_there("hashed") && !body["hashed"].is_boolean())
    return refuse_400("hashed type", "hashed must be a boolean");
  if (!is_there("expires_at") || body["expires_at"].is_null()) return std::nullopt;
  if (!asked.date) return refuse_400("date form", "Invalid expiration date format");
  if (*asked.date <= now) return refuse_400("past", "Expiration date must be in the future");
  return std::nullopt;
}

/// Section 13, POST, 10.
inline std::optional<Answer> Model::refuse_by_policy(const Key& key) const {
  for (const std::string& id : key.orgs) {
    for (const Org& org : orgs) {
      if (org.id != id) continue;
      if (org.members &&
          std::find(org.members->begin(), org.members->end(), key.user) == org.members->end()) {
        continue;
      }
      if (org.wants_date && !key.expires) {
        return refuse("POST date required", 400,
                      "Organization policy requires an expiration date for API keys");
      }
      if (org.most_days && key.expires && *key.expires > now + *org.most_days * kDay) {
        return refuse("POST beyond maximum", 400,
                      "Expiration date exceeds organization maximum of " +
                          std::to_string(*org.most_days) + " days");
      }
    }
  }
  return std::nullopt;
}

inline Answer Model::create(const Asked& asked, const Key& caller) const {
  if (auto refusal = refuse_fields(asked)) return *refusal;
  const Ordered& body = *asked.object;
  Key key;
  key.id = last_id + 1;
  key.is_hashed = body.value("hashed", false);
  key.mode = body["mode"].get<std::string>();
  key.name = body["name"].get<std::string>();
  key.user = caller.user;
  key.created = key.updated = now;
  if (body.contains("expires_at") && !body["expires_at"].is_null()) key.expires = asked.date;
  key.apps = body.value("limited_to_apps", key.apps);
  key.orgs = body.value("limited_to_orgs", key.orgs);
  if (auto refusal = refuse_by_policy(key)) return *refusal;
  std::string rule = key.is_hashed ? "POST hashed" : "POST";
  return {200, "", rule, {}, key};
}

}  // namespace documented_model
