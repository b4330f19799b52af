#include <set>
#include <sstream>

#include "base/ids.h"
#include "contract/catalog.h"
#include "contract/deployed_2026_07/model_requests.h"
#include "store/seed.h"

// The contract deployed-2026-07 compared with a model of its page: random states and requests.

namespace july_model {
namespace {

/// The rows of section 16 by endpoint, and the kinds of success. Not here: what only a failing
/// database causes, and a key whose owner has no role in an org in which the caller has one.
const std::vector<std::pair<std::string, std::vector<std::string>>> kRows = {
    {"none", {"404 not_found"}},
    {"preflight", {"204"}},
    {"any",
     {"429 too_many_requests too_many_failed_auth_attempts",
      "429 too_many_requests api_key_rate_limit_exceeded",
      "401 no_jwt_apikey_or_subkey No JWT, apikey or subkey provided",
      "401 invalid_jwt Invalid JWT", "401 invalid_subkey Invalid x-limited-key-id",
      "401 invalid_apikey Invalid apikey", "401 invalid_subkey Invalid subkey",
      "401 invalid_subkey Invalid subkey, no limited apps or orgs"}},
    {"list",
     {"200",
      "401 cannot_list_apikeys API key management requires RBAC org role management permission"}},
    {"get",
     {"200",
      "401 cannot_get_apikey API key management requires RBAC org role management permission",
      "401 cannot_get_apikey API key cannot manage this API key",
      "400 invalid_id_format API key ID must be a numeric ID, UUID key, or legacy key token",
      "404 failed_to_get_apikey Failed to get API key"}},
    {"remove",
     {"200",
      "401 cannot_delete_apikey API key management requires RBAC org role management permission",
      "401 cannot_delete_apikey API key cannot manage this API key",
      "401 cannot_delete_apikey API keys cannot delete themselves",
      "400 invalid_id_format API key ID must be a valid UUID or number",
      "404 api_key_not_found API key not found"}},
    {"create update",
     {"400 invalid_json_parse_body Invalid JSON body",
      "500 unknown_error null",
      "500 unknown_error device_id",
      "400 invalid_bindings bindings must be an array",
      "400 invalid_bindings Each binding must be an object",
      "400 invalid_bindings Each binding must have a role_name",
      "400 invalid_bindings Each binding must have a valid scope_type (org, app, channel)",
      "400 invalid_bindings Each binding must have an org_id",
      "400 invalid_bindings app_id must be a string when provided",
      "400 invalid_bindings channel_id must be a string or number when provided",
      "400 bindings_required API key bindings are required",
      "400 invalid_expiration_date Invalid expiration date format",
      "400 invalid_expiration_date Expiration date must be in the future",
      "400 invalid_global_permissions global_permissions must be an array",
      "400 invalid_global_permissions Unsupported API key global permission",
      "400 invalid_global_permissions org.create requires an org-scoped admin API key binding",
      "400 expiration_required policy",
      "400 expiration_exceeds_max policy",
      "403 forbidden_binding Forbidden - API key managers cannot assign the R role",
      "404 binding_failed Role not found",
      "403 binding_failed Role is not assignable",
      "400 binding_failed Role scope_type does not match binding scope",
      "403 binding_failed Cannot assign a role with higher privileges than your own",
      "400 binding_failed app_id required for app scope",
      "400 binding_failed app_id and channel_id required for channel scope",
      "404 binding_failed App not found in this org",
      "404 binding_failed Channel not found in this app/org"}},
    {"create",
     {"200 plain", "200 hashed", "400 cannot_create_apikey API keys cannot create other API keys",
      "400 name_is_required Name is required",
      "403 forbidden_binding Forbidden - API key management rights required for org O",
      "400 binding_creation_failed Failed to create role bindings for the API key"}},
    {"update",
     {"200",
      "200 with rights",
      "200 regenerated plain",
      "200 regenerated hashed",
      "401 cannot_update_apikey API key management requires RBAC org role management permission",
      "401 cannot_update_apikey API key cannot manage this API key",
      "401 cannot_update_apikey API keys cannot update themselves",
      "401 cannot_update_apikey API keys cannot update API key permissions",
      "403 forbidden_binding Forbidden - Admin rights required for org O",
      "500 binding_update_failed Failed to update role bindings for the API key",
      "500 global_permission_update_failed Failed to update API key permissions",
      "500 failed_to_update_apikey date",
      "500 failed_to_update_apikey name",
      "500 failed_to_update_apikey trigger",
      "400 api_key_id_required API key ID is required",
      "400 invalid_id_format API key ID must be a valid UUID or number",
      "400 name_must_be_a_string Name must be a string",
      "400 regenerate_must_be_boolean regenerate must be a boolean",
      "400 no_valid_fields_provided_for_update No valid fields provided for update. Provide name, "
      "expires_at, bindings, global_permissions, or regenerate.",
      "404 api_key_not_found_or_access_denied API key not found or access denied",
      "500 api_key_not_found_or_access_denied API key not found or access denied"}},
};

const char* const kRouteNames[] = {"none",   "preflight", "list",  "get",
                                   "create", "update",    "remove"};

/// `create 400 name_is_required Name is required`
std::set<std::string> all_rows() {
  std::set<std::string> all;
  for (const auto& [routes, rows] : kRows) {
    std::istringstream names(routes);
    for (std::string name; names >> name;) {
      for (const std::string& row : rows) all.insert(name + " " + row);
    }
  }
  return all;
}

/// Returns five orgs with policies and roles, and a sixth that differs.
std::vector<Org> make_orgs(Random& random) {
  auto some = [&](std::vector<std::string> roles) { return random.pick(roles); };
  auto org = [&](const char* id, const std::vector<std::string>& roles) {
    Org each{std::string(8, id[0]) + "-0000-4000-8000-00000000000" + id, "", {}, false, {}, false};
    each.members.emplace();
    for (size_t user = 0; user < roles.size(); ++user) {
      if (!roles[user].empty()) each.members->push_back({kUsers[user], roles[user]});
    }
    return each;
  };
  std::string manager = "apikey_manager", admin = "org_admin", top = "org_super_admin";
  std::vector<Org> orgs = {
      org("a", {top, admin, manager, "org_member"}),
      org("b", {some({top, admin}), some({admin, manager}), manager, ""}),
      org("c", {some({admin, top}), top, some({manager, ""}), "org_billing_admin"}),
      org("d", {some({top, manager}), some({"", admin}), "", "org_billing_admin"}),
      org("e", {some({"", "", "org_member"}), top, "", manager}),
      org("f", {some({manager, "org_member"}), "org_billing_admin", some({top, manager}), ""})};
  orgs[1].require_apikey_expiration = true;
  orgs[1].max_apikey_expiration_days = 90;
  orgs[2].max_apikey_expiration_days = 30;
  orgs[3].enforce_hashed_api_keys = true;
  orgs[4].require_apikey_expiration = random.chance(50);
  orgs[4].max_apikey_expiration_days = 7;
  if (random.chance(30)) orgs[5].members.reset();
  orgs[5].require_apikey_expiration = random.chance(30);
  return orgs;
}

/// Returns a binding of each kind to a random app and channel.
Binding some_binding(Random& random, const Model& model, std::vector<std::string> roles) {
  const RoleRow& role = role_row(random.pick(roles));
  const App app = random.pick(model.rest.apps);
  Binding binding{std::string(role.name), *base::parse_name<Scope>(role.scope), app.owner_org};
  if (role.scope == "org") return binding;
  binding.app_id = app.id;
  if (role.scope == "app") return binding;
  for (const Channel& each : model.rest.channels) {
    if (each.app_id == app.app_id) binding.channel_id = each.rbac_id;
  }
  return binding;
}

/// Gives the key random rights, one role per target.
void add_rights(Random& random, const Model& model, ApiKey& key) {
  Rights& rights = key.rights.emplace();
  std::vector<std::string> roles = {"org_admin", "org_super_admin", "apikey_manager"};
  if (random.chance(40)) {
    roles = {"org_admin",  "org_member",    "apikey_org_reader", "app_admin",
             "app_reader", "channel_admin", "channel_preview",   "org_billing_admin"};
  }
  for (size_t left = random.below(5); left > 0; --left) {
    Binding binding = some_binding(random, model, roles);
    auto has_same_target = [&](const Binding& each) {
      return std::tie(each.scope, each.org_id, each.app_id, each.channel_id) ==
             std::tie(binding.scope, binding.org_id, binding.app_id, binding.channel_id);
    };
    if (!std::ranges::any_of(rights.bindings, has_same_target)) rights.bindings.push_back(binding);
  }
  if (has_admin_binding(rights) && random.chance(50)) rights.global_permissions = {"org.create"};
}

/// Gives the key a random mode and limits, from which its rights follow.
void add_mode(Random& random, const Model& model, ApiKey& key) {
  key.mode = random.pick(
      std::vector{KeyMode::all, KeyMode::all, KeyMode::read, KeyMode::upload, KeyMode::write});
  std::vector<std::string> orgs, apps;
  while (random.chance(35)) orgs.push_back(random.pick(model.rest.orgs).id);
  while (random.chance(25)) apps.push_back(random.pick(model.rest.apps).app_id);
  if (random.chance(10)) apps.push_back("com.unknown");
  key.limited_to_orgs = orgs;
  key.limited_to_apps = apps;
  if (random.chance(10)) key.limited_to_orgs.reset();
}

Model make_model(Random& random) {
  Model model;
  base::Random uuids(random.below(1'000'000));
  model.rest.orgs = make_orgs(random);
  auto add_app = [&](const std::string& name, size_t org, size_t channels) {
    model.rest.apps.push_back({uuids.uuid(), "com." + name, model.rest.orgs[org].id});
    for (; channels > 0; --channels) {
      int64_t id = 41 + static_cast<int64_t>(model.rest.channels.size());
      model.rest.channels.push_back({id, uuids.uuid(), "production", "com." + name});
    }
  };
  add_app("a.one", 0, 2);
  add_app("a.two", 0, 1);
  add_app("b.app", 1, 1);
  add_app("c.app", 2, 2);
  add_app("d.app", 3, 1);
  add_app("e.app", 4, 1);
  add_app("f.app", 5, 1);
  int64_t id = 0;
  for (size_t count = 22; count > 0; --count) {
    id += 1 + static_cast<int64_t>(random.below(2));
    const std::string& user = kUsers[random.chance(50) ? 0 : random.below(4)];
    std::string secret = uuids.uuid();
    if (random.chance(8)) secret = "token.7:" + std::to_string(id) + random.pick({"", "_-", "~x"});
    if (random.chance(3)) secret = "12345678" + std::to_string(id);
    ApiKey& key = model.add(id, secret, user);
    key.rbac_id = uuids.uuid();
    if (random.chance(20)) model.set_secret(key, secret, true);
    random.chance(60) ? add_rights(random, model, key) : add_mode(random, model, key);
    if (random.chance(12)) key.expires_at = model.now + (random.chance(40) ? -1 : 1) * kDay;
    // The service compares whole milliseconds.
    if (random.chance(12)) key.expires_at = model.now + seconds(30 * id) + microseconds(500);
  }
  model.rate_limit =
      random.pick(std::vector<std::optional<int64_t>>{std::nullopt, std::nullopt, 5, 25});
  return model;
}

/// Compares an engine with a model.
class BodyComparison {
 public:
  explicit BodyComparison(Model& model) : model_(model), engine_(make_engine(model)) {
    last_ = engine_.snapshot().keys;
    for (auto& [id, key] : model.keys) {
      if (!key.rights) key.rights = model.migrate(key);
    }
  }

  void set_clock(Time now) {
    model_.now = now;
    std::string body = R"({"now":")" + base::format_time_with_fraction(now) + "\"}";
    REQUIRE(engine_.handle({"PUT", "/__admin/clock", {}, body}).status == 200);
  }

  /// Sends the request to both, and counts the row.
  void send(const Sent& sent, std::map<std::string, int>& rows) {
    http::Response response = engine_.handle(sent.request);
    std::string headers;
    for (const auto& each : sent.request.headers) {
      headers.append(each.name).append(": ").append(each.value).append("\n");
    }
    INFO(sent.request.method, " ", sent.request.target, "\n", headers, "\n", sent.request.body);
    INFO("at ", base::format_time_with_fraction(model_.now), ": ", response.status, " ",
         response.headers.find("X-Mock-Reason").value_or(""), "\n", response.body);
    model_.has_changed = false;
    Reply expected = model_.respond(sent, read_generated(response));
    INFO("expected: ", expected.status, " ", expected.bodies.front());
    REQUIRE(response.status == expected.status);
    if (sent.request.method != "HEAD") REQUIRE(has(expected.bodies, body_of(sent, response)));
    // Most rejections leave the check to a later one.
    if (model_.has_changed || ++unchecked_ % 4 == 0) check_keys();
    check_headers(sent, response);
    const std::string& route = kRouteNames[static_cast<size_t>(sent.route)];
    ++rows[(expected.is_of_any_route ? "any" : route) + " " + expected.row];
  }

 private:
  static engine::Engine make_engine(const Model& model) {
    engine::EngineConfig config =
        test_engine::make_config({.contract = &contract::kDeployed2026July,
                                  .fixture = "{\"keys\":[]}",
                                  .rate_limit = model.rate_limit});
    config.sandbox.fixtures = store::make_seed(model.snapshot());
    return engine::Engine(std::move(config));
  }

  /// The page leaves the order of a list open.
  static std::string body_of(const Sent& sent, const http::Response& response) {
    if (sent.route != Route::list || response.status != 200) return response.body;
    Ordered items = json::parse_ordered(response.body);
    std::sort(items.begin(), items.end(), [](const Ordered& a, const Ordered& b) {
      return a["id"].get<int64_t>() < b["id"].get<int64_t>();
    });
    return items.dump();
  }

  /// Reads what the server makes, after a check of its form.
  Generated read_generated(const http::Response& response) {
    static const std::regex kForm(
        "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}");
    Generated generated{std::string(response.headers.find("X-Request-Id").value_or("")), "", ""};
    CHECK(!generated.request_id.empty());
    if (response.status != 200 || response.body.find("\"key\":") == std::string::npos) {
      return generated;
    }
    Ordered body = json::parse_ordered(response.body);
    generated.secret = body["key"];
    generated.rbac_id = body["rbac_id"];
    CHECK(std::regex_match(generated.secret, kForm));
    CHECK(generated_.insert(generated.secret).second);
    CHECK(is_uuid(generated.rbac_id));
    return generated;
  }

  void check_keys() {
    capgo::KeyList keys = engine_.snapshot().keys;
    if (!model_.has_changed) {
      REQUIRE((keys == last_));
      return;
    }
    last_ = std::move(keys);
    REQUIRE(last_.size() == model_.keys.size());
    auto expected = model_.keys.begin();
    for (const ApiKey& each : last_) {
      ApiKey key = each;
      if (!key.rights) key.rights = model_.migrate(key);
      // The page says nothing about modes and limits.
      ApiKey row = expected++->second;
      key.mode = row.mode;
      key.limited_to_apps = row.limited_to_apps;
      key.limited_to_orgs = row.limited_to_orgs;
      if (key == row) continue;
      INFO(fixtures::write_key(key), "\nexpected: ", fixtures::write_key(row));
      FAIL("a key differs from the model");
    }
  }

  static void check_headers(const Sent& sent, const http::Response& response) {
    auto is = [&](const char* name, const std::string& value) {
      INFO(name);
      CHECK(response.headers.find_joined(name).value_or("") == value);
    };
    bool is_unknown = sent.route == Route::none && sent.request.target.starts_with("/apikey");
    std::string vary = sent.route == Route::preflight ? "Origin, Access-Control-Request-Headers"
                       : is_unknown                   ? "Origin, Origin"
                                                      : "Origin";
    is("Vary", vary);
    auto origin = std::ranges::find(kOrigins, sent.request.headers.find("origin").value_or("none"),
                                    [](const auto& each) { return each.first; });
    is("Access-Control-Allow-Origin", origin == kOrigins.end() ? "" : origin->second);
    is("Content-Type", sent.route == Route::preflight ? "" : "application/json");
    CHECK(response.headers.find("Content-Security-Policy"));
    CHECK(response.headers.find("X-Worker-Source").value_or("").ends_with("-12.201.7"));
    bool is_saved = sent.route == Route::create && response.status == 200;
    if (is_saved) CHECK(response.headers.find("X-Database-Source"));
    if (sent.route == Route::none) CHECK(!response.headers.find("X-Database-Source"));
    auto request_id = sent.request.headers.find("x-request-id");
    if (request_id == "abc_1-2=") is("X-Request-Id", "abc_1-2=");
    if (response.status != 429) return;
    Ordered info = json::parse_ordered(response.body)["moreInfo"];
    is("Retry-After", info["retryAfterSeconds"].dump());
    auto reset = milliseconds(info["rateLimitResetAt"].get<int64_t>());
    is("X-RateLimit-Reset", std::to_string(std::chrono::ceil<seconds>(reset).count()));
  }

  Model& model_;
  engine::Engine engine_;
  capgo::KeyList last_;
  std::set<std::string> generated_;
  int unchecked_ = 0;
};

}  // namespace

TEST_CASE("random requests get the responses of deployed-2026-07") {
  uint64_t seed = store_tests::test_seed();
  INFO("MOCK_CAPGO_TEST_SEED=", seed);
  Random random(seed);
  std::set<std::string> missing = all_rows();
  std::map<std::string, int> rows;
  for (int round = 0; round < 20 || (round < 400 && !missing.empty()); ++round) {
    CAPTURE(round);
    Model model = make_model(random);
    BodyComparison comparison(model);
    Requests requests(random, model);
    // The last key may have been deleted.
    for (int step = 0; step < 120 && !model.keys.empty(); ++step) {
      if (random.chance(10)) comparison.set_clock(some_later_time(random, model));
      comparison.send(requests.next(), rows);
    }
    std::erase_if(missing, [&](const std::string& row) { return rows.contains(row); });
  }
  for (const std::string& row : missing) MESSAGE("never occurred: ", row);
  CHECK(missing.empty());
}

}  // namespace july_model
