// Web pages can read the literal responses of rules.

#include <doctest/doctest.h>

#include <string>

#include "engine/requests.h"

namespace {

using engine_tests::header;

constexpr const char* kBundles = R"({"name":"s","rules":[
    {"on":"POST /bundle/:id","match":{"header":{"x-a":"b"}},"respond":{"body":"own"}},
    {"on":"GET /own","respond":{"headers":{"Access-Control-Allow-Origin":"https://a.example",
                                           "Access-Control-Expose-Headers":"X-Own"}}},
    {"on":"GET /failing","error":"server_error"}]})";

engine::Engine engine_with_bundles(const contract::Contract* contract) {
  test_engine::Options options;
  options.contract = contract;
  options.scenarios = {kBundles};
  return test_engine::make_engine(options);
}

constexpr const char* kOrigin = "http://localhost:3000";

http::Request post_bundle() {
  return {"POST", "/bundle/1", {{"x-a", "b"}, {"Origin", kOrigin}}, ""};
}

http::Request preflight(const std::string& path) {
  return {"OPTIONS", path, {{"Origin", kOrigin}, {"Access-Control-Request-Method", "POST"}}, ""};
}

/// Only the contract of July 2026 has a list of origins.
std::string allowed_origin(const contract::Contract* contract) {
  return contract->name == "deployed-2026-07" ? kOrigin : "*";
}

}  // namespace

TEST_CASE("a literal response on any path is readable by web pages") {
  for (const contract::Contract* contract : contract::all()) {
    CAPTURE(contract->name);
    engine::Engine engine = engine_with_bundles(contract);
    http::Response response = engine.handle(post_bundle());
    CHECK(response.body == "own");
    CHECK(header(response, "Access-Control-Allow-Origin") == allowed_origin(contract));
    CHECK(header(response, "Access-Control-Expose-Headers") == contract->exposed_headers);
  }
}

TEST_CASE("a rule that sets CORS headers keeps them") {
  for (const contract::Contract* contract : contract::all()) {
    CAPTURE(contract->name);
    engine::Engine engine = engine_with_bundles(contract);
    http::Response response = engine.handle({"GET", "/own", {}, ""});
    CHECK(response.headers.find_joined("Access-Control-Allow-Origin") == "https://a.example");
    CHECK(response.headers.find_joined("Access-Control-Expose-Headers") == "X-Own");
  }
}

TEST_CASE("a preflight for the path of a literal response gets 204, and is no use of the rule") {
  for (const contract::Contract* contract : contract::all()) {
    CAPTURE(contract->name);
    engine::Engine engine = engine_with_bundles(contract);
    http::Response own = engine.handle(preflight("/bundle/1"));
    CHECK(own.status == 204);
    CHECK(own.body.empty());
    CHECK(header(own, "X-Mock-Reason") == "(absent)");
    CHECK(header(own, "Access-Control-Allow-Origin") == allowed_origin(contract));
    http::Response usual = engine.handle(preflight("/apikey/"));
    CHECK(usual.status == 204);
    for (const std::string name : {"Access-Control-Allow-Methods", "Access-Control-Allow-Headers",
                                   "Access-Control-Expose-Headers", "Vary"}) {
      CAPTURE(name);
      CHECK(header(own, name) == header(usual, name));
    }
    CHECK(engine_tests::ask(engine, "GET", "/__admin/scenarios").find("\"matched\":1") ==
          std::string::npos);
  }
}

TEST_CASE("where no rule responds, preflights and CORS headers are those of the contract") {
  for (const contract::Contract* contract : contract::all()) {
    CAPTURE(contract->name);
    engine::Engine engine = engine_with_bundles(contract);
    // The other contracts have CORS only below /apikey.
    bool is_february = contract->name == "deployed-2026-02";
    const std::string origin = is_february ? "(absent)" : allowed_origin(contract);
    const int status = contract->name == "deployed-2026-07" ? 204 : 404;
    for (const std::string path : {"/bundle", "/failing"}) {
      CAPTURE(path);
      http::Response response = engine.handle(preflight(path));
      CHECK(response.status == status);
      CHECK(header(response, "Access-Control-Allow-Origin") == origin);
    }
    http::Response failing = engine.handle({"GET", "/failing", {{"Origin", kOrigin}}, ""});
    CHECK(failing.status == 500);
    CHECK(header(failing, "Access-Control-Allow-Origin") == origin);
    engine_tests::send(engine, "DELETE", "/__admin/scenarios");
    CHECK(engine.handle(preflight("/bundle/1")).status == status);
  }
}
