#include <doctest/doctest.h>

#include <map>

#include "contract/catalog.h"
#include "engine/requests.h"

/// Rules with "requires": what they check, in which order, and what they report.
namespace {

using engine_tests::header;
using engine_tests::shown;

constexpr const char* kFixture = R"({
  "orgs": [{"id":"org_acme","name":"Acme","members":["user_1","user_2"]},
           {"id":"org_b","name":"B"}, {"id":"org_closed","name":"Closed","members":["user_2"]}],
  "apps": [{"id":"1","app_id":"com.demo.app","owner_org":"org_acme"},
           {"id":"2","app_id":"com.other.app","owner_org":"org_b"},
           {"id":"3","app_id":"com.closed.app","owner_org":"org_closed"}],
  "keys": [
    {"id":1,"key":"read","mode":"read","name":"k","user_id":"user_1"},
    {"id":3,"key":"upload","mode":"upload","name":"k","user_id":"user_1",
     "limited_to_apps":["com.demo.app"]},
    {"id":4,"key":"all","mode":"all","name":"k","user_id":"user_1"},
    {"id":5,"key":"of-org","mode":"all","name":"k","user_id":"user_1",
     "limited_to_orgs":["org_acme"]},
    {"id":7,"key":"expired","mode":"read","name":"k","user_id":"user_1",
     "expires_at":"2024-02-11T00:00:00Z"},
    {"id":8,"key":"expired-31-days","mode":"read","name":"k","user_id":"user_1",
     "expires_at":"2024-01-11T00:00:00Z"}]})";

/// An engine with one rule, which is for POST /upload/:app.
engine::Engine with_rule(const std::string& fields,
                         const contract::Contract* contract = &contract::kDocumented,
                         std::optional<int64_t> rate_limit = std::nullopt) {
  test_engine::Options options;
  options.contract = contract;
  options.fixture = kFixture;
  options.rate_limit = rate_limit;
  options.scenarios = {R"({"name":"stub","rules":[{"on":"POST /upload/:app",)" + fields + "}]}"};
  auto loaded =
      scenario::load_scenario("s.json", options.scenarios[0], contract->caller_check.rights);
  CHECK(loaded.problems.empty());
  return test_engine::make_engine(options);
}

http::Response upload(engine::Engine& engine, const std::string& key,
                      const std::string& body = R"({"app_id":"com.demo.app"})") {
  http::Request request{"POST", "/upload/com.demo.app?org=org_acme", {{"capgkey", key}}, body};
  if (key.empty()) request.headers = {};
  return engine.handle(request);
}

/// The status and X-Mock-Reason.
std::string reason(const http::Response& response) {
  return std::to_string(response.status) + " " + header(response, "X-Mock-Reason");
}

constexpr const char* kUpload =
    R"("requires":{"mode":"upload","app":"body.app_id"},"respond":{"body":{"status":"ok"}})";

}  // namespace

TEST_CASE("a guarded rule responds to a key that is allowed, and names why it rejects others") {
  engine::Engine engine = with_rule(kUpload);
  CHECK(shown(upload(engine, "upload")) == R"(200 {"status":"ok"})");
  CHECK(shown(upload(engine, "all")) == R"(200 {"status":"ok"})");
  CHECK(reason(upload(engine, "")) ==
        "401 requires: no key was sent; put it in the header authorization or x-api-key");
  CHECK(reason(upload(engine, "uplaod")) ==
        "401 requires: no key has the secret \"uplaod\" sent in capgkey; did you mean key 3 "
        "(\"k\")?");
  CHECK(reason(upload(engine, "expired")) ==
        "401 requires: key 7 expired at 2024-02-11T00:00:00Z, and the time is "
        "2024-02-12T00:00:00Z");
  CHECK(reason(upload(engine, "read")) ==
        "403 requires: key 1 has mode \"read\", and this needs \"upload\"");
  CHECK(reason(upload(engine, "upload", R"({"app_id":"com.other.app"})")) ==
        "403 requires: key 3 is limited to the apps com.demo.app, and the request is for the app "
        "\"com.other.app\"");
  CHECK(reason(upload(engine, "of-org", R"({"app_id":"com.other.app"})")) ==
        "403 requires: key 5 is limited to the orgs org_acme, and the request is for the app "
        "\"com.other.app\"");
  CHECK(shown(upload(engine, "of-org")) == R"(200 {"status":"ok"})");
  CHECK(shown(upload(engine, "read")) ==
        R"(403 {"error":"Insufficient permissions","status":"KO"})");
}

TEST_CASE("a key that expired more than 30 days ago is gone, as on /apikey/") {
  engine::Engine engine = with_rule(kUpload);
  CHECK(upload(engine, "expired-31-days").body == R"({"error":"Invalid API key","status":"KO"})");
  CHECK(engine_tests::ask(engine, "GET", "/__admin/state").find("expired-31-days") ==
        std::string::npos);
}

TEST_CASE("the journal has the step, the rule and the caller of a rejection") {
  engine::Engine engine = with_rule(kUpload);
  upload(engine, "read");
  upload(engine, "all");
  auto journal = json::parse(engine_tests::send(engine, "GET", "/__admin/requests").body);
  const auto& rejected = journal["requests"][0];
  CHECK(rejected["rejected_by"] == "requires");
  CHECK(rejected["scenario"] == "stub, rule 1");
  CHECK(rejected["key_id"] == 1);
  CHECK(rejected["response"]["headers"]["X-Mock-Reason"] ==
        "requires: key 1 has mode \"read\", and this needs \"upload\"");
  CHECK(journal["requests"][1]["rejected_by"] == nullptr);
  CHECK(journal["requests"][1]["key_id"] == 4);
}

TEST_CASE("the caller is checked in order: key, expiration, rate limit, mode, app, org") {
  engine::Engine engine =
      with_rule(R"("requires":{"mode":"upload","app":"body.app_id","org":"query.no"},)"
                R"("respond":{})",
                &contract::kDocumented, 1);
  // Each request has all faults but those reported before.
  CHECK(upload(engine, "nobody", "{}").status == 401);
  CHECK(upload(engine, "expired", "{}").body == R"({"error":"API key has expired","status":"KO"})");
  CHECK(upload(engine, "read", "{}").status == 403);
  http::Response limited = upload(engine, "read", "{}");
  CHECK(limited.status == 429);
  CHECK(header(limited, "Retry-After") == "60");
  CHECK(reason(limited) ==
        "429 requires: key 1 has made 2 requests in a minute; the --rate-limit is 1");
  CHECK(reason(upload(engine, "upload", "{}")) == "400 requires: the body has no app_id");
  engine_tests::send(engine, "POST", "/__admin/clock/advance", R"({"by":"1m"})");
  CHECK(reason(upload(engine, "upload")) == "400 requires: the query has no no");
}

TEST_CASE("calls of guarded rules and of /apikey/ count together for the rate limit") {
  engine::Engine engine = with_rule(kUpload, &contract::kDocumented, 2);
  CHECK(engine.handle(engine_tests::get("/apikey/", "all")).status == 200);
  CHECK(upload(engine, "all").status == 200);
  CHECK(engine.handle(engine_tests::get("/apikey/", "all")).status == 429);
  CHECK(upload(engine, "all").status == 429);
}

TEST_CASE("denied replaces the contract's response to every rejected caller") {
  engine::Engine engine =
      with_rule(R"("requires":{"mode":"write"},"respond":{},)"
                R"("denied":{"status":418,"headers":{"X-Why":"pot"},"body":{"no":"tea"}})");
  for (const char* key : {"", "nobody", "expired", "read"}) {
    CAPTURE(key);
    http::Response response = upload(engine, key);
    CHECK(shown(response) == R"(418 {"no":"tea"})");
    CHECK(header(response, "X-Why") == "pot");
    CHECK(header(response, "Content-Type") == "application/json");
    CHECK(header(response, "X-Mock-Reason").starts_with("requires: "));
  }
  CHECK(upload(engine, "all").status == 200);
  engine::Engine incomplete =
      with_rule(R"("requires":{"mode":"write","app":"body.no"},"respond":{},"denied":{})");
  CHECK(upload(incomplete, "read").status == 403);
  CHECK(shown(upload(incomplete, "all")) == R"(400 {"error":"Missing no","status":"KO"})");
  engine::Engine plain = with_rule(R"("requires":{},"respond":{},"denied":{"body":"No."})");
  CHECK(shown(upload(plain, "nobody")) == "403 No.");
  CHECK(header(upload(plain, "nobody"), "Content-Type") == "text/plain");
  CHECK(upload(plain, "read").status == 200);
}

TEST_CASE("an app and an org are a literal, or in the query, the body or the path") {
  struct Row {
    std::string target;
    int status;
  };
  for (const Row& row : {Row{R"("app":"com.demo.app")", 200}, Row{R"("app":"com.other.app")", 403},
                         Row{R"("app":"path.app")", 200}, Row{R"("app":"body.app_id")", 200},
                         Row{R"("app":"query.org")", 403}, Row{R"("app":"body.none")", 400},
                         Row{R"("app":"body.none?")", 200}, Row{R"("app":"query.none?")", 200},
                         Row{R"("org":"query.org")", 403}, Row{R"("org":"org_acme")", 403}}) {
    CAPTURE(row.target);
    engine::Engine engine = with_rule(R"("requires":{)" + row.target + R"(},"respond":{})");
    CHECK(upload(engine, "upload").status == row.status);
  }
  engine::Engine engine = with_rule(R"("requires":{"org":"query.org"},"respond":{})");
  CHECK(upload(engine, "of-org").status == 200);
}

TEST_CASE("an app and an org that a request names are both checked") {
  engine::Engine engine =
      with_rule(R"("requires":{"app":"body.app_id?","org":"body.org_id?"},"respond":{})");
  auto status = [&](const std::string& key, const std::string& body) {
    return upload(engine, key, body).status;
  };
  for (const std::string key : {"upload", "of-org"}) {
    CAPTURE(key);
    CHECK(status(key, R"({"app_id":"com.demo.app"})") == 200);
    CHECK(status(key, R"({"app_id":"com.demo.app","org_id":"org_acme"})") == 200);
    CHECK(status(key, R"({"app_id":"com.demo.app","org_id":"org_b"})") == 403);
    CHECK(status(key, R"({"app_id":"com.unknown","org_id":"org_acme"})") == 403);
    CHECK(status(key, R"({"org_id":"org_b"})") == 403);
  }
  CHECK(status("upload", R"({"org_id":"org_acme"})") == 403);
  CHECK(status("of-org", R"({"org_id":"org_acme"})") == 200);
  CHECK(status("all", R"({"app_id":"com.demo.app","org_id":"org_b"})") == 200);
}

TEST_CASE("an optional app may be left out, but not be something else than an id") {
  engine::Engine engine = with_rule(R"("requires":{"app":"body.app_id?"},"respond":{})");
  for (const std::string body : {"", "{}", "[]", R"({"app_id":null})", R"({"app_id":""})"}) {
    CAPTURE(body);
    CHECK(upload(engine, "upload", body).status == 200);
  }
  for (const std::string body : {"{", R"({"app_id":5})", R"({"app_id":["com.other.app"]})"}) {
    CAPTURE(body);
    CHECK(upload(engine, "upload", body).status == 400);
  }
}

TEST_CASE("under the deployed contract, a mode is a list, and another mode is an unknown key") {
  const auto* deployed = &contract::kDeployed2026February;
  engine::Engine list =
      with_rule(R"("requires":{"mode":["read","all"],"app":"body.app_id"},"respond":{})", deployed);
  CHECK(upload(list, "read").status == 200);
  CHECK(upload(list, "all").status == 200);
  CHECK(shown(upload(list, "upload")) ==
        R"(401 {"error":"invalid_apikey","message":"Invalid apikey","moreInfo":{}})");
  CHECK(reason(upload(list, "upload")) ==
        "401 requires: key 3 has mode \"upload\", and this needs \"read\" or \"all\"");
  CHECK(shown(upload(list, "of-org", R"({"app_id":"com.other.app"})")) ==
        R"(401 {"error":"cannot_access_app","message":"You can't access this app","moreInfo":{}})");
  engine::Engine single = with_rule(R"("requires":{"mode":"upload"},"respond":{})", deployed);
  CHECK(upload(single, "upload").status == 200);
  CHECK(upload(single, "all").status == 401);
  engine::Engine org = with_rule(R"("requires":{"org":"query.org"},"respond":{})", deployed);
  CHECK(upload(org, "upload").status == 403);
}

TEST_CASE("web pages can read the rejections of guarded rules") {
  const std::string origin = "http://localhost:5173";
  const std::map<std::string_view, std::string> allowed = {
      {"documented", "*"}, {"deployed-2026-02", "*"}, {"deployed-2026-07", origin}};
  for (const contract::Contract* contract : contract::all()) {
    engine::Engine engine = with_rule(R"("requires":{},"respond":{})", contract);
    http::Response response = engine.handle({"POST", "/upload/a", {{"Origin", origin}}, ""});
    CHECK(response.status == 401);
    CHECK(header(response, "Access-Control-Allow-Origin") == allowed.at(contract->name));
  }
}

TEST_CASE("a guarded rule that rejects has fired") {
  engine::Engine engine = with_rule(R"("times":1,"requires":{},"respond":{})");
  CHECK(upload(engine, "nobody").status == 401);
  CHECK(upload(engine, "all").status == 404);
}

TEST_CASE("a delay and a fault apply to rejections too") {
  engine::Engine engine =
      with_rule(R"("requires":{},"respond":{},"delay":{"milliseconds":5},"fault":"HANG")");
  http::Response response = upload(engine, "nobody");
  CHECK(response.delay == std::chrono::milliseconds{5});
  CHECK((response.fault == http::Fault::hang));
}

TEST_CASE("a call without the app or org that it needs gets 400") {
  const std::string deployed =
      R"(400 {"error":"missing_app_id","message":"Missing app_id","moreInfo":{}})";
  const std::map<std::string_view, std::string> bodies = {
      {"documented", R"(400 {"error":"Missing app_id","status":"KO"})"},
      {"deployed-2026-02", deployed},
      {"deployed-2026-07", deployed}};
  struct Bad {
    std::string body;
    std::string reason;
  };
  for (const contract::Contract* contract : contract::all()) {
    CAPTURE(contract->name);
    engine::Engine engine = with_rule(R"("requires":{"app":"body.app_id"},"respond":{})", contract);
    for (const Bad& bad : {Bad{"", "the body is empty; send a JSON object"},
                           Bad{"{", "the body is not valid JSON; see line 1, column 2"},
                           Bad{"[]", "the body has no app_id"}, Bad{"{}", "the body has no app_id"},
                           Bad{R"({"app_id":5})", "app_id is 5; send an id"},
                           Bad{R"({"app_id":null})", "app_id is null; send an id"},
                           Bad{R"({"app_id":""})", "app_id is \"\"; send an id"}}) {
      CAPTURE(bad.body);
      CHECK(shown(upload(engine, "all", bad.body)) == bodies.at(contract->name));
      CHECK(reason(upload(engine, "all", bad.body)) == "400 requires: " + bad.reason);
    }
    engine::Engine by_query = with_rule(R"("requires":{"app":"query.app"},"respond":{})", contract);
    CHECK(reason(upload(by_query, "all")) == "400 requires: the query has no app");
  }
  engine::Engine by_org = with_rule(R"("requires":{"org":"body.orgId"},"respond":{})",
                                    &contract::kDeployed2026February);
  CHECK(shown(upload(by_org, "all")) ==
        R"(400 {"error":"missing_org_id","message":"Missing orgId","moreInfo":{}})");
}

TEST_CASE("examples are the apps, orgs and users of the fixtures that the key can read") {
  auto example = [](const std::string& fields, const std::string& key,
                    const std::string& body = "") {
    engine::Engine engine = with_rule(fields);
    return shown(upload(engine, key, body));
  };
  const std::string apps = R"("requires":{"org":"body.org_id?"},"respond":{"example":"apps"})";
  const std::string demo = R"({"app_id":"com.demo.app","owner_org":"org_acme"})";
  CHECK(example(apps, "all") ==
        R"(200 {"data":[)" + demo + R"(,{"app_id":"com.other.app","owner_org":"org_b"}]})");
  CHECK(example(apps, "upload") == R"(200 {"data":[)" + demo + "]}");
  CHECK(example(apps, "of-org") == R"(200 {"data":[)" + demo + "]}");
  CHECK(example(apps, "all", R"({"org_id":"org_unknown"})") == R"(200 {"data":[]})");

  const std::string app = R"("requires":{"app":"body.app_id"},"respond":{"example":"app"})";
  CHECK(example(app, "all", R"({"app_id":"com.demo.app"})") == R"(200 {"data":)" + demo + "}");
  CHECK(example(app, "all", R"({"app_id":"com.new.app"})") ==
        R"(200 {"data":{"app_id":"com.new.app"}})");

  const std::string orgs =
      R"("requires":{"org":"body.orgId?"},"respond":{"example":"organizations"})";
  const std::string acme = R"({"id":"org_acme","name":"Acme"})";
  CHECK(example(orgs, "all") == R"(200 {"data":[)" + acme + R"(,{"id":"org_b","name":"B"}]})");
  CHECK(example(orgs, "of-org") == R"(200 {"data":[)" + acme + "]}");
  CHECK(example(orgs, "all", R"({"orgId":"org_new"})") ==
        R"(200 {"data":{"id":"org_new","name":"org_new"}})");

  // An org without a list of members has every user.
  const std::string members = R"("requires":{"org":"body.orgId"},"respond":{"example":"members"})";
  const std::string user = R"({"uid":"user_1","email":"user_1@example.com","role":"super_admin"})";
  CHECK(example(members, "all", R"({"orgId":"org_b"})") == R"(200 {"data":[)" + user + "]}");
  CHECK(example(members, "all", R"({"orgId":"org_unknown"})") == R"(200 {"data":[)" + user + "]}");

  engine::Engine device =
      with_rule(R"("requires":{"app":"path.app"},"respond":{"example":"devices"})");
  http::Request request{"POST", "/upload/com.a?device_id=d", {{"capgkey", "all"}}, ""};
  CHECK(shown(device.handle(request)) ==
        R"(200 {"device_id":"d","app_id":"com.a","platform":"ios"})");
}

TEST_CASE("an example needs no caller") {
  engine::Engine engine = with_rule(R"("respond":{"status":201,"example":"bundles"})");
  http::Response response = upload(engine, "");
  CHECK(shown(response) == R"(201 {"data":[{"id":1,"app_id":"com.example.app","name":"1.0.0"}]})");
  CHECK(header(response, "Content-Type") == "application/json");
}
