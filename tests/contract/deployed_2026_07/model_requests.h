#pragma once

#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "capgo/user_token.h"
#include "contract/deployed_2026_07/model.h"

/// Random requests to deployed-2026-07.
namespace july_model {

using Values = std::vector<Ordered>;

inline const std::vector<std::string> kUsers = {
    "00000000-0000-4000-8000-000000000123", "00000000-0000-4000-8000-000000000456",
    "00000000-0000-4000-8000-000000000789", "00000000-0000-4000-8000-00000000abcd",
    // In no org with members, and without keys.
    "00000000-0000-4000-8000-00000000ffff"};

/// Origins, and the header that allows them; empty for none. (section 2)
inline const std::vector<std::pair<std::string, std::string>> kOrigins = {
    {"https://capgo.app", "https://capgo.app"},
    {"https://CAPGO.app:443/x", "https://capgo.app"},
    {"https://console.preprod.capgo.app", "https://console.preprod.capgo.app"},
    {"http://localhost:5173", "http://localhost:5173"},
    {"http://[::1]:80", "http://[::1]"},
    {"https://127.0.0.1", "https://127.0.0.1"},
    {"capacitor://localhost", "capacitor://localhost"},
    {"localhost://localhost:8100", "localhost://localhost:8100"},
    {"http://capgo.app", ""},
    {"https://console.console.capgo.app", ""},
    {"https://capgo.app.example", ""},
    {"https://localhost.example", ""},
    {"null", ""}};

/// Returns the dates of section 10 and of deployed-2026-02.md, section 9.
inline std::vector<std::pair<Ordered, Date>> make_dates() {
  auto at = [](const char* text) { return base::parse_extended_time(text); };
  std::vector<std::pair<Ordered, Date>> all;
  auto add = [&](const char* values, const Date& date) {
    for (const Ordered& value : parse_array(values)) all.push_back({value, date});
  };
  auto start = at("2099-01-01");
  add(R"(["2099-01-01T00:00:00Z","2099-01-01","2099-01-01T00:00","2099-1-1"," 2099-01-01 ",
          "Jan 1 2099",["2099-01-01"],"2099-01-01T02:00:00+02:00"])",
      {start, start});
  add(R"(["2099-01-01T00:00:00.123456789Z"])",
      {*start + milliseconds(123), *start + microseconds(123'457)});
  add(R"(["2099-01-01T24:00:00Z"])", {at("2099-01-02"), at("2099-01-02")});
  add(R"(["99999-01-01","99999-01-01"])", {at("99999-01-01"), at("99999-01-01")});
  add(R"(["","zz","tomorrow","infinity","4102444800000","2099-W01-1",{},[]])", {});
  add(R"(["2020-01-01",0,false,true])", {Time{}});
  std::string syntax = "invalid input syntax for type timestamp with time zone: ";
  std::string range = "date/time field value out of range: ";
  add(R"(["2099","2099"])", {start, {}, "22007", syntax + "\"2099\""});
  add(R"(["2099-06"])", {at("2099-06-01"), {}, "22007", syntax + "\"2099-06\""});
  add(R"(["2099-02-30","2099-02-30"])", {at("2099-03-02"), {}, "22008", range + "\"2099-02-30\""});
  add("[4102444800000]", {at("2100-01-01"),
                          {},
                          "22008",
                          range + "\"4102444800000\"",
                          "Perhaps you need a different \"datestyle\" setting."});
  return all;
}

/// Makes random bindings.
class Bindings {
 public:
  Bindings(Random& random, const Model& model) : random_(random), model_(model) {}

  /// A binding that the user can probably give to a key.
  Ordered next(const std::string& user, bool is_update, size_t percent_invalid) {
    const Org& org = some_org(user, is_update);
    const RoleRow& role = some_role(org, user);
    Ordered binding = {{"role_name", role.name}, {"scope_type", role.scope}, {"org_id", org.id}};
    if (random_.chance(3)) binding["role_name"] = random_.pick(kRoles).name;
    if (random_.chance(10)) binding["org_id"] = to_upper(org.id);
    if (random_.chance(15)) binding["reason"] = random_.pick(Values{"CI", 5, nullptr});
    if (role.scope != "org") add_app(binding, org, role.scope == "channel");
    if (random_.chance(percent_invalid)) spoil(binding);
    return binding;
  }

 private:
  static std::string to_upper(std::string id) {
    for (char& c : id) c = static_cast<char>(std::toupper(c));
    return id;
  }

  /// An org whose keys the user can create or update, if a few tries find one.
  const Org& some_org(const std::string& user, bool is_update) {
    const std::vector<Org>& orgs = model_.rest.orgs;
    const Org* org = &orgs[random_.below(orgs.size())];
    for (int tries = random_.chance(12) ? 0 : 10; tries > 0; --tries) {
      const RoleRow& role = model_.role_in(org, user);
      if (is_update ? role.assigns : role.manages) break;
      org = &orgs[random_.below(orgs.size())];
    }
    return *org;
  }

  /// A role that the user can assign, if a few tries find one.
  const RoleRow& some_role(const Org& org, const std::string& user) {
    const RoleRow* role = nullptr;
    for (int tries = random_.chance(25) ? 1 : 8; tries > 0; --tries) {
      role = &kRoles[random_.below(kRoles.size() - 2)];
      bool can_assign = model_.role_in(&org, user).assigns || !is_sensitive_role(role->name);
      if (role->is_assignable && can_assign) break;
    }
    return *role;
  }

  void add_app(Ordered& binding, const Org& org, bool has_channel) {
    const App* app = &model_.rest.apps[random_.below(model_.rest.apps.size())];
    for (int tries = random_.chance(5) ? 0 : 20; tries > 0 && app->owner_org != org.id; --tries) {
      app = &model_.rest.apps[random_.below(model_.rest.apps.size())];
    }
    binding["app_id"] = random_.chance(10) ? to_upper(app->id) : app->id;
    if (!has_channel && random_.chance(90)) return;
    const Channel* channel = &model_.rest.channels[random_.below(model_.rest.channels.size())];
    for (int tries = random_.chance(5) ? 0 : 20; tries > 0 && channel->app_id != app->app_id;
         --tries) {
      channel = &model_.rest.channels[random_.below(model_.rest.channels.size())];
    }
    std::string number = std::to_string(channel->id);
    binding["channel_id"] =
        random_.pick(Values{channel->id, channel->id, number, " 0" + number + " ", channel->rbac_id,
                            to_upper(channel->rbac_id), static_cast<double>(channel->id)});
  }

  /// Makes one member invalid, or removes it.
  void spoil(Ordered& binding) {
    static const std::vector<std::pair<std::string, Values>> kInvalid = {
        {"", parse_array(R"([null,5,"x",true])")},
        {"role_name", parse_array(R"(["",null,5])")},
        {"role_name", parse_array(R"(["org_adminn","Org_Member","bundle_admin","bundle_reader",
                                      "channel_preview","apikey_org_reader","org_super_admin"])")},
        {"scope_type", parse_array(R"(["",null,5,"Org","bundle","org","app","channel"])")},
        {"org_id", parse_array(R"(["",null,5,"acme","0f000000-0000-4000-8000-00000000000f"])")},
        {"app_id", parse_array(R"([5,true,{},null,"","","com.a.one",
                                   "f0000000-0000-4000-8000-00000000000f"])")},
        {"app_id", parse_array(R"([null,""])")},
        {"channel_id", parse_array(R"([true,{},[],null,"",0,1.5,-3,9007199254740992,"0","-1",
                                       "production",999,"999",
                                       "cf000000-0000-4000-8000-00000000000f"])")}};
    // The page does not say what a channel in an org binding does.
    bool has_app = binding.contains("app_id");
    const auto& [name, values] = kInvalid[random_.below(has_app ? 8 : 6)];
    if (name.empty()) {
      binding = random_.pick(values);
    } else if (random_.chance(15)) {
      binding.erase(name);
    } else {
      binding[name] = random_.pick(values);
    }
  }

  Random& random_;
  const Model& model_;
};

/// Generates requests, most of them valid.
class Requests {
 public:
  Requests(Random& random, const Model& model)
      : random_(random), model_(model), bindings_(random, model), started_(model.now) {}

  Sent next();

 private:
  void header(const std::string& name, const std::string& value) {
    sent_.request.headers.add(name, value);
  }
  void add(const std::string& name, const Ordered& value) { sent_.body[name] = value; }

  // See model_requests.cc.

  void add_address();
  void add_credential();
  void add_invalid_credential(const std::string& secret);
  void add_jwt();
  void add_invalid_jwt();
  std::string token_of(const std::string& user);
  void add_subkey();
  void choose_route();
  void start(Route route, const std::string& method);
  int64_t some_target();
  std::pair<std::string, std::string> some_path_id();
  void add_path_id();
  void add_bindings();
  void add_permissions();
  void add_date();
  void add_name(const Values& others);
  void make_create();
  void add_body_id();
  void add_database_error();
  void make_update();
  void write_body();

  Random& random_;
  const Model& model_;
  Bindings bindings_;
  Time started_;
  std::map<std::string, std::string> tokens_;
  /// The caller's user, if it is known.
  std::string user_;
  /// The number of further requests from one address without a valid key.
  int attack_ = 0;
  Sent sent_;
  /// High for some requests, so that they have several errors.
  size_t percent_invalid_ = 0;
};

}  // namespace july_model
