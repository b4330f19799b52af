#include <doctest/doctest.h>

#include <algorithm>

#include "contract/model.h"

// The documented contract compared with a model of its page: random states and requests. Sections
// are those of contract/documented.md.

namespace {

using namespace model;

const std::vector<std::string> kUsers = {"user_123", "user_456"};

/// A request, and its meaning.
struct Sent {
  http::Request request;
  /// `GET`, `POST`, `DELETE` or `OPTIONS`; empty for an unknown path or method.
  std::string endpoint = {};
  /// The secret in the first header of the precedence; empty for none.
  std::string secret = {};
  /// The id in the path, decoded.
  std::string id = {};
  /// The body, if it is a JSON object.
  std::optional<Ordered> object = {};
  /// The time in `expires_at`, if it is valid.
  std::optional<Time> date = {};
};

class Model : public State {
 public:
  Outcome respond(const Sent& sent) {
    if (sent.endpoint.empty()) return {404, "find_endpoint"};
    if (sent.endpoint == "OPTIONS") return {204};
    clean_up();
    const ApiKey* caller = find_by_secret(sent.secret);
    if (auto rejection = reject_caller(caller)) return *rejection;
    if (sent.endpoint == "GET") return {200, "", ids_of(caller->user_id)};
    if (sent.endpoint == "POST") return create(sent, caller->user_id);
    if (!is_digits(sent.id) && !is_uuid(sent.id)) return {400, "require_id_form"};
    const ApiKey* key = find_own(sent.id, caller->user_id);
    if (key == nullptr) return {404, "find_own_key"};
    erase(key->id);
    return {};
  }

 private:
  struct Window {
    Time ends{};
    int64_t count = 0;
  };

  /// Section 12, "30-day clean-up".
  void clean_up() {
    for (const ApiKey& key : snapshot().keys) {
      if (key.expires_at && now > *key.expires_at + 30 * kDay) erase(key.id);
    }
  }

  /// Section 13, 1 to 4.
  std::optional<Outcome> reject_caller(const ApiKey* caller) {
    if (caller == nullptr) return Outcome{401, "authenticate"};
    if (caller->expires_at && now > *caller->expires_at) return Outcome{401, "authenticate"};
    Window& window = windows_[caller->id];
    if (now >= window.ends) window = {now + seconds(60), 0};
    if (rate_limit && ++window.count > *rate_limit) return Outcome{429, "limit_rate"};
    if (caller->mode != KeyMode::all) return Outcome{403, "require_mode_all"};
    if (caller->is_limited()) return Outcome{403, "require_unlimited_caller"};
    return std::nullopt;
  }

  /// Returns the step that rejects; empty for none. (section 13, POST, 5 to 9)
  std::string rejecting_step(const Sent& sent) const {
    if (!sent.object) return "read_body";
    auto field = [&](const char* name) { return sent.object->value(name, Ordered()); };
    auto is_given = [&](const char* name) { return sent.object->contains(name); };
    Ordered apps = is_given("limited_to_apps") ? field("limited_to_apps") : Ordered::array();
    Ordered orgs = is_given("limited_to_orgs") ? field("limited_to_orgs") : Ordered::array();
    if (!apps.is_array()) return "require_limited_to_apps_array";
    if (!orgs.is_array()) return "require_limited_to_orgs_array";
    if (!are_strings(apps)) return "read_limited_to_apps";
    if (!are_strings(orgs)) return "read_limited_to_orgs";
    if (field("name").is_null() || field("name") == "") return "require_name";
    if (!field("name").is_string()) return "read_name";
    if (!is_mode(field("mode"))) return "read_mode";
    if (is_given("hashed") && !field("hashed").is_boolean()) return "read_hashed";
    if (field("expires_at").is_null()) return "";
    if (!sent.date) return "read_expiration";
    return *sent.date <= now ? "require_future_expiration" : "";
  }

  /// Section 13, POST, 10.
  bool breaks_policy(const ApiKey& key) const {
    return std::ranges::any_of(rest.orgs, [&](const capgo::Org& org) {
      if (!has(*key.limited_to_orgs, org.id)) return false;
      if (!is_member(org, key.user_id)) return false;
      if (!key.expires_at) return org.require_apikey_expiration;
      return org.max_apikey_expiration_days &&
             *key.expires_at > now + *org.max_apikey_expiration_days * kDay;
    });
  }

  Outcome create(const Sent& sent, const std::string& user) const {
    if (std::string step = rejecting_step(sent); !step.empty()) return {400, step};
    const Ordered& body = *sent.object;
    ApiKey key;
    key.id = last_id + 1;
    if (body.value("hashed", false)) key.key_hash = "";
    key.mode = *base::parse_name<capgo::KeyMode>(body["mode"].get<std::string>());
    key.name = body["name"];
    key.user_id = user;
    key.created_at = key.updated_at = now;
    if (!body.value("expires_at", Ordered()).is_null()) key.expires_at = sent.date;
    key.limited_to_apps = body.value("limited_to_apps", std::vector<std::string>{});
    key.limited_to_orgs = body.value("limited_to_orgs", std::vector<std::string>{});
    if (breaks_policy(key)) return {400, "check_policies"};
    return {200, "", {key.id}, key};
  }

  std::map<int64_t, Window> windows_;
};

/// Returns a duration at which a key, a policy or the clean-up may change the outcome.
microseconds some_duration(Random& random) {
  static const std::vector<int> kDays = {0, 1, 7, 30, 31, 60, 90, 90, 27'000};
  static const std::vector<microseconds> kNudges = {seconds(-1), microseconds(-1), seconds(0),
                                                    seconds(0),  microseconds(1),  milliseconds(1)};
  return random.pick(kDays) * kDay + random.pick(kNudges);
}

/// Returns orgs, and keys of two users; each user has one that can manage keys.
Model make_model(Random& random) {
  Model model;
  auto days = [&] { return random.pick(std::vector<int64_t>{1, 7, 30, 31, 90}); };
  model.rest.orgs = {{"org_free", "", {}, false, {}, true},
                     {"org_date", "", {}, true, {}, false},
                     {"org_max", "", {}, false, days(), false},
                     {"org_both", "", {{{kUsers[0]}, {kUsers[1]}}}, true, days(), false},
                     {"org_members", "", {{{kUsers[1]}}}, random.chance(50), days(), false},
                     {"org_hidden", "", std::vector<capgo::Member>{}, true, 1, false}};
  for (const std::string& user : kUsers) model.add(model.last_id + 1, "ak_" + user, user);
  for (size_t left = 3 + random.below(8); left > 0; --left) {
    int64_t id = model.last_id + 1 + static_cast<int64_t>(random.below(3));
    ApiKey& key = model.add(id, "ak_" + std::to_string(id), random.pick(kUsers));
    if (random.chance(30)) model.set_secret(key, *key.key, true);
    if (random.chance(50))
      key.mode = random.pick(std::vector{KeyMode::read, KeyMode::upload, KeyMode::write});
    if (random.chance(60)) {
      key.expires_at = model.now + (random.chance(50) ? 1 : -1) * some_duration(random);
    }
    if (random.chance(15)) key.limited_to_apps = {"com.demo.app", "com.demo.app"};
    if (random.chance(15)) key.limited_to_orgs = {"org_date"};
  }
  if (random.chance(50)) model.rate_limit = 1 + static_cast<int64_t>(random.below(4));
  return model;
}

const std::vector<Ordered> kNames =
    parse_array(R"(["CI"," ","k\"\\/","Schl\u00fcssel \u2028 \ud83d\udd11","a\u0000b"])");
const std::vector<Ordered> kApps = parse_array(R"([[],["com.demo.app"],["b","a","b",""]])");
const std::vector<Ordered> kInvalidLists =
    parse_array(R"([null,"org",{},5,[1],["a",null],[["a"]]])");
const std::map<std::string, std::vector<Ordered>> kInvalidValues = {
    {"limited_to_apps", kInvalidLists},
    {"limited_to_orgs", kInvalidLists},
    {"name", parse_array(R"([null,"",0,5,true,false,[],["a"],{}])")},
    {"mode", parse_array(R"([null,"","ALL"," all",0,true,["all"],{}])")},
    {"hashed", parse_array(R"([null,"true",0,1,[]])")},
    {"expires_at", parse_array(R"(["","never","2099","2099-1-1","2099-02-29","2099-01-01T24:01",
                               "2099-01-01 12:00"," 2099-01-01","Jan 1 2099",0,true,[],{}])")}};

/// Generates requests, most of which pass many steps.
class Requests {
 public:
  Requests(Random& random, const Model& model) : random_(random), model_(model) {}

  Sent next() {
    Sent sent;
    size_t kind = random_.below(100);
    std::string collection = random_.pick({"/apikey", "/apikey/", "/apikey/?mode=x"});
    if (kind < 20) {
      sent = {{random_.chance(85) ? "GET" : "HEAD", collection, {}, ""}, "GET"};
    } else if (kind < 74) {
      sent = create();
      sent.request.method = sent.endpoint = "POST";
      sent.request.target = collection;
    } else if (kind < 94) {
      auto [encoded, id] = some_path_id(random_, model_);
      sent.request = {"DELETE", "/apikey/" + encoded + random_.pick({"", "/", "?id=1"}), {}, ""};
      sent.endpoint = "DELETE";
      sent.id = id;
    } else if (kind < 96) {
      sent = {{"OPTIONS", random_.pick({"/apikey", "/apikeys", "/apikey/1/x"}), {}, ""}, "OPTIONS"};
    } else {
      sent.request.method = random_.pick({"GET", "PUT", "PATCH", "DELETE"});
      sent.request.target = random_.pick({"/apikey//", "/apikeys", "/APIKEY", "/apikey/1/x"});
    }
    add_credentials(sent);
    return sent;
  }

 private:
  std::string invalid_secret() {
    std::string known = random_.pick(model_.secrets).second;
    if (!model_.old_secrets.empty() && random_.chance(40)) return random_.pick(model_.old_secrets);
    return random_.pick(std::vector{"Bearer " + known, "AK" + known.substr(2), known + "x",
                                    base::sha256_hex(known)});
  }

  /// Often uses the same key as the previous request, so that rate limits are reached.
  void add_credentials(Sent& sent) {
    size_t kind = random_.below(100);
    auto can_manage = [&](const ApiKey& key) {
      bool is_past = key.expires_at && *key.expires_at < model_.now;
      return key.mode == KeyMode::all && !key.is_limited() && !is_past;
    };
    if (kind < 65) last_secret_ = some_secret(random_, model_, can_manage);
    if (kind >= 65 && kind < 73) last_secret_ = invalid_secret();
    sent.secret = last_secret_;
    http::Headers& headers = sent.request.headers;
    size_t form = random_.below(8);
    if (form == 0) headers = {{"X-Api-Key", sent.secret}, {"authorization", ""}};
    if (form == 1) headers = {{"x-api-key", "ak_none"}, {"capgkey", sent.secret}};
    if (form == 2) headers = {{"x-api-key", sent.secret}, {"capgkey", ""}};
    if (form == 3) headers = {{"capgkey", "ak_none"}, {"X-Limited-Key-Id", "3"}};
    if (form > 2) headers.add(random_.pick({"authorization", "Authorization"}), sent.secret);
    // An empty capgkey is used.
    if (form == 2) sent.secret.clear();
  }

  /// Generates valid members, and then makes some invalid.
  Sent create() {
    Sent sent;
    if (random_.chance(4)) {
      sent.request.body = random_.pick({"", " ", "null", "[]", "5", "{", "{'name':1}"});
      return sent;
    }
    Ordered body = {{"name", random_.pick(kNames)},
                    {"mode", random_.pick({"all", "all", "read", "write", "upload"})}};
    if (random_.chance(20)) body["limited_to_apps"] = random_.pick(kApps);
    if (random_.chance(40)) body["limited_to_orgs"] = some_orgs();
    if (random_.chance(30)) body["hashed"] = random_.chance(80);
    if (random_.chance(50)) add_date(sent, body);
    if (random_.chance(10)) body["expires_at"] = nullptr;
    if (random_.chance(20)) body.update({{"org_id", "org_date"}, {"id", 1}, {"key", "ak_mine"}});
    while (random_.chance(25)) break_member(sent, body);
    std::string& json = sent.request.body = body.dump();
    // The last of duplicate members is used.
    if (body.contains("name") && random_.chance(10)) json.insert(1, R"("name":5,)");
    sent.object = body;
    return sent;
  }

  std::vector<std::string> some_orgs() {
    auto org = [&] {
      return random_.pick({"org_free", "org_date", "org_max", "org_both", "org_members",
                           "org_hidden", "org_unknown", "ORG_DATE", ""});
    };
    return random_.chance(50) ? std::vector{org()} : std::vector{org(), org()};
  }

  void add_date(Sent& sent, Ordered& body) {
    Time time = model_.now + (random_.chance(85) ? 1 : -1) * some_duration(random_);
    sent.date = time;
    bool has_offset = random_.chance(30);
    std::string text =
        base::format_time_with_fraction(has_offset ? time - std::chrono::minutes(90) : time);
    text.pop_back();
    body["expires_at"] = text + (has_offset ? "-01:30" : random_.pick({"", "Z"}));
  }

  /// Makes one member invalid, or removes it.
  void break_member(Sent& sent, Ordered& body) {
    auto [field, values] = random_.pick(kInvalidValues);
    body[field] = random_.pick(values);
    if (field == "expires_at") sent.date.reset();
    if ((field == "name" || field == "mode") && random_.chance(30)) body.erase(field);
  }

  Random& random_;
  const Model& model_;
  std::string last_secret_;
};

}  // namespace

TEST_CASE("random requests get the responses of the documented contract") {
  run_rounds<Model, Requests>(contract::kDocumented, make_model);
}
