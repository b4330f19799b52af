// The control calls that add and delete one key.

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "engine/requests.h"
#include "store/sqlite_store.h"
#include "store/temp_dir.h"

using engine_tests::ask;
using engine_tests::bytes;
using engine_tests::create;
using engine_tests::get;
using engine_tests::rejection;
using engine_tests::rejection_bytes;
using engine_tests::send;

namespace {

constexpr const char* kSingleKeys = "/__admin/keys";
constexpr const char* kStatePath = "/__admin/state";
constexpr const char* kConflict = "another key has this id or secret; nothing was changed";

constexpr const char* kTwoKeys = R"({
  "orgs": [{"id":"org_acme"}],
  "keys": [{"id":3,"key":"ak_all","mode":"all","name":"CI"},
           {"id":5,"mode":"read","name":"Hashed",
            "key_hash":"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"}]})";

/// The SHA-256 of "abc" (FIPS 180-2, appendix B.1).
constexpr const char* kHashOfAbc =
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

test_engine::Options two_key_options() {
  test_engine::Options options;
  options.fixture = kTwoKeys;
  return options;
}

std::string add_key(engine::Engine& engine, const std::string& key) {
  return ask(engine, "POST", kSingleKeys, key);
}

/// Calls `check` with an engine that stores keys in memory, and one that stores them in a file.
template <typename Check>
void for_each_storage(const Check& check) {
  engine::Engine in_memory = test_engine::make_engine(two_key_options());
  check(in_memory);
  store_tests::TempDir folder;
  engine::EngineConfig config = test_engine::make_config(two_key_options());
  config.durable = store::open_sqlite_store(folder.file("keys.db"));
  config.durable->seed(config.sandbox.fixtures->snapshot());
  engine::Engine in_sqlite(std::move(config));
  check(in_sqlite);
}

}  // namespace

TEST_CASE("an added key is returned as in the exported state, and works at once") {
  for_each_storage([](engine::Engine& engine) {
    CHECK(bytes(send(engine, "POST", kSingleKeys,
                     R"({"id":9,"key":"ak_new","mode":"all","name":"New","user_id":"u",)"
                     R"("created_at":"2024-01-01","expires_at":"2030-01-01T00:00:00.5Z",)"
                     R"("limited_to_apps":["com.none"],"limited_to_orgs":["org_none"]})")) ==
          "201\nContent-Type: application/json\nX-Content-Type-Options: nosniff\n"
          "Cross-Origin-Resource-Policy: same-origin\nDate: Mon, 12 Feb 2024 00:00:00 GMT\n\n"
          R"({"id":9,"key":"ak_new","mode":"all","name":"New","user_id":"u",)"
          R"("created_at":"2024-01-01T00:00:00Z","updated_at":"2024-01-01T00:00:00Z",)"
          R"("expires_at":"2030-01-01T00:00:00.5Z","limited_to_apps":["com.none"],)"
          R"("limited_to_orgs":["org_none"]})");
    // The key is limited, so it may not list, but it is known.
    CHECK(engine.handle(get("/apikey/", "ak_new")).status == 403);
    const std::string state = send(engine, "GET", kStatePath).body;
    auto keys = json::parse(state)["keys"];
    REQUIRE(keys.size() == 3);
    CHECK(keys[2]["id"] == 9);
    CHECK(keys[2]["key"] == "ak_new");
    // The state loads again.
    CHECK(ask(engine, "PUT", kStatePath, state) == R"(200 {"orgs":1,"apps":0,"keys":3})");
    CHECK(send(engine, "GET", kStatePath).body == state);
  });
}

TEST_CASE("without an id a key gets the next one, as a create would") {
  for_each_storage([](engine::Engine& engine) {
    const std::string rest =
        R"(","mode":"read","name":"n","user_id":"user_123",)"
        R"("created_at":"2024-02-12T00:00:00Z","updated_at":"2024-02-12T00:00:00Z"})";
    CHECK(add_key(engine, R"({"key":"ak_a","mode":"read","name":"n"})") ==
          R"(201 {"id":6,"key":"ak_a)" + rest);
    // A lower id is free, but it changes nothing for the next key.
    CHECK(add_key(engine, R"({"id":4,"key":"ak_b","mode":"read","name":"n"})") ==
          R"(201 {"id":4,"key":"ak_b)" + rest);
    CHECK(engine.handle(create()).body.starts_with(R"({"apikey":{"id":7,)"));
    CHECK(add_key(engine, R"({"id":20,"key":"ak_c","mode":"read","name":"n"})") ==
          R"(201 {"id":20,"key":"ak_c)" + rest);
    CHECK(engine.handle(create()).body.starts_with(R"({"apikey":{"id":21,)"));
    CHECK(ask(engine, "DELETE", "/__admin/keys/21") == R"(200 {"deleted":21})");
    CHECK(add_key(engine, R"({"key":"ak_d","mode":"read","name":"n"})") ==
          R"(201 {"id":22,"key":"ak_d)" + rest);
  });
}

TEST_CASE("without a secret a key gets the one that a create would get") {
  for (const contract::Contract* contract : contract::all()) {
    CAPTURE(contract->name);
    test_engine::Options own;
    own.contract = contract;
    // Only a UUID is a key in all contracts.
    const std::string caller = "11111111-1111-4111-8111-111111111111";
    own.fixture = R"({"orgs":[{"id":"0a000000-0000-4000-8000-00000000000a"}],"keys":[{"key":")" +
                  caller + R"(","mode":"all","name":"CI"}]})";
    engine::Engine engine = test_engine::make_engine(own);
    engine::Engine other = test_engine::make_engine(own);
    auto added =
        json::parse(send(engine, "POST", kSingleKeys, R"({"mode":"all","name":"n"})").body);
    const std::string secret = added["key"];
    const std::string creator = engine_tests::creator(other, caller);
    CHECK(other.handle(create("n", "", creator)).body.find("\"" + secret + "\"") !=
          std::string::npos);
    CHECK(added["user_id"] == contract->default_user);
    CHECK(engine.handle(get("/apikey/", secret)).status == 200);
    // The next secret is another one.
    CHECK(send(engine, "POST", kSingleKeys, R"({"mode":"all","name":"n"})").body.find(secret) ==
          std::string::npos);
  }
}

TEST_CASE("a key may have a hash, or no usable secret") {
  for_each_storage([](engine::Engine& engine) {
    const std::string rest = R"("mode":"all","name":"n"})";
    auto added =
        json::parse(send(engine, "POST", kSingleKeys,
                         R"({"key":null,"key_hash":")" + std::string(64, '0') + R"(",)" + rest)
                        .body);
    CHECK(added["key"] == nullptr);
    CHECK(added["key_hash"] == std::string(64, '0'));
    added = json::parse(send(engine, "POST", kSingleKeys, R"({"key":null,)" + rest).body);
    CHECK(added["key"] == nullptr);
    CHECK_FALSE(added.contains("key_hash"));
    CHECK(json::parse(send(engine, "GET", kStatePath).body)["keys"].size() == 4);
  });
}

TEST_CASE("a duplicate id or secret is rejected, names the other key, and changes nothing") {
  for_each_storage([](engine::Engine& engine) {
    const std::string before = send(engine, "GET", kStatePath).body;
    const std::string id =
        "body: /id: key 3 exists already; choose another id, or leave it out "
        "for the next one";
    const std::string hash(kHashOfAbc);
    struct Row {
      std::string fields;
      std::vector<std::string> details;
    };
    for (const Row& row : {
             Row{R"("id":3,"key":"ak_x")", {id}},
             Row{R"("id":3)", {id}},
             Row{R"("key":"ak_all")",
                 {"body: /key: key 3 has the same secret; choose another one"}},
             Row{R"("key":"abc")", {"body: /key: key 5 has the same secret; choose another one"}},
             Row{R"("key_hash":")" + hash + "\"",
                 {"body: /key_hash: key 5 has the same secret; choose another one"}},
             Row{R"("id":3,"key":"ak_all")",
                 {id, "body: /key: key 3 has the same secret; choose another one"}},
         }) {
      CAPTURE(row.fields);
      CHECK(add_key(engine, "{" + row.fields + R"(,"mode":"all","name":"n"})") ==
            rejection(409, kConflict, row.details));
    }
    CHECK(send(engine, "GET", kStatePath).body == before);
    // No id and no secret was used up.
    engine::Engine fresh = test_engine::make_engine(two_key_options());
    CHECK(engine.handle(create()).body == fresh.handle(create()).body);
  });
}

TEST_CASE("an invalid key is rejected with every problem and its place, and changes nothing") {
  engine::Engine engine = test_engine::make_engine(two_key_options());
  const std::string before = send(engine, "GET", kStatePath).body;
  struct Row {
    std::string body;
    std::vector<std::string> details;
  };
  for (const Row& row : {
           Row{"{\"key\":\"ak_1\",\n \"mode\":\"reed\",\"nam\":\"n\",\"id\":0}",
               {R"(body:1:1: "name" is missing; give it a value)",
                "body:2:9: /mode: \"reed\" is not one of read, upload, write, all; did you mean "
                "\"read\"?",
                R"(body:2:16: /nam: unknown field; did you mean "name"?)",
                "body:2:31: /id: 0 must be a whole number from 1 to 9007199254740991"}},
           Row{R"({"key":"a b","mode":"all","name":"n"})",
               {"body:1:8: /key: must be visible ASCII characters without spaces, as it is sent in "
                "a header"}},
           Row{R"([{"key":"ak_1","mode":"all","name":"n"}])",
               {R"(body:1:1: [{"key":"ak_1","mode":"all","name":"n"}] must be an object with the )"
                R"(fields "id", "key", "mode", "name", "user_id", "created_at", "updated_at", )"
                R"("expires_at", "key_hash", "limited_to_apps", "limited_to_orgs", "rbac_id", )"
                R"("bindings", "global_permissions")"}},
       }) {
    CAPTURE(row.body);
    CHECK(ask(engine, "POST", kSingleKeys, row.body) ==
          rejection(400, "the body is not a valid key; nothing was changed", row.details));
  }
  CHECK(send(engine, "GET", kStatePath).body == before);
}

TEST_CASE("a deleted key stops working at once, and can be added again") {
  for_each_storage([](engine::Engine& engine) {
    CHECK(ask(engine, "DELETE", "/__admin/keys/3") == R"(200 {"deleted":3})");
    CHECK(engine.handle(get("/apikey/")).status == 401);
    CHECK(
        add_key(engine, R"({"id":3,"key":"ak_all","mode":"all","name":"CI"})").starts_with("201 "));
    CHECK(engine.handle(get("/apikey/")).status == 200);
    CHECK(send(engine, "POST", "/__admin/reset").status == 200);
    CHECK(json::parse(send(engine, "GET", kStatePath).body)["keys"].size() == 2);
  });
}

TEST_CASE("the id of no key is rejected with a hint") {
  for_each_storage([](engine::Engine& engine) {
    const std::string hint = "an id is a number, such as 3; GET /__admin/state lists the keys";
    for (const std::string id : {"4", "9007199254740991"}) {
      CHECK(ask(engine, "DELETE", "/__admin/keys/" + id) ==
            rejection(404, "no key has the id " + id, {hint}));
    }
    for (const std::string id :
         {"0", "-3", "3x", "CI", "9007199254740992", "99999999999999999999"}) {
      CAPTURE(id);
      CHECK(ask(engine, "DELETE", "/__admin/keys/" + id) ==
            rejection(404, "\"" + id + "\" is not the id of a key", {hint}));
    }
    // Somebody sends the secret.
    CHECK(ask(engine, "DELETE", "/__admin/keys/ak_0123456789abcdef").find("ak_0123456789abcdef") ==
          std::string::npos);
    CHECK(json::parse(send(engine, "GET", kStatePath).body)["keys"].size() == 2);
  });
}

TEST_CASE("keys are added to and deleted from one sandbox only") {
  engine::Engine engine = test_engine::make_engine(two_key_options());
  const std::string before = send(engine, "GET", kStatePath).body;
  CHECK(ask(engine, "POST", "/sandbox/a/__admin/keys", R"({"mode":"all","name":"n"})")
            .starts_with(R"(201 {"id":6,)"));
  CHECK(send(engine, "DELETE", "/sandbox/a/__admin/keys/3").status == 200);
  CHECK(send(engine, "GET", kStatePath).body == before);
  CHECK(json::parse(send(engine, "GET", "/sandbox/a/__admin/state").body)["keys"].size() == 2);
}
