#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "engine/requests.h"

using engine_tests::ask;
using engine_tests::bytes;
using engine_tests::create;
using engine_tests::get;
using engine_tests::rejection_bytes;
using engine_tests::send;

namespace {

constexpr const char* kState = "/__admin/state";

constexpr const char* kKeys = R"({
  "orgs": [{"id":"org_acme","name":"Acme","members":["user_123"],"max_apikey_expiration_days":90}],
  "apps": [{"id":"5f0c2b7e-4c1d-4f7a-9d35-0c2f6f1f7a10","app_id":"com.demo.app",
            "owner_org":"org_acme"}],
  "keys": [{"id":3,"key":"ak_all","mode":"all","name":"CI"},
           {"id":5,"key":"ak_read","mode":"read","name":"R","user_id":"u",
            "expires_at":"2030-01-01T00:00:00.5Z","limited_to_apps":["com.demo.app"]}]})";

/// The same, as the control API exports it.
constexpr const char* kExported = R"({
  "orgs": [
    {
      "id": "org_acme",
      "name": "Acme",
      "members": [
        "user_123"
      ],
      "require_apikey_expiration": false,
      "max_apikey_expiration_days": 90,
      "enforce_hashed_api_keys": false
    }
  ],
  "apps": [
    {
      "id": "5f0c2b7e-4c1d-4f7a-9d35-0c2f6f1f7a10",
      "app_id": "com.demo.app",
      "owner_org": "org_acme"
    }
  ],
  "keys": [
    {
      "id": 3,
      "key": "ak_all",
      "mode": "all",
      "name": "CI",
      "user_id": "user_123",
      "created_at": "2024-02-12T00:00:00Z",
      "updated_at": "2024-02-12T00:00:00Z"
    },
    {
      "id": 5,
      "key": "ak_read",
      "mode": "read",
      "name": "R",
      "user_id": "u",
      "created_at": "2024-02-12T00:00:00Z",
      "updated_at": "2024-02-12T00:00:00Z",
      "expires_at": "2030-01-01T00:00:00.5Z",
      "limited_to_apps": [
        "com.demo.app"
      ]
    }
  ]
}
)";

engine::Engine engine_with_keys(std::optional<int64_t> rate_limit = std::nullopt) {
  test_engine::Options options;
  options.fixture = kKeys;
  options.rate_limit = rate_limit;
  return test_engine::make_engine(options);
}

std::string exported(engine::Engine& engine, const std::string& below = "") {
  const http::Response answer = send(engine, "GET", below + kState);
  CHECK(answer.status == 200);
  return answer.body;
}

/// The ids of the keys that a caller lists: `3 18 `.
std::string keys_listed(engine::Engine& engine, const std::string& key = "ak_all") {
  const http::Response answer = engine.handle(get("/apikey/", key));
  if (answer.status != 200) return std::to_string(answer.status);
  std::string ids;
  auto list = json::parse(answer.body);
  for (const auto& each : list["data"]) ids += std::to_string(each["id"].get<int64_t>()) + " ";
  return ids;
}

}  // namespace

TEST_CASE("the exported state is a complete fixture file, in order") {
  engine::Engine engine = engine_with_keys();
  CHECK(bytes(send(engine, "GET", kState)) == engine_tests::control_bytes(200, kExported));
  CHECK(exported(engine, "/sandbox/a") == kExported);
  CHECK(ask(engine, "PUT", kState, "{}") == R"(200 {"orgs":0,"apps":0,"keys":0})");
  CHECK(exported(engine) == "{\n  \"orgs\": [],\n  \"apps\": [],\n  \"keys\": []\n}\n");
}

TEST_CASE("the exported state has created keys, and no deleted ones") {
  engine::Engine engine = engine_with_keys();
  engine.handle(create("made"));
  engine.handle(
      engine_tests::request_of("POST", "/apikey/", R"({"name":"h","mode":"all","hashed":true})"));
  engine.handle(engine_tests::request_of("DELETE", "/apikey/3"));
  auto keys = json::parse(exported(engine))["keys"];
  REQUIRE(keys.size() == 3);
  CHECK(keys[0]["id"] == 5);
  CHECK(keys[1]["id"] == 6);
  CHECK(keys[1]["name"] == "made");
  CHECK(keys[1]["key"].get<std::string>().starts_with("ak_"));
  CHECK(keys[2]["id"] == 7);
  CHECK(keys[2]["key"] == nullptr);
  CHECK(keys[2]["key_hash"].get<std::string>().size() == 64);
}

TEST_CASE("an export imports as the same state, here and in another sandbox") {
  engine::Engine engine = engine_with_keys();
  engine.handle(create("made"));
  engine.handle(
      engine_tests::request_of("POST", "/apikey/", R"({"name":"h","mode":"all","hashed":true})"));
  const std::string state = exported(engine);
  CHECK(ask(engine, "PUT", kState, state) == R"(200 {"orgs":1,"apps":1,"keys":4})");
  CHECK(exported(engine) == state);
  CHECK(ask(engine, "PUT", "/sandbox/a/__admin/state", state) ==
        R"(200 {"orgs":1,"apps":1,"keys":4})");
  CHECK(exported(engine, "/sandbox/a") == state);
  CHECK(exported(engine, "/sandbox/b") == kExported);
}

TEST_CASE("an import replaces everything, and new ids continue from its highest") {
  engine::Engine engine = engine_with_keys();
  engine.handle(create());
  CHECK(keys_listed(engine) == "3 6 ");
  CHECK(ask(engine, "PUT", kState, R"([{"id":2,"key":"ak_new","mode":"all","name":"n"}])") ==
        R"(200 {"orgs":0,"apps":0,"keys":1})");
  CHECK(keys_listed(engine) == "401");
  CHECK(keys_listed(engine, "ak_new") == "2 ");
  CHECK(engine.handle(get("/apikey/", "ak_read")).status == 401);
  http::Request make = create();
  make.headers.set("authorization", "ak_new");
  CHECK(engine.handle(make).body.starts_with(R"({"apikey":{"id":3,)"));
}

TEST_CASE("saved responses of the API are imported too, with times from the sandbox's clock") {
  engine::Engine engine = engine_with_keys();
  send(engine, "PUT", "/__admin/clock", R"({"now":"2025-05-05T05:05:05.5Z"})");
  for (const std::string file : {R"([{"key":"ak_1","mode":"all","name":"n"}])",
                                 R"({"data":[{"key":"ak_1","mode":"all","name":"n"}]})",
                                 R"({"keys":[{"key":"ak_1","mode":"all","name":"n"}]})"}) {
    CAPTURE(file);
    CHECK(ask(engine, "PUT", kState, file) == R"(200 {"orgs":0,"apps":0,"keys":1})");
    CHECK(engine.handle(get("/apikey/", "ak_1")).body ==
          R"({"data":[{"id":1,"key":"ak_1","mode":"all","name":"n",)"
          R"("created_at":"2025-05-05T05:05:05Z","updated_at":"2025-05-05T05:05:05Z",)"
          R"("user_id":"user_123"}]})");
  }
}

TEST_CASE(
    "an import does not change clock, scenarios and their counts, journal and generated values") {
  test_engine::Options options;
  options.fixture = kKeys;
  options.scenarios = {R"({"name":"s","rules":[{"on":"GET *","times":1,"error":"server_error"}]})"};
  engine::Engine engine = test_engine::make_engine(options);
  engine::Engine other = test_engine::make_engine(options);
  for (engine::Engine* each : {&engine, &other}) {
    CHECK(each->handle(get("/apikey/")).status == 500);
    send(*each, "POST", "/__admin/clock/advance", R"({"by":"1d"})");
    each->handle(create());
  }
  std::vector<std::string> before;
  for (const std::string path : {"/__admin/clock", "/__admin/scenarios", "/__admin/requests"}) {
    before.push_back(ask(engine, "GET", path));
  }
  CHECK(send(engine, "PUT", kState, exported(engine)).status == 200);
  CHECK(ask(engine, "GET", "/__admin/clock") == before[0]);
  CHECK(ask(engine, "GET", "/__admin/scenarios") == before[1]);
  CHECK(ask(engine, "GET", "/__admin/requests") == before[2]);
  CHECK(bytes(engine.handle(create())) == bytes(other.handle(create())));
}

TEST_CASE("an import clears the rate limits, and a reset goes back to the initial state") {
  engine::Engine engine = engine_with_keys(1);
  CHECK(engine.handle(get("/apikey/")).status == 200);
  CHECK(engine.handle(get("/apikey/")).status == 429);
  CHECK(send(engine, "PUT", kState, kExported).status == 200);
  CHECK(engine.handle(get("/apikey/")).status == 200);
  CHECK(engine.handle(get("/apikey/")).status == 429);
  CHECK(send(engine, "PUT", kState, "[]").status == 200);
  CHECK(send(engine, "POST", "/__admin/reset").status == 200);
  CHECK(exported(engine) == kExported);
}

TEST_CASE("an invalid import changes nothing, and every problem is reported with its place") {
  engine::Engine engine = engine_with_keys(1);
  CHECK(engine.handle(get("/apikey/")).status == 200);
  const std::string valid = R"({"id":1,"key":"ak_1","mode":"all","name":"n"})";
  const std::string modes = " is not one of read, upload, write, all";
  const std::string changed = "; change one of them";
  struct Row {
    std::string body;
    std::vector<std::string> details;
  };
  for (const Row& row : {
           Row{"null",
               {R"(body:1:1: null must be an object with the fields "$schema", "orgs", "apps", )"
                R"("channels", "keys")"}},
           Row{"[" + valid + R"(,{"key":"ak_2","mode":"reed","name":"n"}])",
               {"body:1:69: /1/mode: \"reed\"" + modes + "; did you mean \"read\"?"}},
           Row{"{\"keys\":[\n" + valid +
                   ",\n{\"id\":1,\"key\":\"ak_2\",\"mode\":\"all\",\"name\":\"n\"}]}",
               {"body:3:7: /keys/1/id: another key has the same id (body /keys/0/id)" + changed}},
           Row{"[" + valid + R"(,{"key":"ak_1","mode":"all","name":"n"}])",
               {"body:1:55: /1/key: another key has the same key (body /0/key)" + changed}},
           Row{R"({"data":[{"key":"ak_1","mode":"all","nam":"n"}]})",
               {R"(body:1:10: /data/0: "name" is missing; give it a value)",
                R"(body:1:37: /data/0/nam: unknown field; did you mean "name"?)"}},
           Row{R"([{"id":0,"key":"a b","mode":"all","name":""}])",
               {"body:1:8: /0/id: 0 must be a whole number from 1 to 9007199254740991",
                "body:1:16: /0/key: must be visible ASCII characters without spaces, as it is sent "
                "in a header",
                "body:1:42: /0/name: must not be empty"}},
       }) {
    CAPTURE(row.body);
    CHECK(
        bytes(send(engine, "PUT", kState, row.body)) ==
        rejection_bytes(400, "the body is not a valid fixture; nothing was changed", row.details));
    CHECK(exported(engine) == kExported);
  }
  // The rate limit of the key was not reset.
  CHECK(engine.handle(get("/apikey/")).status == 429);
}
