#include "contract/deployed_2026_02/model.h"

#include <tuple>

#include "base/ids.h"
#include "contract/catalog.h"

// The contract deployed-2026-02 compared with a model of its page: random states and requests.

namespace {

using namespace deployed_model;

const std::string kUser = "00000000-0000-4000-8000-000000000123";
const std::string kOtherUser = "00000000-0000-4000-8000-000000000456";
const std::string kOpenOrg = "0a000000-0000-4000-8000-00000000000a";
const std::string kStrictOrg = "0b000000-0000-4000-8000-00000000000b";
const std::string kOthersOrg = "0c000000-0000-4000-8000-00000000000c";
const std::string kMonthOrg = "0d000000-0000-4000-8000-00000000000d";
const std::string kDatedOrg = "0e000000-0000-4000-8000-00000000000e";

/// `{"sub": ...}` in base64url, for the two users and a third one without keys.
const std::vector<std::pair<std::string, std::string>> kClaims = {
    {kUser, "eyJzdWIiOiIwMDAwMDAwMC0wMDAwLTQwMDAtODAwMC0wMDAwMDAwMDAxMjMifQ"},
    {kOtherUser, "eyJzdWIiOiIwMDAwMDAwMC0wMDAwLTQwMDAtODAwMC0wMDAwMDAwMDA0NTYifQ"},
    {"00000000-0000-4000-8000-000000000789",
     "eyJzdWIiOiIwMDAwMDAwMC0wMDAwLTQwMDAtODAwMC0wMDAwMDAwMDA3ODkifQ"}};

/// Returns keys of two users, plain and hashed, with all modes and limits.
Model make_model(Random& random) {
  Model model;
  model.rest.orgs = {{kOpenOrg, "", {}, false, {}, false},
                     {kStrictOrg, "", {{{kUser}}}, true, 90, true},
                     {kOthersOrg, "", {{{kOtherUser}}}, true, 10, false},
                     {kMonthOrg, "", {}, false, 30, true},
                     {kDatedOrg, "", {{{kUser}, {kClaims[2].first}}}, true, 0, false}};
  model.rest.apps = {{"a0000000-0000-4000-8000-00000000000a", "com.demo.app", kOpenOrg},
                     {"b0000000-0000-4000-8000-00000000000b", "com.strict.app", kStrictOrg},
                     {"c0000000-0000-4000-8000-00000000000c", "com.other.app", kOthersOrg}};
  base::Random uuids(random.below(1000));
  int64_t id = 0;
  auto add = [&](const std::string& user = kUser) -> ApiKey& {
    id += 1 + static_cast<int64_t>(random.below(2));
    ApiKey& key = model.add(id, uuids.uuid(), user);
    key.rbac_id = uuids.uuid();
    if (random.chance(20)) model.set_secret(key, *key.key, true);
    return key;
  };
  add();
  add();
  add(kOtherUser);
  for (KeyMode mode : {KeyMode::read, KeyMode::upload, KeyMode::write}) add().mode = mode;
  add().limited_to_orgs = {kOpenOrg};
  add().limited_to_apps = {"com.demo.app"};
  add().limited_to_orgs = {kStrictOrg, kMonthOrg};
  add().limited_to_apps = {"com.strict.app", "com.month.app"};
  ApiKey& two_limits = add();
  two_limits.limited_to_orgs = {kStrictOrg};
  two_limits.limited_to_apps = {"com.demo.app"};
  add().limited_to_orgs.reset();
  add(kOtherUser).limited_to_orgs = {kOthersOrg};
  add().expires_at = model.now - milliseconds(1);
  // The service compares whole milliseconds, so these keys are valid half a millisecond longer.
  for (int i = 0; i < 3; ++i) add().expires_at = model.now + seconds(30 * i) + microseconds(500);
  model.set_secret(add(), "ak_no_uuid", false);
  model.rate_limit = random.pick(std::vector<std::optional<int64_t>>{std::nullopt, 4, 9});
  return model;
}

using Values = std::vector<Ordered>;

const Values kValidNames = parse_array(R"(["CI"," ","Zo\u00eb \"q\" \\ \n \u007f \ud83d\ude00"])");
/// Valid on create, but not on update.
const Values kNonStringNames = parse_array(R"([123,true,[],{"b":1,"a":[null,"x"]}])");
const Values kInvalidNames = parse_array(R"([null,"",0,false])");
const Values kNulNames = parse_array(R"(["a\u0000b"])");
const Values kValidModes = parse_array(R"(["all","read","write","upload"])");
const Values kInvalidModes = parse_array(R"(["",0,false,"ALL"," all",5,true,["all"],{},null])");
const Values kValidApps = parse_array(R"([[],["com.demo.app"],["","com.demo.app",""]])");
const Values kNulApps = parse_array(R"([["a","a\u0000b"]])");
const Values kInvalidLists = parse_array(R"([null,5,{},true,"","a",[1],["",null],[["a"]]])");
const Values kInvalidOrgLists = parse_array(R"([["acme"],[""]])");
/// For org_id and app_id: unknown or ignored.
const Values kInvalidIds = parse_array(R"(["acme",5,true,{},null,"",0])");
const Values kSwitches = parse_array(R"([true,true,false,"true",1,null])");
/// Strings and falsy values are valid.
const Values kDevices = parse_array(R"(["Device",null,0,"",5,true,{}])");

/// The dates of section 9.
std::vector<std::pair<Ordered, Date>> dates() {
  auto at = [](const char* text) { return base::parse_extended_time(text); };
  std::vector<std::pair<Ordered, Date>> all;
  auto add = [&](const char* values, std::optional<Time> javascript, std::optional<Time> database) {
    for (const Ordered& value : parse_array(values)) all.push_back({value, {javascript, database}});
  };
  auto start = at("2099-01-01");
  add(R"(["2099-01-01T00:00:00Z","2099-01-01","2099-01-01T00:00","2099-1-1"," 2099-01-01 ",
          "Jan 1 2099",["2099-01-01"],"2099-01-01T02:00:00+02:00"])",
      start, start);
  add(R"(["2099-01-01T00:00:00.123456789Z"])", *start + milliseconds(123),
      *start + microseconds(123'457));
  add(R"(["2099-01-01T24:00:00Z"])", at("2099-01-02"), at("2099-01-02"));
  add(R"(["99999-01-01"])", at("99999-01-01"), at("99999-01-01"));
  add(R"(["","zz","tomorrow","infinity","4102444800000","2099-W01-1",{},[]])", {}, {});
  add(R"(["2020-01-01",0,false,true])", Time{}, {});
  // Only JavaScript accepts these.
  add(R"(["2099","2099-06","2099-02-30",4102444800000,"2099","2099-06"])", start, {});
  return all;
}

/// Generates requests, most of them valid.
class Requests {
 public:
  Requests(Random& random, const Model& model) : random_(random), model_(model) {}

  Sent next() {
    sent_ = {};
    percent_invalid_ = random_.chance(20) ? 60 : 4;
    if (attack_ == 0 && random_.below(250) == 0) attack_ = 40;
    add_address();
    add_credential();
    choose_route();
    if (attack_ > 0) --attack_;
    return sent_;
  }

 private:
  void header(const std::string& name, const std::string& value) {
    sent_.request.headers.add(name, value);
  }

  /// During an attack, all requests have the same address.
  void add_address() {
    if (attack_ == 0 && random_.chance(30)) return;
    sent_.ip = attack_ > 0 ? "10.9.9.9" : "10.0.0." + std::to_string(random_.below(3));
    size_t kind = random_.below(3);
    if (kind == 0) header("cf-connecting-ip", *sent_.ip);
    if (kind < 2) header("x-forwarded-for", kind == 0 ? "10.7.7.7" : *sent_.ip + ", 10.9.9.8");
    header("x-real-ip", kind < 2 ? "10.7.7.8" : *sent_.ip);
  }

  void add_credential() {
    auto can_manage = [&](const ApiKey& key) {
      return key.mode == KeyMode::all && !key.is_limited_to_orgs() && !model_.is_expired(key);
    };
    std::string secret = some_secret(random_, model_, can_manage);
    if (random_.chance(3) && !model_.old_secrets.empty()) {
      sent_.secret = random_.pick(model_.old_secrets);
      return header("x-api-key", sent_.secret);
    }
    if (random_.below(attack_ > 1 ? 20 : 15) == 0) return add_jwt();
    if (attack_ > 1 || random_.chance(6)) return add_invalid_credential(secret);
    sent_.secret = secret;
    size_t way = random_.below(6);
    if (way < 3 && is_uuid(secret)) {
      header(way == 1 ? "x-api-key" : "capgkey", "other");
      header("authorization", secret);
    } else {
      header("authorization", "");
      if (way == 5) header("x-api-key", "other");
      header(way == 5 ? "capgkey" : "x-api-key", secret);
    }
    if (random_.chance(15)) add_subkey();
  }

  void add_invalid_credential(const std::string& secret) {
    size_t kind = random_.below(5);
    if (kind == 0) return;
    if (kind == 1) header("capgkey", "");
    if (kind == 2) {
      header("authorization", random_.pick({"Bearer ", "Basic ", "e30.e30.", "0"}) + secret);
    }
    if (kind == 3) header("authorization", kOpenOrg);
    header("x-api-key", kind == 4 ? secret + "0" : secret);
  }

  void add_jwt() {
    auto [user, claims] = random_.pick(kClaims);
    sent_.jwt_user = user;
    header("authorization", random_.pick({"", "Bearer "}) + ("e30." + claims + ".c2ln"));
    if (random_.chance(30)) header("x-api-key", "other");
    if (random_.chance(30)) header("x-limited-key-id", "99999");
  }

  void add_subkey() {
    int64_t id = some_id(random_, model_);
    auto number = static_cast<double>(id);
    for (const auto& [each, key] : model_.keys) {
      if (key.is_limited() && random_.chance(20)) number = static_cast<double>(id = each);
    }
    std::string value = std::to_string(id);
    std::vector<std::pair<std::string, double>> ways(8, {value, number});
    ways.insert(ways.end(),
                {{"00" + value + ".0", number}, {"1e1", 10}, {"-1", -1}, {"", 0}, {"x", 0}});
    std::tie(value, sent_.subkey) = random_.pick(ways);
    header("x-limited-key-id", value);
  }

  void choose_route() {
    size_t choice = random_.below(100);
    sent_.request.target = "/apikey";
    if (choice < 3) {
      start(Route::none, random_.pick({"GET", "PATCH", "DELETE"}));
      sent_.request.target = random_.pick({"/apikey//", "/apikeys", "/APIKEY", "/apikey/7/x"});
    } else if (choice < 4) {
      start(Route::preflight, "OPTIONS");
    } else if (choice < 12) {
      start(Route::list, random_.pick({"GET", "GET", "HEAD"}));
    } else if (choice < 22) {
      start(Route::get, random_.pick({"GET", "GET", "HEAD"}));
      add_path_id();
    } else if (choice < 30) {
      start(Route::remove, "DELETE");
      add_path_id();
    } else if (choice < 62) {
      start(Route::create, "POST");
      make_create();
    } else {
      start(Route::update, "PUT");
      make_update();
    }
    sent_.request.target += random_.pick({"", "", "/", "?id=1", "/?limit=2"});
  }

  void start(Route route, const std::string& method) {
    sent_.route = route;
    sent_.request.method = method;
  }

  void add_path_id() {
    auto [encoded, id] = some_path_id(random_, model_);
    sent_.request.target += "/" + encoded;
    sent_.id = id;
  }

  // Bodies.

  void add(const std::string& name, const Ordered& value) { sent_.body[name] = value; }

  void add_one_of(const std::string& name, const Values& valid, const Values& invalid) {
    add(name, random_.pick(random_.chance(percent_invalid_) ? invalid : valid));
  }

  std::string some_org_id() {
    static const std::vector<std::string> kIds = {kOpenOrg,  kOpenOrg,  kStrictOrg, kOthersOrg,
                                                  kMonthOrg, kMonthOrg, kDatedOrg};
    std::string id = random_.pick(kIds);
    size_t form = random_.below(20);
    if (form == 0) id[9] = 'f';
    if (form == 1) id[1] = static_cast<char>(std::toupper(id[1]));
    if (form == 2) std::erase(id, '-');
    return id;
  }

  void add_lists() {
    if (random_.chance(30)) {
      add_one_of("limited_to_apps", random_.chance(4) ? kNulApps : kValidApps, kInvalidLists);
    }
    if (random_.chance(65)) return;
    if (random_.chance(percent_invalid_))
      return add_one_of("limited_to_orgs", kInvalidOrgLists, kInvalidLists);
    Ordered list = Ordered::array();
    while (random_.chance(50)) list.push_back(some_org_id());
    add("limited_to_orgs", list);
  }

  /// Adds a date of the page, or one near now or the end of an org's policy.
  void add_date() {
    static const auto kDates = dates();
    if (random_.chance(8)) return add("expires_at", nullptr);
    auto [value, date] = random_.pick(kDates);
    if (random_.chance(50)) {
      static const std::vector<int64_t> kDays = {0, 1, 30, 30, 90, 90, 365};
      static const std::vector<int> kNudges = {-1000, -1, 0, 1, 1000, 2500, 45'000'000};
      Time time = model_.now + random_.pick(kDays) * kDay + microseconds(random_.pick(kNudges));
      value = base::format_time_with_fraction(time);
      date = {Time(truncate_to_milliseconds(time)), time};
    }
    add("expires_at", value);
    sent_.date = date;
  }

  void make_create() {
    const Values& names = random_.chance(30) ? kNonStringNames : kValidNames;
    if (random_.chance(97))
      add_one_of("name", random_.chance(3) ? kNulNames : names, kInvalidNames);
    if (random_.chance(50)) add_one_of("mode", kValidModes, kInvalidModes);
    add_lists();
    if (random_.chance(15)) add_one_of("org_id", {some_org_id()}, kInvalidIds);
    if (random_.chance(15)) add_one_of("app_id", {random_.pick(model_.rest.apps).id}, kInvalidIds);
    if (random_.chance(30)) add("hashed", random_.pick(kSwitches));
    if (random_.chance(50)) add_date();
    if (random_.chance(7)) add("device_id", random_.pick(kDevices));
    if (random_.chance(12)) add("key", kOpenOrg);
    if (random_.chance(12)) add("user_id", kOtherUser);
    write_body();
  }

  void add_body_id() {
    std::string id = std::to_string(some_id(random_, model_));
    if (random_.chance(20)) id = random_.pick(model_.secrets).second;
    std::string converted = id;
    Ordered sent = id;
    size_t form = random_.below(20);
    if (form < 8 && is_digits(id)) sent = json::parse_ordered(id);
    if (form == 8) sent = Ordered::array({id});
    if (form == 9) std::tie(sent, converted) = std::pair(nullptr, "null");
    if (form == 10) std::tie(sent, converted) = std::pair(Ordered::array(), "");
    if (form == 11) std::tie(sent, converted) = std::pair(1.5, "1.5");
    add("id", sent);
    if (sent_.request.target == "/apikey") sent_.id = converted;
  }

  void make_update() {
    // A new secret and a lower mode for the caller's own key have a rule of their own.
    const ApiKey* own = random_.chance(10) ? model_.find_by_secret(sent_.secret) : nullptr;
    if (own != nullptr) {
      sent_.id = std::to_string(own->id);
      sent_.request.target += "/" + sent_.id;
    } else if (random_.chance(65)) {
      add_path_id();
    }
    if (random_.chance(sent_.id.empty() ? 95 : 20)) add_body_id();
    if (random_.chance(40)) {
      add_one_of("name", random_.chance(5) ? kNulNames : kValidNames,
                 random_.chance(50) ? kInvalidNames : kNonStringNames);
    }
    if (random_.chance(30)) add("regenerate", random_.pick(kSwitches));
    if (random_.chance(25)) add_one_of("mode", kValidModes, kInvalidModes);
    add_lists();
    if (random_.chance(25)) add_date();
    if (random_.chance(7)) add("device_id", random_.pick(kDevices));
    if (random_.chance(12)) add("hashed", true);
    write_body();
  }

  void write_body() {
    std::string& json = sent_.request.body = sent_.body.dump();
    // The last of duplicate members is used.
    if (sent_.body.contains("name") && random_.chance(10)) json.insert(1, R"("name":[],)");
    size_t kind = random_.below(60);
    if (kind > 2) return;
    sent_.shape = kind == 0 ? Shape::invalid : kind == 1 ? Shape::null : Shape::other;
    if (kind == 0) json = random_.pick({"", " ", "{", "{'name':1}", "\xef\xbb\xbf{}", "{}x"});
    if (kind == 1) json = " null\n";
    if (kind == 2) json = random_.pick({"5", "true", "[]", R"([{"name":"x"}])"});
    if (sent_.request.target == "/apikey") sent_.id.clear();
    sent_.body = Ordered::object();
    sent_.date.reset();
  }

  Random& random_;
  const Model& model_;
  /// The number of further requests from one address without a valid key.
  int attack_ = 0;
  Sent sent_;
  /// High for some requests, so that they have several errors.
  size_t percent_invalid_ = 0;
};

}  // namespace

TEST_CASE("random requests get the responses of deployed-2026-02") {
  run_rounds<Model, Requests>(contract::kDeployed2026February, make_model);
}
