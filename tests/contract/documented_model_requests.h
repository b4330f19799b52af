#pragma once

#include "contract/documented_model_world.h"

/// Requests at random, good and broken, for the test of the model.
namespace documented_model {

/// The items of a JSON array.
inline std::vector<Ordered> several(const char* text) {
  return json::parse_ordered(text).get<std::vector<Ordered>>();
}

/// Makes requests of which most get far.
class Requests {
 public:
  Requests(Random& random, const Model& model) : random_(random), model_(model) {}

  Asked next() {
    Asked asked;
    size_t kind = random_.below(100);
    if (kind < 25) asked.request = {random_.chance(85) ? "GET" : "HEAD", collection(), {}, ""};
    if (kind >= 25 && kind < 70) {
      asked = create();
      asked.request.method = "POST";
      asked.request.target = collection();
    }
    if (kind >= 70 && kind < 94)
      asked.request = {"DELETE", item(), {}, random_.chance(9) ? "x" : ""};
    if (kind >= 94) asked.request = {some_method(), some_path(), {}, ""};
    add_credentials(asked.request.headers);
    if (random_.chance(10)) asked.request.headers.add("x-limited-key-id", "3");
    return asked;
  }

 private:
  std::string collection() {
    return random_.pick(std::vector<std::string>{"/apikey", "/apikey/", "/apikey/",
                                                 "/apikey?mode=x", "/apikey/?a=/b"});
  }

  std::string some_method() {
    return random_.pick(std::vector<std::string>{"GET", "POST", "DELETE", "PUT", "PATCH", "OPTIONS",
                                                 "HEAD", "get", "TRACE"});
  }

  std::string some_path() {
    return random_.pick(std::vector<std::string>{
        "/", "/apikey", "/apikey/", "/apikey//", "//apikey", "/apikey//1", "/apikey/1//",
        "/apikeys", "/APIKEY", "/apikey/1/x", "/apikey/1/", "/other", "/apike"});
  }

  std::string some_id() {
    static const std::vector<std::string> kIds = {"0",
                                                  "00",
                                                  "99999999999999999999999999",
                                                  "9223372036854775808",
                                                  "18446744073709551617",
                                                  "00000000-0000-0000-0000-000000000000",
                                                  "0123ABCD-abcd-4000-8000-00000000000F",
                                                  "abc",
                                                  "-1",
                                                  "+1",
                                                  "1.5",
                                                  "1e0",
                                                  "0x1",
                                                  "1,2",
                                                  "%201",
                                                  "1%20",
                                                  "1%2F2",
                                                  "%",
                                                  "%zz",
                                                  "1%",
                                                  "%EF%BC%91",
                                                  "00000000-0000-0000-0000-00000000000",
                                                  "0000000000000000-0000-0000-00000000-0"};
    return random_.pick(kIds);
  }

  std::string item() {
    std::string id = some_id();
    if (random_.chance(80)) {
      id = std::to_string(1 + random_.below(static_cast<size_t>(model_.last_id) + 2));
      if (random_.chance(10)) id = "00" + id;
      if (random_.chance(10)) id = "%3" + id;
    } else if (random_.chance(20)) {
      id = some_key().secret;
    }
    return "/apikey/" + id + (random_.chance(50) ? "/" : "") + (random_.chance(10) ? "?id=1" : "");
  }

  const Key& some_key() {
    auto found = model_.keys.begin();
    std::advance(found, random_.below(model_.keys.size()));
    return found->second;
  }

  /// Of a key that may manage keys now: one at its very last moment, or else what a few tries find.
  std::string good_secret() {
    for (const auto& entry : model_.keys) {
      const Key& key = entry.second;
      if (key.expires == model_.now && may_manage(key) && random_.chance(50)) return key.secret;
    }
    for (int i = 0; i < 5; ++i) {
      const Key& key = some_key();
      if (may_manage(key) && !model_.is_expired(key)) return key.secret;
    }
    return model_.keys.begin()->second.secret;
  }

  std::string bad_secret() {
    const std::string known = some_key().secret;
    std::string lower = known;
    lower[0] = 'A';
    return random_.pick(std::vector<std::string>{
        "Bearer " + known, "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ1c2VyXzEyMyJ9.c2ln", lower, known + "x",
        known.substr(1), "ak_none", kHashedSecrets[0].second, "Basic YTpi",
        model_.dead_secrets.empty() ? "ak_dead" : random_.pick(model_.dead_secrets)});
  }

  /// Often that of the request before, so that windows of time fill up.
  std::string some_secret() {
    size_t kind = random_.below(100);
    if (kind < 50) last_secret_ = good_secret();
    if (kind >= 50 && kind < 65) last_secret_ = some_key().secret;
    if (kind >= 65 && kind < 73) last_secret_ = bad_secret();
    return last_secret_;
  }

  void add_credentials(http::Headers& headers) {
    const std::string secret = some_secret();
    size_t kind = random_.below(20);
    if (kind < 10) headers.add(random_.chance(50) ? "authorization" : "Authorization", secret);
    if (kind >= 10 && kind < 13)
      headers.add(random_.chance(50) ? "x-api-key" : "X-Api-Key", secret);
    if (kind >= 13 && kind < 15) headers.add("capgkey", secret);
    if (kind == 15) headers = {{"x-api-key", some_secret()}, {"authorization", secret}};
    if (kind == 16) headers = {{"x-api-key", some_secret()}, {"capgkey", secret}};
    if (kind == 17) headers = {{"authorization", ""}, {"X-API-KEY", secret}};
    if (kind == 18) headers = {{"capgkey", ""}, {"x-api-key", secret}};
    // 19: none.
  }

  /// Every member good, then some made wrong.
  Asked create() {
    Asked asked;
    Ordered body = {{"name", some_name(random_)}, {"mode", some_mode(random_, 50)}};
    if (random_.chance(20)) body["limited_to_apps"] = random_.pick(good_apps_);
    if (random_.chance(40)) body["limited_to_orgs"] = some_orgs(random_);
    if (random_.chance(30)) body["hashed"] = random_.chance(80);
    if (random_.chance(50)) add_date(asked, body);
    if (random_.chance(10)) body["expires_at"] = nullptr;
    if (random_.chance(20)) body.update({{"org_id", "org_date"}, {"id", 1}, {"key", "ak_mine"}});
    while (random_.chance(25)) spoil(asked, body);
    std::string& text = asked.request.body = body.dump();
    // Of doubled members the last counts; bad bytes become U+FFFD.
    if (body.contains("name") && random_.chance(10)) text.insert(1, R"("name":5,)");
    if (body.contains("hashed") && random_.chance(20)) text.insert(1, R"("hashed":1,)");
    if (size_t at = text.find("\uFFFD"); at != std::string::npos) text.replace(at, 3, "\xFF");
    asked.object = body;
    if (random_.chance(5)) asked = {{"", "", {}, random_.pick(bad_bodies_)}, {}, {}};
    return asked;
  }

  /// A text that says a moment, in any form that can say it.
  void add_date(Asked& asked, Ordered& body) {
    Moment moment = model_.now + (random_.chance(80) ? 1 : -1) * some_span(random_);
    asked.date = moment;
    std::string text = local_text(moment);
    if (beyond(moment, kDay) == 0 && random_.chance(50)) {
      body["expires_at"] = text.substr(0, 10);
      return;
    }
    Moment minutes = static_cast<Moment>(random_.below(24 * 60)) * (random_.chance(50) ? 1 : -1);
    const size_t zone = random_.below(3);
    if (zone == 2) text = local_text(moment + minutes * 60 * kSecond);
    if (beyond(moment, 60 * kSecond) == 0 && random_.chance(50)) text.resize(16);
    if (beyond(moment, kSecond) != 0 || (text.size() > 16 && random_.chance(30))) {
      std::string fraction = exact_text(moment).substr(19, 7);
      while (fraction.size() > 2 && fraction.ends_with('0')) fraction.pop_back();
      text += fraction + (random_.chance(20) ? "000000" : "");
    }
    if (zone == 1) text += "Z";
    if (zone == 2) text += offset_text(minutes);
    body["expires_at"] = text;
  }

  static std::string offset_text(Moment minutes) {
    char text[32];
    int size = static_cast<int>(minutes < 0 ? -minutes : minutes);
    std::snprintf(text, sizeof text, "%c%02d:%02d", minutes < 0 ? '-' : '+', size / 60, size % 60);
    return text;
  }

  /// Makes one member wrong, or takes it away.
  void spoil(Asked& asked, Ordered& body) {
    const std::string field = random_.pick(std::vector<std::string>{
        "limited_to_apps", "limited_to_orgs", "name", "mode", "hashed", "expires_at"});
    if (field.starts_with("limited")) body[field] = random_.pick(bad_limits_);
    if (field == "name") body[field] = random_.pick(bad_names_);
    if (field == "mode") body[field] = random_.pick(bad_modes_);
    if (field == "hashed") body[field] = random_.pick(bad_switches_);
    if (field == "expires_at") {
      body[field] = random_.pick(bad_dates_);
      asked.date.reset();
    }
    if ((field == "name" || field == "mode") && random_.chance(30)) body.erase(field);
  }

  Random& random_;
  const Model& model_;
  std::string last_secret_;

  const std::vector<Ordered> good_apps_ = several(R"([[],["com.demo.app"],["b","a","b",""]])");
  const std::vector<Ordered> bad_limits_ =
      several(R"([null,"org_free",{},{"0":"a"},5,true,[1],["a",null],[["a"]],[{}],["a",false]])");
  const std::vector<Ordered> bad_names_ = several(R"([null,"",0,5,-1.5,true,false,[],["a"],{}])");
  const std::vector<Ordered> bad_modes_ =
      several(R"([null,"","ALL","All"," all","admin","read,write",0,true,["all"],{}])");
  const std::vector<Ordered> bad_switches_ = several(R"([null,"true","",0,1,[],{},[true]])");
  const std::vector<Ordered> bad_dates_ = several(
      R"(["", " ", "never", "2099", "2099-06", "2099-1-1", "2099-02-29", "2099-13-01", "2099-00-01",
          "2099-01-32", "2099-01-01T", "2099-01-01T1:00", "2099-01-01T24:00", "2099-01-01T24:01", "2099-01-01T12:60",
          "2099-01-01 12:00", "2099-01-01T12:00:00+1", "2099-01-01T12:00:00 Z", " 2099-01-01",
          "2099-01-01T12:00:00.Z", "Jan 1 2099", "4102444800000", 4102444800000, 0, 1.5, true,
          false, [], ["2099-01-01"], {}])");
  const std::vector<std::string> bad_bodies_ = {"",
                                                " ",
                                                "null",
                                                "[]",
                                                R"([{"name":"k","mode":"read"}])",
                                                R"("x")",
                                                "5",
                                                "true",
                                                "no json",
                                                R"({"name":"k","mode":"read")",
                                                R"({"name":"k","mode":"read",})",
                                                R"({name:"k","mode":"read"})",
                                                R"({"name":"k","mode":"read"} x)",
                                                R"({'name':'k','mode':'read'})",
                                                "name=k&mode=read",
                                                "\xEF\xBB\xBF{\"name\":\"k\"}",
                                                "{\"name\":\"a\nb\",\"mode\":\"read\"}"};
};

}  // namespace documented_model
