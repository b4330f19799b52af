#include "contract/deployed_2026_07/model_requests.h"

namespace july_model {
namespace {

const Values kValidNames = parse_array(R"(["CI"," ","Zo\u00eb \"q\" \\ \n \u007f \ud83d\ude00"])");
/// Valid on create, but not on update.
const Values kNonStringNames = parse_array(R"([123,1.5,true,["a"],{"b":1,"a":[null,"x"]}])");
const Values kArrayNames = parse_array(R"([[],["a","b"]])");
const Values kInvalidNames = parse_array(R"([null,"",0,false])");
const Values kNulNames = parse_array(R"(["a\u0000b"])");
const Values kSwitches =
    parse_array(R"([true,true,true,true,true,true,true,true,true,true,false,"true",1,null])");
/// Strings and falsy values are valid.
const Values kDevices = parse_array(R"(["Device",null,0,"",5,true,{}])");

}  // namespace

Sent Requests::next() {
  sent_ = {};
  percent_invalid_ = random_.chance(12) ? 50 : 4;
  if (attack_ == 0 && model_.rate_limit && random_.below(200) == 0) attack_ = 30;
  add_address();
  add_credential();
  choose_route();
  if (random_.chance(30)) header("origin", random_.pick(kOrigins).first);
  if (random_.chance(20)) header("x-request-id", random_.pick({"abc_1-2=", "b\xc3\xa9", "a b"}));
  if (attack_ > 0) --attack_;
  return sent_;
}

/// During an attack, all requests have the same address.
void Requests::add_address() {
  if (attack_ == 0 && random_.chance(30)) return;
  sent_.ip = attack_ > 0 ? "10.9.9.9" : "10.0.0." + std::to_string(random_.below(9));
  header(random_.pick({"cf-connecting-ip", "x-forwarded-for", "x-real-ip"}), *sent_.ip);
}

void Requests::add_credential() {
  user_ = kUsers[0];
  if (random_.chance(attack_ > 1 ? 5 : 68)) return add_jwt();
  auto can_manage = [&](const ApiKey& key) {
    return !model_.is_expired(key) && !model_.managed_orgs(key).empty();
  };
  std::string secret = some_secret(random_, model_, can_manage);
  if (random_.chance(attack_ > 1 ? 90 : 6)) return add_invalid_credential(secret);
  if (const ApiKey* key = model_.find_by_secret(secret)) user_ = key->user_id;
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
  if (random_.chance(20)) add_subkey();
}

void Requests::add_invalid_credential(const std::string& secret) {
  size_t kind = random_.below(6);
  if (random_.chance(20)) header("x-limited-key-id", sent_.subkey.emplace("0"));
  if (kind == 0) return;
  if (kind == 1) header("capgkey", "");
  if (kind == 1) return header("x-api-key", secret);
  if (kind == 2) return add_invalid_jwt();
  sent_.secret = kind == 3 ? kUsers[4] : secret + "0";
  if (kind == 5 && !model_.old_secrets.empty()) sent_.secret = random_.pick(model_.old_secrets);
  header(kind == 3 ? "authorization" : "x-api-key", sent_.secret);
  if (kind == 3) header("x-api-key", secret);
}

std::string Requests::token_of(const std::string& user) {
  std::string& token = tokens_[user];
  if (token.empty()) {
    token = capgo::make_user_token(user, capgo::kLocalSupabaseSecret, started_ - kDay,
                                   started_ + 9999 * kDay);
  }
  return token;
}

void Requests::add_jwt() {
  user_ = kUsers[random_.chance(55) ? 0 : random_.below(random_.chance(20) ? 5 : 4)];
  sent_.jwt_user = user_;
  header("authorization", random_.pick({"", "Bearer "}) + token_of(user_));
  if (random_.chance(20)) header("x-api-key", "other");
  if (random_.chance(20)) header("x-limited-key-id", random_.pick({"99999", "abc", ""}));
}

void Requests::add_invalid_jwt() {
  sent_.has_invalid_jwt = true;
  std::string token = token_of(kUsers[0]);
  size_t kind = random_.below(7);
  if (kind == 0) token = random_.pick({"Bearer  ", "bearer ", "Bearer Bearer ", "Basic "}) + token;
  if (kind == 1) token = "Bearer " + random_.pick(model_.secrets).second;
  if (kind == 2) token.back() = token.back() == 'A' ? 'B' : 'A', token[token.size() - 5] ^= 1;
  if (kind == 3)
    token = capgo::make_user_token(kUsers[0], "other secret", started_, started_ + kDay);
  if (kind == 4) {
    token = capgo::make_user_token(kUsers[0], capgo::kLocalSupabaseSecret, started_ - 2 * kDay,
                                   started_ - kDay);
  }
  if (kind == 5) {
    token =
        capgo::make_user_token("", capgo::kLocalSupabaseSecret, started_, started_ + 9999 * kDay);
  }
  if (kind == 6) token = random_.pick({"0", "a.b.c", "e30.e30.", "Bearer"});
  header("authorization", token);
  header("x-api-key", random_.pick(model_.secrets).second);
}

void Requests::add_subkey() {
  int64_t id = some_id(random_, model_);
  for (const auto& [each, key] : model_.keys) {
    bool is_good = key.user_id == user_ && (model_.is_limited(key) || random_.chance(50));
    if (is_good && random_.chance(40)) id = each;
  }
  sent_.subkey = std::to_string(id);
  if (random_.chance(12)) {
    sent_.subkey = random_.pick({"", "0", "abc", "1.5", "-1", "01", "0x5", "1e1",
                                 "9007199254740991", "9007199254740992", "99999999999999999999"});
  }
  if (random_.chance(3)) {
    header("x-limited-key-id", *sent_.subkey);
    header("x-limited-key-id", *sent_.subkey);
    sent_.subkey = "twice";
    return;
  }
  header("x-limited-key-id", *sent_.subkey);
}

void Requests::choose_route() {
  // Keys cannot create keys.
  size_t choice = random_.below(!sent_.jwt_user && random_.chance(80) ? 65 : 100);
  sent_.request.target = "/apikey";
  if (choice < 3) {
    start(Route::none, random_.pick({"GET", "PATCH", "DELETE"}));
    sent_.request.target =
        random_.pick({"/apikey//", "/apikeys", "/APIKEY", "/apikey/7/x", "/other"});
  } else if (choice < 5) {
    start(Route::preflight, "OPTIONS");
    sent_.request.target = random_.pick({"/apikey", "/apikey/7", "/other"});
  } else if (choice < 10) {
    start(Route::list, random_.pick({"GET", "GET", "GET", "HEAD"}));
  } else if (choice < 17) {
    start(Route::get, random_.pick({"GET", "GET", "GET", "HEAD"}));
    add_path_id();
  } else if (choice < 23) {
    start(Route::remove, "DELETE");
    add_path_id();
  } else if (choice < 65) {
    start(Route::update, "PUT");
    make_update();
  } else {
    start(Route::create, "POST");
    make_create();
  }
  sent_.request.target += random_.pick({"", "", "/", "?id=1", "/?limit=2"});
}

void Requests::start(Route route, const std::string& method) {
  sent_.route = route;
  sent_.request.method = method;
}

/// Returns the id of a key, often of the caller's user or the calling key itself.
int64_t Requests::some_target() {
  const ApiKey* own = random_.chance(8) ? model_.find_by_secret(sent_.secret) : nullptr;
  if (own != nullptr) return own->id;
  std::vector<int64_t> ids = model_.ids_of(user_);
  if (ids.empty() || random_.chance(5)) return some_id(random_, model_);
  int64_t id = random_.pick(ids);
  bool is_assignable = random_.chance(80);
  for (int tries = 5; tries > 0; --tries) {
    if (model_.can_assign(user_, model_.keys.at(id)) == is_assignable) break;
    id = random_.pick(ids);
  }
  return id;
}

/// Returns an id as it is sent in a path, and decoded.
std::pair<std::string, std::string> Requests::some_path_id() {
  int64_t target = some_target();
  std::string id = std::to_string(target);
  size_t form = random_.below(36);
  if (form == 0) return {"%3" + id, id};
  if (form == 1) return {"%20" + id, " " + id};
  if (form == 2) id = "000" + id;
  if (form == 3)
    id = random_.pick({"abc", "-1", "+1", "1.5", "1,2", "%zz", "token-7", "a_b~cdefg"});
  if (form == 4) {
    id = random_.pick({"0", "9223372036854775807", "9223372036854775808", "9223372036854774784",
                       "99999999999999999999", "999999999999999934463", "1000000000000000000000",
                       "123456789012345678901234"});
  }
  if (form == 5) id = random_.pick({"0123ABCD-abcd-4000-8000-00000000000F", "token.8:-"});
  if (form > 5 && form < 10 && model_.secrets.contains(target)) id = model_.secrets.at(target);
  return {id, id};
}

void Requests::add_path_id() {
  auto [encoded, id] = some_path_id();
  sent_.request.target += "/" + encoded;
  sent_.id = id;
}

void Requests::add_bindings() {
  if (random_.chance(percent_invalid_)) {
    return add("bindings", random_.pick(parse_array(R"([null,5,"x",{},true,[],[]])")));
  }
  Ordered list = Ordered::array();
  do {
    list.push_back(
        bindings_.next(user_, sent_.route == Route::update, random_.chance(50) ? 50 : 0));
  } while (random_.chance(30));
  if (random_.chance(4)) list.push_back(Ordered(list[0]));
  add("bindings", list);
}

void Requests::add_permissions() {
  static const Values kInvalid = parse_array(
      R"([null,5,"org.create",{},["org.delete"],["org.create","app.read"],["ORG.CREATE",""],[5],
          [null,"org.create"]])");
  static const Values kValid = parse_array(R"([[],["org.create"],["org.create","org.create"]])");
  bool is_invalid = random_.chance(percent_invalid_ + 10);
  add("global_permissions", random_.pick(is_invalid ? kInvalid : kValid));
}

/// Adds a date of the page, or one near now or the end of an org's policy.
void Requests::add_date() {
  static const auto kDates = make_dates();
  if (random_.chance(15)) return add("expires_at", nullptr);
  auto [value, date] = random_.pick(kDates);
  if (random_.chance(65)) {
    static const std::vector<int64_t> kDays = {0, 1, 7, 7, 10, 30, 30, 90, 90, 365};
    static const std::vector<int> kNudges = {-1, 0, 0, 1, 1000, -45'000'000};
    Time time = Time(to_milliseconds(model_.now)) + random_.pick(kDays) * kDay +
                milliseconds(random_.pick(kNudges));
    if (random_.chance(5)) time += microseconds(1);
    value = base::format_time_with_fraction(time);
    date = {Time(to_milliseconds(time)), time};
  }
  add("expires_at", value);
  sent_.date = date;
}

void Requests::add_name(const Values& others) {
  const Values& names = random_.chance(percent_invalid_) ? others : kValidNames;
  add("name", random_.pick(random_.chance(3) ? kNulNames : names));
}

void Requests::make_create() {
  if (random_.chance(97)) {
    const Values& others = random_.chance(50) ? kInvalidNames : kArrayNames;
    add_name(random_.chance(30) ? kNonStringNames : others);
  }
  if (random_.chance(97)) add_bindings();
  if (random_.chance(30)) add("hashed", random_.pick(kSwitches));
  if (random_.chance(70)) add_date();
  if (random_.chance(15)) add_permissions();
  if (random_.chance(4)) add("device_id", random_.pick(kDevices));
  if (random_.chance(12)) add("key", kUsers[0]);
  if (random_.chance(12)) add("mode", random_.pick({"all", "nonsense"}));
  if (random_.chance(12)) add("org_id", 5);
  write_body();
}

void Requests::add_body_id() {
  std::string id = std::to_string(some_target());
  if (random_.chance(20)) id = random_.pick(model_.secrets).second;
  std::string converted = id;
  Ordered sent = id;
  size_t form = random_.below(40);
  if (form > 20 && is_digits(id) && id.size() < 12) sent = json::parse_ordered(id);
  if (form == 8) sent = Ordered::array({id});
  if (form == 9) std::tie(sent, converted) = std::pair(nullptr, "null");
  if (form == 10) std::tie(sent, converted) = std::pair(Ordered::array(), "");
  if (form == 11) std::tie(sent, converted) = std::pair(1.5, "1.5");
  if (form == 12) std::tie(sent, converted) = std::pair("", "");
  add("id", sent);
  if (sent_.request.target == "/apikey") sent_.id = converted;
}

/// Adds what only the database rejects.
void Requests::add_database_error() {
  static const auto kDates = make_dates();
  if (random_.chance(50)) return add("name", kNulNames[0]);
  for (const auto& [value, date] : kDates) {
    bool is_one = value == (random_.chance(50) ? "2099" : "99999-01-01");
    if (!is_one) continue;
    add("expires_at", value);
    sent_.date = date;
    return;
  }
}

void Requests::make_update() {
  if (random_.chance(70)) add_path_id();
  if (random_.chance(sent_.id.empty() ? 95 : 20)) add_body_id();
  if (random_.chance(35)) add_name(random_.chance(50) ? kInvalidNames : kNonStringNames);
  if (random_.chance(25)) add("regenerate", random_.pick(kSwitches));
  bool is_database_error = random_.chance(8);
  if (is_database_error) add_database_error();
  if (random_.chance(sent_.jwt_user && !is_database_error ? 65 : 15)) add_bindings();
  if (random_.chance(is_database_error ? 30 : 15)) add_permissions();
  if (!is_database_error && random_.chance(25)) add_date();
  if (sent_.jwt_user && sent_.body.size() < 2 && random_.chance(70)) add_bindings();
  if (random_.chance(4)) add("device_id", random_.pick(kDevices));
  if (random_.chance(12)) add("hashed", true);
  if (random_.chance(12)) add("limited_to_orgs", 5);
  write_body();
}

void Requests::write_body() {
  std::string& json = sent_.request.body = sent_.body.dump();
  // The last of duplicate members is used.
  if (sent_.body.contains("name") && random_.chance(10)) json.insert(1, R"("name":[],)");
  size_t kind = random_.below(80);
  if (kind > 2) return;
  sent_.shape = kind == 0 ? Shape::invalid : kind == 1 ? Shape::null : Shape::other;
  if (kind == 0) json = random_.pick({"", " ", "{", "{'name':1}", "\xef\xbb\xbf{}", "{}x"});
  if (kind == 1) json = " null\n";
  if (kind == 2) json = random_.pick({"5", "true", "[]", "\"x\"", R"([{"name":"x"}])"});
  if (sent_.request.target == "/apikey") sent_.id.clear();
  sent_.body = Ordered::object();
  sent_.date.reset();
}

}  // namespace july_model
