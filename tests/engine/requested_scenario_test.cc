// The X-Mock-Scenario header: errors and built-in scenarios for one request.

#include <doctest/doctest.h>

#include <string>

#include "engine/requests.h"

namespace {

using engine_tests::ask;
using engine_tests::create;
using engine_tests::get;
using engine_tests::header;
using engine_tests::with_header;

constexpr const char* kHang = R"({"name":"hang","rules":[{"on":"* *","fault":"HANG"}]})";
constexpr const char* kConnectionReset =
    R"({"rules":[{"on":"* *","fault":"CONNECTION_RESET_BY_PEER"}]})";
constexpr const char* kFlaky = R"({"rules":[
    {"on":"POST /apikey/","times":1,"error":"permission_denied"},
    {"on":"GET /apikey/","skip":1,"error":"server_error"},
    {"on":"DELETE *","delay":{"type":"uniform","lower":1,"upper":900}}]})";

engine::Engine engine_with_built_in(const std::vector<std::string>& active = {}) {
  test_engine::Options options;
  options.scenarios = active;
  engine::EngineConfig config = test_engine::make_config(options);
  config.sandbox.built_in = {
      {"rate-limited", R"({"rules":[{"on":"PUT *","error":"rate_limited"}]})"},
      {"hang", kHang},
      {"connection-reset-by-peer", kConnectionReset},
      {"flaky-create", kFlaky}};
  return engine::Engine(std::move(config));
}

http::Response send_with(engine::Engine& engine, http::Request request, const std::string& name) {
  return engine.handle(with_header(std::move(request), "X-Mock-Scenario", name));
}

}  // namespace

TEST_CASE("X-Mock-Scenario takes an error in either spelling") {
  engine::Engine engine = engine_with_built_in();
  for (const std::string name : {"rate_limited", "rate-limited"}) {
    CAPTURE(name);
    // The error, not the built-in scenario, which is for other methods.
    http::Response response = send_with(engine, get("/apikey/"), name);
    CHECK(response.status == 429);
    CHECK(header(response, "X-Mock-Reason") == "X-Mock-Scenario: error rate_limited");
  }
  CHECK(send_with(engine, create(), "expiration-in-past").status == 400);
}

TEST_CASE("X-Mock-Scenario takes a fault in any case") {
  engine::Engine engine = engine_with_built_in();
  for (const std::string name : {"hang", "HANG", "Hang"}) {
    CAPTURE(name);
    http::Response response = send_with(engine, get("/apikey/"), name);
    CHECK(response.status == 200);
    CHECK(response.fault == http::Fault::hang);
  }
  for (const std::string name :
       {"connection-reset-by-peer", "CONNECTION_RESET_BY_PEER", "connection_reset_by_peer"}) {
    CAPTURE(name);
    CHECK(send_with(engine, get("/apikey/"), name).fault == http::Fault::connection_reset_by_peer);
  }
  CHECK_FALSE(engine.handle(get("/apikey/")).fault.has_value());
}

TEST_CASE("X-Mock-Scenario applies a built-in scenario to each request anew") {
  engine::Engine engine = engine_with_built_in();
  for (const std::string name : {"flaky-create", "flaky_create"}) {
    http::Response response = send_with(engine, create(), name);
    CHECK(response.status == 403);
    CHECK(header(response, "X-Mock-Reason") ==
          "scenario flaky-create, rule 1: error permission_denied");
    CHECK(send_with(engine, get("/apikey/"), name).status == 200);
  }
  CHECK(engine.handle(create()).status == 200);
  CHECK(ask(engine, "GET", "/__admin/scenarios").starts_with(R"(200 {"scenarios":[],)"));
  auto journal = json::parse(engine_tests::send(engine, "GET", "/__admin/requests").body);
  CHECK(journal["requests"][0]["scenario"] == "flaky-create, rule 1");
  CHECK(journal["requests"][1]["scenario"] == nullptr);
}

TEST_CASE("the delays of a requested scenario depend on the seed only") {
  engine::Engine first = engine_with_built_in();
  engine::Engine second = engine_with_built_in();
  for (int i = 0; i < 5; ++i) {
    http::Request request{"DELETE", "/apikey/99", {}, ""};
    auto delay = send_with(first, request, "flaky-create").delay;
    CHECK(delay.count() > 0);
    CHECK(delay == send_with(second, request, "flaky-create").delay);
  }
}

TEST_CASE("active scenarios do not apply to a request that names one, and count nothing") {
  engine::Engine engine =
      engine_with_built_in({R"({"rules":[{"on":"* *","times":1,"error":"server_error"}]})"});
  CHECK(send_with(engine, get("/apikey/"), "hang").status == 200);
  CHECK(send_with(engine, get("/apikey/"), "flaky-create").status == 200);
  CHECK(engine.handle(get("/apikey/")).status == 500);
}

TEST_CASE("an unknown name in X-Mock-Scenario is rejected with the nearest one") {
  engine::Engine engine =
      engine_with_built_in({R"({"rules":[{"on":"* *","error":"server_error"}]})"});
  const std::string errors =
      "the errors are: invalid_api_key expired_key rate_limited permission_denied invalid_json "
      "invalid_limited_to_apps invalid_limited_to_orgs name_required invalid_mode "
      "invalid_expiration expiration_in_past expiration_required expiration_exceeds_max invalid_id "
      "key_not_found not_found server_error";
  const std::string scenarios = "GET /__admin/scenarios lists the built-in scenarios, such as hang";
  for (const auto& [name, suggestion] :
       {std::pair<std::string, std::string>{"permision_denied", "permission_denied"},
        {"rate-limted", "rate-limited"},
        {"hangg", "hang"},
        {"FLAKY-CREAT", "flaky-create"}}) {
    const std::string error = "X-Mock-Scenario: unknown error or scenario \"" + name +
                              "\"; did you mean \"" + suggestion + "\"?";
    http::Response rejected = send_with(engine, create(), name);
    CHECK(engine_tests::shown(rejected) ==
          engine_tests::rejection(400, error, {errors, scenarios}));
    CHECK(header(rejected, "X-Mock-Reason") == (error + " " + errors).substr(0, 500));
    CHECK(header(rejected, "X-Mock-Contract") == "documented");
  }
  for (const std::string name : {"", "xyzzy", "rate limited", "../hang", "hang.json"}) {
    CAPTURE(name);
    CHECK(send_with(engine, create(), name).status == 400);
  }
}
