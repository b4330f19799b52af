#include <doctest/doctest.h>

#include <iterator>
#include <set>
#include <sstream>

#include "base/embedded_files.h"
#include "contract/catalog.h"
#include "engine/requests.h"

/// The built-in scenario public-api, row by row as the page on the public API has it.
namespace {

using engine_tests::shown;

/// Keys named after their modes, with and without limits. `com.demo.app` is of `org_acme`.
constexpr const char* kFixture = R"({
  "orgs": [{"id":"org_acme","name":"N","members":["user_1"]},
           {"id":"org_b","name":"N"},
           {"id":"org_closed","name":"Closed","members":["user_2"]}],
  "apps": [{"id":"1","app_id":"com.demo.app","owner_org":"org_acme"},
           {"id":"2","app_id":"com.other.app","owner_org":"org_b"},
           {"id":"3","app_id":"com.closed.app","owner_org":"org_closed"}],
  "keys": [
    {"id":1,"key":"read","mode":"read","name":"k","user_id":"user_1"},
    {"id":2,"key":"upload","mode":"upload","name":"k","user_id":"user_1"},
    {"id":3,"key":"write","mode":"write","name":"k","user_id":"user_1"},
    {"id":4,"key":"all","mode":"all","name":"k","user_id":"user_1"},
    {"id":5,"key":"of-app","mode":"all","name":"k","user_id":"user_1","limited_to_apps":["com.demo.app"]},
    {"id":6,"key":"of-org","mode":"all","name":"k","user_id":"user_1","limited_to_orgs":["org_acme"]},
    {"id":7,"key":"expired","mode":"all","name":"k","user_id":"user_1",
     "expires_at":"2024-02-11T00:00:00Z"}]})";

engine::Engine make(const contract::Contract& contract) {
  test_engine::Options options;
  options.contract = &contract;
  options.fixture = kFixture;
  std::string_view text = base::embedded_file(contract.public_api_file());
  auto loaded =
      scenario::load_scenario("public-api.json", std::string(text), contract.caller_check.rights);
  CHECK(loaded.problems.empty());
  CHECK(loaded.scenario.name == "public-api");
  options.scenarios = {std::string(text)};
  return test_engine::make_engine(options);
}

/// A call of the public API. APP stands for an app and ORG for its org.
struct Row {
  const char* call;
  const char* target;
  const char* body;
  const char* success;
  /// The lowest mode, and what the text of a rejection is about, in the documented contract.
  const char* least;
  const char* denied;
  /// The modes, and the rejection of an app or org, in the contract of February 2026.
  const char* modes;
  const char* deployed;
};

constexpr const char* kApp = R"({"app_id":"APP"})";
constexpr const char* kOrg = R"({"orgId":"ORG"})";
constexpr const char* kOk = R"({"status":"ok"})";
constexpr const char* kOneApp = R"({"data":{"app_id":"APP","owner_org":"ORG"}})";
constexpr const char* kNewApp = R"({"app_id":"com.new.app","owner_org":"ORG"})";
constexpr const char* kUsage = R"([{"date":"2024-02-12","mau":0,"storage":0,"bandwidth":0}])";
constexpr const char* kNoAppStatistics = R"({"status":"You can't access this app",)"
                                         R"("error":"Insufficient permissions to access )"
                                         R"(statistics"})";
constexpr const char* kNoOrgStatistics = R"({"status":"You can't access this organization",)"
                                         R"("error":"Insufficient permissions to access )"
                                         R"(organization statistics"})";
constexpr const char* kAny = "read upload write all";

// clang-format off
constexpr Row kRows[] = {
    {"GET /app/", "/app/?org_id=ORG", "", R"({"data":[{"app_id":"APP","owner_org":"ORG"}]})",
     "read", "app", "read all", "401 cannot_access_app"},
    {"GET /app/:appId", "/app/APP", "", kOneApp,
     "read", "app", "read all", "401 cannot_access_app"},
    {"POST /app/", "/app/", kNewApp, R"({"data":{"app_id":"com.new.app","owner_org":"ORG"}})",
     "write", "app", "write all", "403 cannot_access_organization"},
    {"PUT /app/:appId", "/app/APP", "", kOneApp,
     "write", "app", "write all", "401 cannot_access_app"},
    {"DELETE /app/:appId", "/app/APP", "", kOk,
     "all", "app", "write all", "400 cannot_delete_app"},
    {"GET /bundle/", "/bundle/?app_id=APP", "",
     R"({"data":[{"id":1,"app_id":"APP","name":"1.0.0"}]})",
     "read", "bundles", "read write all", "400 cannot_get_bundle"},
    {"POST /bundle/", "/bundle/", kApp, kOk,
     "upload", "bundles", "write all", "400 cannot_create_bundle"},
    {"PUT /bundle/", "/bundle/", kApp, kOk,
     "upload", "bundles", "write all", "400 cannot_access_app"},
    {"POST /bundle/metadata", "/bundle/metadata", kApp, kOk,
     "upload", "bundles", "write all", "400 cannot_access_app"},
    {"DELETE /bundle/", "/bundle/", kApp, kOk,
     "write", "bundles", "write all", "400 cannot_delete_bundle"},
    {"GET /channel/", "/channel/?app_id=APP", "",
     R"({"data":[{"id":1,"name":"production","app_id":"APP"}]})",
     "read", "channels", "read write all", "400 cannot_access_app"},
    {"POST /channel/", "/channel/", kApp, kOk,
     "write", "channels", "write all", "400 cannot_access_app"},
    {"DELETE /channel/", "/channel/", kApp, kOk,
     "write", "channels", "write all", "400 cannot_access_app"},
    {"GET /device/", "/device/?app_id=APP", "",
     R"({"data":[{"device_id":"00000000-0000-4000-8000-000000000001","app_id":"APP",)"
     R"("platform":"ios"}],"hasMore":false})",
     "read", "devices", "read write all", "400 cannot_access_app"},
    {"POST /device/", "/device/", kApp, kOk,
     "write", "devices", "write all", "400 cannot_access_app"},
    {"DELETE /device/", "/device/", kApp, kOk,
     "write", "devices", "write all", "400 cannot_access_app"},
    {"GET /organization/", "/organization/?orgId=ORG", "", R"({"data":{"id":"ORG","name":"N"}})",
     "read", "Admin role required", kAny, "400 invalid_org_id"},
    {"POST /organization/", "/organization/", R"({"name":"New"})", kOk,
     "all", "Admin role required", kAny, "400 invalid_org_id"},
    {"PUT /organization/", "/organization/", kOrg, kOk,
     "all", "Admin role required", kAny, "400 invalid_org_id"},
    {"DELETE /organization/", "/organization/?orgId=ORG", "", kOk,
     "all", "Admin role required", kAny, "400 invalid_org_id"},
    {"GET /organization/members/", "/organization/members/?orgId=ORG", "",
     R"({"data":[{"uid":"user_1","email":"user_1@example.com","role":"super_admin"}]})",
     "read", "members", kAny, "400 cannot_access_organization"},
    {"POST /organization/members/", "/organization/members/", kOrg, kOk,
     "all", "members", kAny, "400 cannot_access_organization"},
    {"DELETE /organization/members/", "/organization/members/", kOrg, kOk,
     "all", "members", kAny, "400 cannot_access_organization"},
    {"GET /statistics/app/:appId/", "/statistics/app/APP/", "", kUsage,
     "read", kNoAppStatistics, "read all", "401 no_access_to_app"},
    {"GET /statistics/app/:appId/bundle_usage", "/statistics/app/APP/bundle_usage", "",
     R"({"labels":[],"datasets":[]})",
     "read", kNoAppStatistics, "read all", "401 no_access_to_app"},
    {"GET /statistics/org/:orgId/", "/statistics/org/ORG/", "", kUsage,
     "read", kNoOrgStatistics, "read all", "401 no_access_to_organization"},
    {"GET /statistics/user/", "/statistics/user/", "", kUsage,
     "read", kNoAppStatistics, "read all", "401 no_access_to_app"},
};
// clang-format on

std::string replace(std::string text, std::string_view word, std::string_view value) {
  for (size_t at = text.find(word); at != std::string::npos; at = text.find(word)) {
    text.replace(at, word.size(), value);
  }
  return text;
}

/// The text for the app com.demo.app, or com.other.app, and its org.
std::string fill(const char* text, bool is_other = false) {
  return replace(replace(text, "APP", is_other ? "com.other.app" : "com.demo.app"), "ORG",
                 is_other ? "org_b" : "org_acme");
}

http::Request request_of(const Row& row, const std::string& key, bool is_other = false) {
  std::string call = row.call;
  return {call.substr(0, call.find(' ')),
          fill(row.target, is_other),
          {{"capgkey", key}},
          fill(row.body, is_other)};
}

/// What a contract answers.
struct Answers {
  /// The modes that may make a call, and the rejections of other modes, and of an app or org.
  std::set<std::string> modes;
  std::string mode_denied;
  std::string target_denied;
};

Answers documented_answers(const Row& row) {
  const std::string what = row.denied;
  std::string body = what;
  if (!what.starts_with('{')) {
    std::string text =
        what.find(' ') == std::string::npos ? "Insufficient permissions to manage " + what : what;
    body = R"({"error":")" + text + R"(","status":"KO"})";
  }
  std::set<std::string> modes;
  bool is_allowed = false;
  for (const char* mode : {"read", "upload", "write", "all"}) {
    is_allowed |= row.least == std::string_view(mode);
    if (is_allowed) modes.insert(mode);
  }
  return {modes, "403 " + body, "403 " + body};
}

std::string deployed_error(const std::string& status, const std::string& code,
                           const std::string& message) {
  return status + R"( {"error":")" + code + R"(","message":")" + message + R"(","moreInfo":{}})";
}

Answers deployed_answers(const Row& row) {
  std::istringstream modes(row.modes);
  std::istringstream deployed(row.deployed);
  std::string status;
  std::string code;
  deployed >> status >> code;
  std::string what = code.find("org") == std::string::npos ? "app" : "organization";
  return {{std::istream_iterator<std::string>(modes), {}},
          deployed_error("401", "invalid_apikey", "Invalid apikey"),
          deployed_error(status, code, "You can't access this " + what)};
}

void check_rows(const contract::Contract& contract, Answers (*answers_of)(const Row&)) {
  engine::Engine engine = make(contract);
  for (const Row& row : kRows) {
    CAPTURE(row.call);
    const Answers answers = answers_of(row);
    const std::string success = "200 " + fill(row.success);
    auto answer = [&](const std::string& key, bool is_other = false) {
      return shown(engine.handle(request_of(row, key, is_other)));
    };
    for (const char* mode : {"read", "upload", "write", "all"}) {
      CAPTURE(mode);
      CHECK(answer(mode) == (answers.modes.contains(mode) ? success : answers.mode_denied));
    }
    const std::string all = std::string(row.target) + row.body;
    bool names_app = all.find("APP") != std::string::npos;
    bool names_org = all.find("ORG") != std::string::npos;
    CHECK(answer("of-org") == success);
    CHECK(answer("of-app") == (names_app || !names_org ? success : answers.target_denied));
    if (!names_app && !names_org) continue;
    CHECK(answer("of-org", true) == answers.target_denied);
    CHECK(answer("of-app", true) == answers.target_denied);
    CHECK(answer("all", true) == "200 " + fill(row.success, true));
  }
}

}  // namespace

TEST_CASE("public-api has the 27 calls of the public API beside /apikey/, in each contract") {
  std::vector<std::string> calls;
  for (const Row& row : kRows) calls.emplace_back(row.call);
  CHECK(calls.size() == 27);
  for (const contract::Contract* contract : contract::all()) {
    std::string_view text = base::embedded_file(contract->public_api_file());
    auto loaded = scenario::load_scenario("public-api.json", std::string(text),
                                          contract->caller_check.rights);
    std::vector<std::string> found;
    for (const auto& rule : loaded.scenario.rules) {
      found.push_back(rule.on.method + " " + rule.on.path);
      CHECK(rule.effect.requirement.has_value());
    }
    CHECK((found == calls));
  }
}

TEST_CASE("under the documented contract, each call of public-api has its least mode and texts") {
  check_rows(contract::kDocumented, documented_answers);
}

TEST_CASE("under the deployed contract, each call of public-api has its list of modes and errors") {
  check_rows(contract::kDeployed2026February, deployed_answers);
}

TEST_CASE("documented public-api rejects callers as /apikey/ does") {
  engine::Engine engine = make(contract::kDocumented);
  const std::string invalid = R"(401 {"error":"Invalid API key","status":"KO"})";
  for (const Row& row : kRows) {
    CAPTURE(row.call);
    http::Request request = request_of(row, "nobody");
    CHECK(shown(engine.handle(request)) == invalid);
    request.headers = {};
    CHECK(shown(engine.handle(request)) == invalid);
    request.headers = {{"x-api-key", "expired"}};
    CHECK(shown(engine.handle(request)) == R"(401 {"error":"API key has expired","status":"KO"})");
    request.headers = {{"authorization", "all"}};
    CHECK(engine.handle(request).status == 200);
    // Clients of Supabase send a key of their own in authorization.
    request.headers = {{"authorization", "Bearer x"}, {"capgkey", "all"}};
    CHECK(engine.handle(request).status == 200);
    request.headers = {{"authorization", "nobody"}, {"capgkey", "all"}};
    CHECK(shown(engine.handle(request)) == invalid);
    request.headers = {{"authorization", "all"}, {"capgkey", "nobody"}};
    CHECK(engine.handle(request).status == 200);
  }
}

TEST_CASE("deployed public-api reads capgkey, else authorization; statistics as /apikey does") {
  engine::Engine engine = make(contract::kDeployed2026February);
  const std::string none = deployed_error("401", "no_key_provided", "No key provided");
  const std::string invalid = deployed_error("401", "invalid_apikey", "Invalid apikey");
  const std::string no_jwt = deployed_error("401", "invalid_jwt", "Invalid JWT");
  const std::string nothing =
      deployed_error("401", "no_jwt_apikey_or_subkey", "No JWT, apikey or subkey provided");
  for (const Row& row : kRows) {
    CAPTURE(row.call);
    http::Request request = request_of(row, "all");
    auto answer = [&](std::initializer_list<http::Header> headers) {
      request.headers = headers;
      return shown(engine.handle(request));
    };
    bool is_statistics = std::string_view(row.target).starts_with("/statistics");
    const std::string success = "200 " + fill(row.success);
    CHECK(answer({{"capgkey", "all"}, {"authorization", "nobody"}}) ==
          (is_statistics ? no_jwt : success));
    CHECK(answer({{"authorization", "all"}}) == (is_statistics ? no_jwt : success));
    CHECK(answer({{"x-api-key", "all"}}) == (is_statistics ? success : none));
    CHECK(answer({}) == (is_statistics ? nothing : none));
    CHECK(answer({{"capgkey", "nobody"}}) == invalid);
    CHECK(answer({{"capgkey", "expired"}}) == invalid);
  }
}
