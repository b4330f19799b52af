#include <doctest/doctest.h>

#include <memory>
#include <set>

#include "http/path_pattern.h"
#include "json/body.h"
#include "world.h"

// No secret stands whole in X-Mock-Reason, wherever in a request it is sent.

namespace {

using json::Ordered;

constexpr std::string_view kUuid = "0f1e2d3c-4b5a-4968-8778-695a4b3c2d1e";
constexpr std::string_view kCaller = "c!aller";

/// Of keys that there are, save for the first one.
constexpr std::string_view kSecrets[] = {"ak_0123456789abcdef0123456789abcdef",
                                         "ak_123",
                                         kUuid,
                                         "s3cr!t",
                                         "a;b=c",
                                         "zq",
                                         "90210",
                                         kCaller};

/// The caller is key 1. Orgs and limits have the names of secrets too.
constexpr std::string_view kFixture = R"({
  "orgs": [{"id": "0f1e2d3c-4b5a-4968-8778-695a4b3c2d1e", "require_apikey_expiration": true},
           {"id": "s3cr!t", "require_apikey_expiration": true}],
  "keys": [{"id": 1, "key": "c!aller", "mode": "all", "name": "Caller"},
           {"id": 2, "key": "ak_123", "mode": "all", "name": "Short"},
           {"id": 3, "key": "0f1e2d3c-4b5a-4968-8778-695a4b3c2d1e", "mode": "read", "name": "UUID"},
           {"id": 4, "key": "s3cr!t", "mode": "all", "name": "Odd",
            "limited_to_orgs": ["0f1e2d3c-4b5a-4968-8778-695a4b3c2d1e", "zq"]},
           {"id": 5, "key": "a;b=c", "mode": "all", "name": "Many pieces",
            "limited_to_apps": ["com.demo.app", "s3cr!t", "90210"]},
           {"id": 6, "key": "zq", "mode": "read", "name": "Shorter"},
           {"id": 7, "key": "90210", "mode": "read", "name": "Digits", "user_id": "another"}]})";

engine::Engine make_engine(const contract::Contract& contract) {
  world::Wish wish;
  wish.contract = &contract;
  wish.fixture = kFixture;
  return world::make_engine(wish);
}

http::Request ask(std::string method, std::string target, std::string body = "") {
  return {
      std::move(method), std::move(target), {{"x-api-key", std::string(kCaller)}}, std::move(body)};
}

/// Every byte as an escape.
std::string encoded(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string escapes;
  for (char letter : text) {
    unsigned byte = static_cast<unsigned char>(letter);
    escapes += '%';
    escapes += kDigits[byte / 16];
    escapes += kDigits[byte % 16];
  }
  return escapes;
}

std::string encoded_base64url(std::string_view text) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string digits;
  unsigned bits = 0;
  int have = 0;
  for (char letter : text) {
    bits = bits << 8U | static_cast<unsigned char>(letter);
    for (have += 8; have >= 6; have -= 6) digits += kDigits[bits >> unsigned(have - 6) & 63U];
  }
  if (have > 0) digits += kDigits[bits << unsigned(6 - have) & 63U];
  return digits;
}

std::vector<http::Request> in_headers(const std::string& secret) {
  std::vector<http::Request> requests;
  for (const char* name : {"authorization", "capgkey", "x-api-key"}) {
    for (const std::string& value : {secret, "Bearer " + secret, "Key " + secret, secret + " x",
                                     secret + "x", "\"" + secret + "\"", "x." + secret + ".y"}) {
      requests.push_back({"GET", "/apikey/", {{name, value}}, ""});
    }
  }
  std::string claims = encoded_base64url(json::dump({{"sub", secret}}));
  std::string token = "e30." + claims + ".c2ln";
  for (const char* target : {"/apikey/", "/apikey/90210", "/apikey/2"}) {
    requests.push_back({"GET", target, {{"authorization", token}}, ""});
  }
  for (const char* name : {"x-limited-key-id", "X-Forwarded-For", "cf-connecting-ip"}) {
    requests.push_back(ask("GET", "/apikey/90210"));
    requests.back().headers.add(name, secret);
  }
  return requests;
}

std::vector<http::Request> in_target(const std::string& secret) {
  std::vector<http::Request> requests;
  for (const std::string& segment :
       {secret, encoded(secret), encoded(secret.substr(0, 1)) + secret.substr(1)}) {
    for (const char* method : {"GET", "POST", "PUT", "DELETE", "HEAD"}) {
      requests.push_back(ask(method, "/apikey/" + segment, R"({"x":1})"));
      requests.push_back(ask(method, "/apikey/" + segment + "/x/"));
      requests.push_back(ask(method, "/apikey/1/" + segment));
      requests.push_back(ask(method, "/nix/" + segment));
      requests.push_back(ask(method, "/" + segment + "/apikey/"));
      requests.push_back(ask(method, "/nix?key=" + segment));
      requests.push_back(ask(method, "/apikey//?" + segment));
    }
  }
  requests.push_back(ask(secret, "/apikey/"));
  return requests;
}

/// Values of a field with the secret in them, as JSON.
std::vector<std::string> values_with(const std::string& secret) {
  std::vector<std::string> values;
  Ordered word = secret;
  for (const Ordered& value :
       {word, Ordered(secret + " and more"), Ordered("Bearer " + secret),
        Ordered("2099-01-01 (" + secret + ")"), Ordered("[\"" + secret + "\"]"),
        Ordered(std::string(50, 'x') + " " + secret), Ordered::array({word}),
        Ordered::array({5, word}), Ordered::array({Ordered::array({word})}),
        Ordered::object({{secret, word}})}) {
    values.push_back(json::dump(value));
  }
  bool is_number = secret.find_first_not_of("0123456789") == std::string::npos;
  if (is_number) values.insert(values.end(), {secret, "[" + secret + "]"});
  return values;
}

std::vector<http::Request> in_body(const contract::Contract& contract, const std::string& secret) {
  std::vector<http::Request> requests;
  bool has_update = contract::find_endpoint(contract, "PUT", "/apikey/").endpoint != nullptr;
  auto send = [&](const std::string& body) {
    requests.push_back(ask("POST", "/apikey/", body));
    if (!has_update) return;
    requests.push_back(ask("PUT", "/apikey/", body));
    requests.push_back(ask("PUT", "/apikey/1/", body));
  };
  for (const std::string& value : values_with(secret)) {
    send(value);
    send("{\"mode\":" + value);
    for (const char* name :
         {"id", "name", "mode", "expires_at", "limited_to_apps", "limited_to_orgs", "hashed",
          "org_id", "app_id", "device_id", "regenerate", "unknown"}) {
      Ordered body = {{"id", 1}, {"name", "k"}, {"mode", "read"}};
      body[name] = json::parse_ordered(value);
      send(json::dump(body));
    }
    send("{" + json::dump(Ordered(secret)) + ":" + value + "}");
  }
  return requests;
}

/// What every answer must not have in X-Mock-Reason: the secret, be it percent-encoded.
bool shows(std::string_view reason, const std::string& secret) {
  return reason.find(secret) != std::string_view::npos ||
         http::percent_decode(reason).find(secret) != std::string::npos;
}

/// Sends each request, and checks that its reason does not show the secret; the names of what
/// refused.
std::set<std::string> check_all(const contract::Contract& contract,
                                const std::vector<http::Request>& requests,
                                const std::string& secret) {
  std::set<std::string> refused_by;
  std::unique_ptr<engine::Engine> engine;
  for (const http::Request& request : requests) {
    if (!engine) engine.reset(new engine::Engine(make_engine(contract)));
    http::Response response = engine->handle(request);
    const std::string* reason = response.headers.find("X-Mock-Reason");
    if (reason == nullptr) {
      engine.reset();  // What was not refused may have changed the world.
      continue;
    }
    CAPTURE(request.method);
    CAPTURE(request.target);
    CAPTURE(request.body);
    CAPTURE(*reason);
    CHECK_FALSE(shows(*reason, secret));
    refused_by.insert(reason->substr(0, reason->find(':')));
  }
  return refused_by;
}

std::set<std::string> check_everywhere(const contract::Contract& contract) {
  std::set<std::string> refused_by;
  for (std::string_view each : kSecrets) {
    std::string secret(each);
    CAPTURE(secret);
    refused_by.merge(check_all(contract, in_headers(secret), secret));
    refused_by.merge(check_all(contract, in_target(secret), secret));
    refused_by.merge(check_all(contract, in_body(contract, secret), secret));
  }
  return refused_by;
}

std::string reason_of(const contract::Contract& contract, const http::Request& request) {
  engine::Engine engine = make_engine(contract);
  http::Response response = engine.handle(request);
  const std::string* reason = response.headers.find("X-Mock-Reason");
  return reason == nullptr ? "(none)" : *reason;
}

std::string documented_reason(const std::string& field, const Ordered& value) {
  Ordered body = {{"name", "k"}, {"mode", "read"}};
  body[field] = value;
  return reason_of(contract::kDocumented, ask("POST", "/apikey/", json::dump(body)));
}

std::string deployed_reason(const std::string& field, const Ordered& value) {
  Ordered body = {{"name", "k"}, {"mode", "read"}};
  body[field] = value;
  return reason_of(contract::kDeployed2026February, ask("POST", "/apikey/", json::dump(body)));
}

}  // namespace

// What refused is told to show that every step which quotes what was sent had its turn.
TEST_CASE("no reason of the documented contract shows a secret, wherever it is sent") {
  const std::set<std::string> refused_by = {"authenticate",
                                            "find_endpoint",
                                            "find_own_key",
                                            "judge_policies",
                                            "read_body",
                                            "read_expiration",
                                            "read_hashed",
                                            "read_limited_to_apps",
                                            "read_limited_to_orgs",
                                            "read_mode",
                                            "read_name",
                                            "require_id_form",
                                            "require_limited_to_apps_array",
                                            "require_limited_to_orgs_array",
                                            "require_mode_all",
                                            "require_name",
                                            "require_unlimited_caller"};
  CHECK((check_everywhere(contract::kDocumented) == refused_by));
}

TEST_CASE("no reason of the contract of February 2026 shows a secret, wherever it is sent") {
  const std::set<std::string> refused_by = {"authenticate",
                                            "find_endpoint",
                                            "find_key_to_update",
                                            "find_own_key",
                                            "insert_key",
                                            "judge_changed_policies",
                                            "judge_policies",
                                            "query_rows",
                                            "read_app_id",
                                            "read_body",
                                            "read_expiration",
                                            "read_limited_to_apps",
                                            "read_limited_to_orgs",
                                            "read_mode",
                                            "read_name",
                                            "read_org_id",
                                            "read_subkey",
                                            "require_caller_without_orgs",
                                            "require_change",
                                            "require_future_expiration",
                                            "require_id",
                                            "require_id_form",
                                            "require_id_form_of_update",
                                            "require_known_mode",
                                            "require_limited_to_apps_array",
                                            "require_limited_to_apps_strings",
                                            "require_limited_to_orgs_array",
                                            "require_limited_to_orgs_strings",
                                            "require_name_string",
                                            "require_regenerate_boolean",
                                            "save_changes"};
  CHECK((check_everywhere(contract::kDeployed2026February) == refused_by));
}

TEST_CASE("a secret sent as a value is shown by its beginning") {
  CHECK(documented_reason("mode", "ak_123") == "read_mode: mode is \"ak_...\"");
  CHECK(documented_reason("mode", "s3cr!t") == "read_mode: mode is \"s3c...\"");
  CHECK(documented_reason("mode", "ak_0123456789abcdef0123456789abcdef") ==
        "read_mode: mode is \"ak_012...\"");
  CHECK(documented_reason("mode", kUuid) == "read_mode: mode is \"0f1e2d...\"");
  CHECK(documented_reason("hashed", 90210) == "read_hashed: hashed is 90..., not true or false");
  CHECK(documented_reason("mode", "is it (a;b=c) or s3cr!t?") ==
        "read_mode: mode is \"is it (...) or s3c...?\"");
  CHECK(deployed_reason("limited_to_apps", "zq") ==
        "require_limited_to_apps_array: limited_to_apps is \"z...\", not an array");
  CHECK(deployed_reason("expires_at", "2099-01-01 (ak_123)") ==
        "insert_key: the database says: invalid input syntax for type timestamp with time zone: "
        "\"2099-01-01 (ak_...)\"");
}

TEST_CASE("a value is judged before it is cut") {
  std::string filler(40, 'x');
  CHECK(documented_reason("mode", filler + " " + std::string(kUuid)) ==
        "read_mode: mode is \"" + filler + " 0f1e2d...\"");
  filler += std::string(10, 'y') + " ";
  CHECK(documented_reason("mode", filler + std::string(kUuid) + " and more") ==
        "read_mode: mode is \"" + filler + "0f1e2d.....");
}

TEST_CASE("what is no secret stays readable") {
  CHECK(documented_reason("mode", "reed") == "read_mode: mode is \"reed\"; did you mean \"read\"?");
  CHECK(documented_reason("mode", "s3cr!") == "read_mode: mode is \"s3cr!\"");
  CHECK(documented_reason("limited_to_apps", "com.demo.app") ==
        "require_limited_to_apps_array: limited_to_apps is \"com.demo.app\", not an array");
  CHECK(documented_reason("expires_at", "2099-02-30T12:00:00Z") ==
        "read_expiration: expires_at is \"2099-02-30T12:00:00Z\"; write it as 2099-01-31 or "
        "2099-01-31T12:00:00Z, a day that exists");
  CHECK(reason_of(contract::kDocumented, ask("DELETE", "/apikey/abc")) ==
        "require_id_form: \"abc\" is no id; give the key's number, not its secret");
}

TEST_CASE("a UUID is an id where one belongs, unless a key has it for its secret") {
  const std::string id = "0a000000-0000-4000-8000-00000000000a";
  CHECK(deployed_reason("limited_to_orgs", id) ==
        "require_limited_to_orgs_array: limited_to_orgs is \"" + id + "\", not an array");
  CHECK(deployed_reason("org_id", id) == "read_org_id: org_id is \"" + id +
                                             "\", and the fixtures have no such row: Cannot coerce "
                                             "the result to a single JSON object");
  CHECK(deployed_reason("app_id", kUuid) ==
        "read_app_id: app_id is \"0f1e2d...\", and the fixtures have no such row: Cannot coerce "
        "the result to a single JSON object");
  CHECK(deployed_reason("limited_to_orgs", Ordered::array({id + " x"})) ==
        "insert_key: the database says: invalid input syntax for type uuid: \"" + id + " x\"");
  CHECK(deployed_reason("mode", id) == "read_mode: mode is \"0a0000...\"");
}

TEST_CASE("what the caller sent as a credential is a secret, even if no key has it") {
  for (const char* sent : {"unkn!wn", "Bearer unkn!wn", "Key unkn!wn"}) {
    CAPTURE(sent);
    http::Request request = ask("POST", "/apikey/", R"({"name":"k","mode":"unkn!wn"})");
    request.headers = {{"authorization", "ak_123"}, {"capgkey", sent}};
    CHECK(reason_of(contract::kDocumented, request) == "read_mode: mode is \"unk...\"");
  }
  CHECK(documented_reason("mode", "unkn!wn") == "read_mode: mode is \"unkn!wn\"");
}

TEST_CASE("what a key is limited to is shown without secrets") {
  http::Request request = ask("GET", "/apikey/");
  request.headers.set("x-api-key", "a;b=c");
  CHECK(reason_of(contract::kDocumented, request) ==
        "require_unlimited_caller: key 5 is limited to the apps com.demo.app, s3c..., 90..., and a "
        "limited key manages no keys");
  request.headers.set("x-api-key", "s3cr!t");
  CHECK(reason_of(contract::kDeployed2026February, request) ==
        "require_caller_without_orgs: key 4 is limited to the org \"0f1e2d...\", and a key limited "
        "to orgs manages no keys");
}

TEST_CASE("an address that is locked out is shown without secrets") {
  world::Wish wish;
  wish.contract = &contract::kDeployed2026February;
  wish.fixture = kFixture;
  wish.rate_limit = 2000;
  engine::Engine engine = world::make_engine(wish);
  http::Response response;
  for (int i = 0; i < 21; ++i) {
    response = engine.handle({"GET", "/apikey/", {{"cf-connecting-ip", "s3cr!t ::1"}}, ""});
  }
  REQUIRE(response.headers.find("X-Mock-Reason") != nullptr);
  CHECK(*response.headers.find("X-Mock-Reason") ==
        "refuse_locked_out_address: from s3c... ::1 20 logins failed in a row, the last less than "
        "15 minutes ago");
}
