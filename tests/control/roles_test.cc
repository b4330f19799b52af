// The control calls about keys and their roles.

#include <doctest/doctest.h>

#include <string>

#include "engine/requests.h"

using engine_tests::ask;
using engine_tests::rejection;

namespace {

constexpr const char* kFixtureWithRoles = R"({
  "orgs": [{"id":"org_a","members":["user_123",{"user_id":"user_2","role":"org_member"}]}],
  "apps": [{"id":"uuid-1","app_id":"com.demo.app","owner_org":"org_a"}],
  "channels": [{"id":4,"rbac_id":"c4","name":"beta","app_id":"com.demo.app"}],
  "keys": [{"key":"ak_all","mode":"all","name":"CI"}]})";

/// The contract of the documents, with or without roles.
const contract::Contract* contract_for(bool has_roles) {
  static const auto kWithRoles = [] {
    contract::Contract contract = *contract::find_contract("documented");
    contract.caller_check.rights = scenario::RightsCheck::permissions;
    return contract;
  }();
  return has_roles ? &kWithRoles : contract::find_contract("documented");
}

engine::Engine make_engine_with_roles(bool has_roles) {
  test_engine::Options options;
  options.contract = contract_for(has_roles);
  options.fixture = kFixtureWithRoles;
  return test_engine::make_engine(options);
}

std::string add_new_key(engine::Engine& engine, const std::string& fields) {
  return ask(engine, "POST", "/__admin/keys", R"({"key":"ak_new","name":"New",)" + fields + "}");
}

/// The response to an added key: its mode, and what follows `updated_at`.
std::string added(const std::string& mode, const std::string& rest) {
  return R"(201 {"id":2,"key":"ak_new","mode":")" + mode +
         R"(","name":"New","user_id":"user_123","created_at":"2024-02-12T00:00:00Z",)"
         R"("updated_at":"2024-02-12T00:00:00Z")" +
         rest + "}";
}

constexpr const char* kChannelBinding =
    R"({"role_name":"channel_admin","scope_type":"channel","org_id":"org_a","app_id":"uuid-1",)";

}  // namespace

TEST_CASE("an added or imported key needs what the contract has: bindings or a mode") {
  for (bool has_roles : {false, true}) {
    engine::Engine engine = make_engine_with_roles(has_roles);
    const std::string missing =
        std::string(has_roles ? R"(\"bindings\")" : R"(\"mode\")") + " is missing; give it a value";
    CHECK(ask(engine, "POST", "/__admin/keys", R"({"name":"New"})").find(missing) !=
          std::string::npos);
    CHECK(ask(engine, "PUT", "/__admin/state", R"([{"key":"k","name":"New"}])").find(missing) !=
          std::string::npos);
  }
}

TEST_CASE("an added key may have bindings to what is in the sandbox") {
  for (bool has_roles : {false, true}) {
    engine::Engine engine = make_engine_with_roles(has_roles);
    std::string binding = kChannelBinding + std::string(R"("channel_id":4})");
    std::string stored = kChannelBinding + std::string(R"("channel_id":"c4"})");
    CHECK(add_new_key(engine, "\"bindings\":[" + binding + "]") ==
          added("write", ",\"bindings\":[" + stored + R"(],"global_permissions":[])"));
  }
}

TEST_CASE("an added key with a mode shows its roles if the contract has roles") {
  engine::Engine without_roles = make_engine_with_roles(false);
  CHECK(add_new_key(without_roles, R"("mode":"all")") == added("all", ""));
  engine::Engine with_roles = make_engine_with_roles(true);
  CHECK(add_new_key(with_roles, R"("mode":"all")") ==
        added("all",
              R"(,"bindings":[{"role_name":"org_super_admin","scope_type":"org","org_id":"org_a",)"
              R"("app_id":null,"channel_id":null}],"global_permissions":["org.create"])"));
}

TEST_CASE("bindings to what is not in the sandbox are rejected") {
  engine::Engine engine = make_engine_with_roles(true);
  CHECK(add_new_key(
            engine,
            R"("bindings":[{"role_name":"org_admin","scope_type":"org","org_id":"org_b"}])") ==
        rejection(400, "the body is not a valid key; nothing was changed",
                  {"body:1:95: /bindings/0/org_id: \"org_b\" is not the id of an org; did you mean "
                   "\"org_a\"?"}));
}

TEST_CASE("the state has the roles of all keys if the contract has roles") {
  engine::Engine engine = make_engine_with_roles(true);
  std::string state = ask(engine, "GET", "/__admin/state").substr(4);
  CHECK(state.find(R"("role_name": "org_super_admin")") != std::string::npos);
  CHECK(state.find(R"("role": "org_member")") != std::string::npos);
  CHECK(state.find(R"("name": "beta")") != std::string::npos);
  CHECK(ask(engine, "PUT", "/sandbox/other/__admin/state", state) ==
        R"(200 {"orgs":1,"apps":1,"keys":1})");
  CHECK(ask(engine, "GET", "/sandbox/other/__admin/state") == "200 " + state);

  engine::Engine without_roles = make_engine_with_roles(false);
  state = ask(without_roles, "GET", "/__admin/state");
  CHECK(state.find("bindings") == std::string::npos);
}
