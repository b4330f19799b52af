#include <doctest/doctest.h>
#include <sys/resource.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <set>

#include "json/body.h"
#include "store/sqlite_store.h"
#include "store/temp_dir.h"
#include "world.h"

// The refusal table of the contract of February 2026 (section 16), and for each row the golden case
// that shows it.

namespace {

using json::Ordered;

constexpr std::string_view kFolder = "tests/contract/deployed-2026-02/";

struct Row {
  /// A method, of GET with the form of the path; `*` for all five endpoints.
  std::string_view endpoint;
  std::string_view condition;
  int status;
  std::string_view error;
  std::string_view message;
  /// The names in moreInfo, in their order, each with a blank behind it; `absent` without moreInfo.
  std::string_view more_info;
  /// Empty where no request brings the refusal about, but a failing disk does.
  std::string_view golden_case;
};

constexpr std::string_view kLimited = "You cannot do that as a limited API key";
constexpr std::string_view kIdForm = "API key ID must be a valid UUID or number";
constexpr std::string_view kTooMany = "You are being rate limited";
constexpr std::string_view kDateFormat = "Invalid expiration date format";
constexpr std::string_view kDateInPast = "Expiration date must be in the future";
constexpr std::string_view kDateMissing =
    "This organization requires API keys to have an expiration date";
constexpr std::string_view kDateTooFar =
    "API key expiration cannot exceed 90 days for this organization";
constexpr std::string_view kNothing =
    "No valid fields provided for update. Provide name, mode, limited_to_apps, limited_to_orgs, or "
    "expires_at.";
constexpr std::string_view kNoKey = "API key not found or access denied";
constexpr std::string_view kNoCredential = "No JWT, apikey or subkey provided";
constexpr std::string_view kUnlimitedSubkey = "Invalid subkey, no limited apps or orgs";

constexpr Row kRows[] = {
    {"*", "IP locked out", 429, "too_many_requests", kTooMany, "absent",
     "lockout-on-every-endpoint"},
    {"*", "no credential", 401, "no_jwt_apikey_or_subkey", kNoCredential, "", "auth-no-credential"},
    {"*", "authorization neither UUID nor JWT", 401, "invalid_jwt", "Invalid JWT", "",
     "auth-no-jwt"},
    {"*", "key unknown", 401, "invalid_apikey", "Invalid apikey", "", "auth-unknown-key"},
    {"*", "key expired", 401, "invalid_apikey", "Invalid apikey", "", "auth-expired-key"},
    {"*", "mode read", 401, "invalid_apikey", "Invalid apikey", "", "auth-mode-read"},
    {"*", "mode upload", 401, "invalid_apikey", "Invalid apikey", "", "auth-mode-upload"},
    {"*", "mode write", 401, "invalid_apikey", "Invalid apikey", "", "auth-mode-write"},
    {"*", "key over its rate", 429, "too_many_requests", kTooMany, "absent",
     "rate-on-every-endpoint"},
    {"*", "subkey unusable", 401, "invalid_subkey", "Invalid subkey", "", "subkey-unusable"},
    {"*", "subkey without limits", 401, "invalid_subkey", kUnlimitedSubkey, "",
     "subkey-without-limits"},

    {"GET list", "caller limited to orgs", 401, "cannot_list_apikeys", kLimited, "apikeyId ",
     "caller-limited-to-orgs"},
    {"GET list", "database error", 500, "failed_to_list_apikeys", "Failed to list API keys",
     "supabaseError ", "requested-server-error"},

    {"GET one", "caller limited to orgs", 401, "cannot_get_apikey", kLimited, "apikeyId ",
     "caller-limited-to-orgs"},
    {"GET one", "id form", 400, "invalid_id_format", kIdForm, "", "get-id-form"},
    {"GET one", "not found", 404, "failed_to_get_apikey", "Failed to get API key", "supabaseError ",
     "get-id"},
    {"GET one", "id out of range", 404, "failed_to_get_apikey", "Failed to get API key",
     "supabaseError ", "get-id-out-of-range"},
    {"GET one", "a UUID", 404, "failed_to_get_apikey", "Failed to get API key", "supabaseError ",
     "get-id-uuid"},

    {"POST", "caller limited to orgs", 400, "cannot_create_apikey", kLimited, "apikey ",
     "caller-limited-to-orgs"},
    {"POST", "body not JSON, or empty", 400, "invalid_json_parse_body", "Invalid JSON body", "e ",
     "create-body-no-json"},
    {"POST", "body null", 500, "unknown_error", "Unknown error", "", "quirk-8-body-null-and-array"},
    {"POST", "device_id no string", 500, "unknown_error", "Unknown error", "", "create-device-id"},
    {"POST", "body no object", 400, "name_is_required", "Name is required", "",
     "create-body-no-object"},
    {"POST", "limited_to_apps wrong", 400, "invalid_limited_to_apps",
     "limited_to_apps must be an array of app ids", "", "create-limited-to-apps-wrong"},
    {"POST", "limited_to_orgs wrong", 400, "invalid_limited_to_orgs",
     "limited_to_orgs must be an array of org ids", "", "create-limited-to-orgs-wrong"},
    {"POST", "name missing or falsy", 400, "name_is_required", "Name is required", "",
     "create-name-missing"},
    {"POST", "mode falsy", 400, "mode_is_required", "Mode is required", "", "create-mode-wrong"},
    {"POST", "mode unknown", 400, "invalid_mode", "Invalid mode", "", "create-mode-wrong"},
    {"POST", "date unreadable", 400, "invalid_expiration_date", kDateFormat, "",
     "expires-create-format"},
    {"POST", "date not in the future", 400, "invalid_expiration_date", kDateInPast, "",
     "expires-create-past"},
    {"POST", "org_id", 404, "org_not_found", "Org not found", "supabaseError ",
     "create-org-id-not-found"},
    {"POST", "app_id", 404, "app_not_found", "App not found", "supabaseError ",
     "create-app-id-not-found"},
    {"POST", "org demands a date", 400, "expiration_required", kDateMissing, "", "policy-create"},
    {"POST", "date too far", 400, "expiration_exceeds_max", kDateTooFar, "", "policy-create"},
    {"POST", "insert fails: org no UUID", 400, "failed_to_create_apikey",
     "Failed to create API key", "supabaseError ", "create-limited-to-orgs-must-be-uuids"},
    {"POST", "insert fails: date", 400, "failed_to_create_apikey", "Failed to create API key",
     "supabaseError ", "expires-create-database"},
    {"POST", "insert fails: U+0000", 400, "failed_to_create_apikey", "Failed to create API key",
     "supabaseError ", "create-nul-in-a-text"},

    {"PUT", "caller limited to orgs", 401, "cannot_update_apikey", kLimited, "requestId apikeyId ",
     "caller-limited-to-orgs"},
    {"PUT", "body not JSON, or empty", 400, "invalid_json_parse_body", "Invalid JSON body", "e ",
     "update-body-no-json"},
    {"PUT", "body null", 500, "unknown_error", "Unknown error", "", "quirk-8-body-null-and-array"},
    {"PUT", "device_id no string", 500, "unknown_error", "Unknown error", "", "create-device-id"},
    {"PUT", "no id", 400, "api_key_id_required", "API key ID is required", "requestId ",
     "update-id-missing"},
    {"PUT", "id form", 400, "invalid_id_format", kIdForm, "requestId ", "update-id-form"},
    {"PUT", "date unreadable", 400, "invalid_expiration_date", kDateFormat, "",
     "expires-update-format"},
    {"PUT", "date not in the future", 400, "invalid_expiration_date", kDateInPast, "",
     "expires-update-past"},
    {"PUT", "name no string", 400, "name_must_be_a_string", "Name must be a string", "requestId ",
     "update-name-wrong"},
    {"PUT", "mode wrong", 400, "invalid_mode",
     "Invalid mode. Must be one of: read, write, all, upload", "requestId ", "update-mode-wrong"},
    {"PUT", "limited_to_apps wrong", 400, "limited_to_apps_must_be_an_array_of_strings",
     "limited_to_apps must be an array of strings", "requestId ", "update-limited-to-apps-wrong"},
    {"PUT", "limited_to_orgs wrong", 400, "limited_to_orgs_must_be_an_array_of_strings",
     "limited_to_orgs must be an array of strings", "requestId ", "update-limited-to-orgs-wrong"},
    {"PUT", "regenerate no boolean", 400, "regenerate_must_be_boolean",
     "regenerate must be a boolean", "requestId ", "update-regenerate-wrong"},
    {"PUT", "nothing to change", 400, "no_valid_fields_provided_for_update", kNothing, "requestId ",
     "update-nothing-to-change"},
    {"PUT", "no such key", 404, "api_key_not_found_or_access_denied", kNoKey,
     "requestId supabaseError ", "update-id-lookup"},
    {"PUT", "another user's key", 404, "api_key_not_found_or_access_denied", kNoKey,
     "requestId supabaseError ", "rows-of-another-user"},
    {"PUT", "lookup fails", 500, "api_key_not_found_or_access_denied", kNoKey,
     "requestId supabaseError ", "update-id-loses-precision"},
    {"PUT", "org demands a date", 400, "expiration_required", kDateMissing, "", "policy-update"},
    {"PUT", "date too far", 400, "expiration_exceeds_max", kDateTooFar, "", "policy-update"},
    {"PUT", "save fails", 500, "failed_to_update_apikey", "Failed to update API key",
     "requestId supabaseError ", "update-save-fails"},
    {"PUT", "regenerate fails", 500, "failed_to_update_apikey", "Failed to regenerate API key",
     "requestId supabaseError ", ""},

    {"DELETE", "caller limited to orgs", 401, "cannot_delete_apikey", kLimited, "apikeyId ",
     "caller-limited-to-orgs"},
    {"DELETE", "id form", 400, "invalid_id_format", kIdForm, "", "delete-id-form"},
    {"DELETE", "not found", 404, "api_key_not_found", "API key not found", "supabaseError ",
     "delete-id"},
    {"DELETE", "delete fails", 500, "failed_to_delete_apikey", "Failed to delete API key",
     "supabaseError ", "requested-server-error"},

    {"router", "no such route", 404, "not_found", "Not found", "absent", "routes-not-found"},
};

const Row& row_of(std::string_view endpoint, std::string_view condition) {
  const auto* found = std::find_if(std::begin(kRows), std::end(kRows), [&](const Row& row) {
    return row.endpoint == endpoint && row.condition == condition;
  });
  REQUIRE(found != std::end(kRows));
  return *found;
}

std::string names_in(const Ordered& object) {
  std::string names;
  for (const auto& item : object.items()) names += item.key() + " ";
  return names;
}

/// Whether the answer says what the row says, all of it and nothing beside it.
bool shows(int status, const Ordered& body, const Row& row) {
  if (status != row.status || !body.is_object()) return false;
  bool has_more = row.more_info != "absent";
  if (names_in(body) != (has_more ? "error message moreInfo " : "error message ")) return false;
  if (body["error"] != row.error || body["message"] != row.message) return false;
  if (!has_more) return true;
  const Ordered& more = body["moreInfo"];
  if (!more.is_object() || names_in(more) != row.more_info) return false;
  if (row.more_info == "e ") return more["e"] == Ordered::object();
  if (row.more_info == "apikey ") {
    return names_in(more["apikey"]) ==
           "id created_at user_id key mode updated_at name limited_to_orgs limited_to_apps "
           "key_hash "
           "expires_at rbac_id ";
  }
  return !more.contains("supabaseError") ||
         names_in(more["supabaseError"]) == "code details hint message ";
}

bool shows(const http::Response& response, const Row& row) {
  return shows(response.status, Ordered::parse(response.body, nullptr, false), row);
}

/// Which of the table's endpoints a request of a golden case asks.
std::string endpoint_of(const Ordered& request) {
  std::string method = request["method"].get<std::string>();
  http::Request asked{method, request["target"].get<std::string>(), {}, ""};
  contract::Route route =
      contract::find_endpoint(contract::kDeployed2026February, method, asked.path());
  if (route.endpoint == nullptr) return "router";
  if (method != "GET") return method;
  return route.params.empty() ? "GET list" : "GET one";
}

Ordered load_golden(const std::filesystem::path& name) {
  Ordered golden =
      Ordered::parse(world::read_file(std::string(kFolder) + name.string()), nullptr, false);
  REQUIRE(!golden.is_discarded());
  return golden;
}

/// The endpoints that the row's golden case shows to refuse so.
std::set<std::string> endpoints_refusing_so(const Row& row) {
  Ordered golden = load_golden(std::string(row.golden_case) + ".json");
  std::set<std::string> endpoints;
  for (const Ordered& exchange : golden["exchanges"]) {
    const Ordered& response = exchange["response"];
    if (!response.contains("body")) continue;
    if (shows(response["status"].get<int>(), response["body"], row)) {
      endpoints.insert(endpoint_of(exchange["request"]));
    }
  }
  return endpoints;
}

/// The rules that the golden cases show to refuse: the steps an endpoint has, and the rule's name.
std::set<std::pair<const contract::Step*, std::string>> rules_shown() {
  std::set<std::pair<const contract::Step*, std::string>> rules;
  std::string folder = std::string(MOCK_CAPGO_SOURCE_DIR "/") + std::string(kFolder);
  for (const auto& file : std::filesystem::directory_iterator(folder)) {
    Ordered golden = load_golden(file.path().filename());
    for (const Ordered& exchange : golden["exchanges"]) {
      std::string reason = exchange["response"]["headers"].value("X-Mock-Reason", "");
      const Ordered& request = exchange["request"];
      http::Request asked{"", request["target"].get<std::string>(), {}, ""};
      contract::Route route = contract::find_endpoint(
          contract::kDeployed2026February, request["method"].get<std::string>(), asked.path());
      if (route.endpoint == nullptr || reason.empty()) continue;
      rules.insert({route.endpoint->steps.data(), reason.substr(0, reason.find(':'))});
    }
  }
  return rules;
}

/// While it lives, no file of this process can grow. Use from one thread.
class FilesCannotGrow {
 public:
  FilesCannotGrow() : signal_(std::signal(SIGXFSZ, SIG_IGN)) {
    getrlimit(RLIMIT_FSIZE, &limit_);
    rlimit none = limit_;
    none.rlim_cur = 0;
    setrlimit(RLIMIT_FSIZE, &none);
  }
  ~FilesCannotGrow() {
    setrlimit(RLIMIT_FSIZE, &limit_);
    std::signal(SIGXFSZ, signal_);
  }
  FilesCannotGrow(const FilesCannotGrow&) = delete;
  FilesCannotGrow& operator=(const FilesCannotGrow&) = delete;

 private:
  void (*signal_)(int);
  rlimit limit_{};
};

/// The world of the golden cases in a file.
engine::Engine make_engine_over(const std::string& file) {
  world::Wish wish{&contract::kDeployed2026February,
                   world::read_file("tests/contract/world-deployed-2026-02.json")};
  engine::Setup setup = world::make_setup(wish);
  setup.durable = store::open_sqlite_store(file);
  setup.durable->seed(setup.fixtures);
  return engine::Engine(std::move(setup));
}

constexpr const char* kCaller = "11111111-1111-4111-8111-111111111111";
constexpr const char* kHashedSecret = "33333333-3333-4333-8333-333333333333";

http::Request request_by(const char* secret, const char* method, const char* target,
                         const char* body = "") {
  return {method, target, {{"authorization", secret}, {"X-Request-Id", "case"}}, body};
}

/// The answer to a request whose changes the disk has no room for.
http::Response ask_with_full_disk(engine::Engine& engine, const http::Request& request) {
  FilesCannotGrow full;
  return engine.handle(request);
}

}  // namespace

TEST_CASE("every row of the February table has a golden case that shows it") {
  for (const Row& row : kRows) {
    if (row.golden_case.empty()) continue;
    CAPTURE(row.endpoint);
    CAPTURE(row.condition);
    CAPTURE(row.golden_case);
    std::set<std::string> endpoints = endpoints_refusing_so(row);
    if (row.endpoint == "*") {
      for (const char* each : {"GET list", "GET one", "POST", "PUT", "DELETE"}) {
        CAPTURE(each);
        CHECK(endpoints.contains(each));
      }
    } else {
      CHECK(endpoints.contains(std::string(row.endpoint)));
    }
  }
}

TEST_CASE("a key whose new secret cannot be stored keeps its old one") {
  store_tests::TempDir dir;
  engine::Engine engine = make_engine_over(dir.file("keys.db"));
  std::string before = engine.handle(request_by(kHashedSecret, "GET", "/apikey/3")).body;

  auto answer =
      ask_with_full_disk(engine, request_by(kCaller, "PUT", "/apikey/3", R"({"regenerate":true})"));
  CAPTURE(answer.body);
  CHECK(shows(answer, row_of("PUT", "regenerate fails")));

  auto after = engine.handle(request_by(kHashedSecret, "GET", "/apikey/3"));
  CHECK(after.status == 200);
  CHECK(after.body == before);
}

TEST_CASE("changes that the disk has no room for are refused by the table and leave no trace") {
  store_tests::TempDir dir;
  engine::Engine engine = make_engine_over(dir.file("keys.db"));
  std::string before = engine.handle(request_by(kCaller, "GET", "/apikey")).body;

  auto saved =
      ask_with_full_disk(engine, request_by(kCaller, "PUT", "/apikey/2", R"({"name":"n"})"));
  CAPTURE(saved.body);
  CHECK(shows(saved, row_of("PUT", "save fails")));
  auto erased = ask_with_full_disk(engine, request_by(kCaller, "DELETE", "/apikey/2"));
  CAPTURE(erased.body);
  CHECK(shows(erased, row_of("DELETE", "delete fails")));
  auto made = ask_with_full_disk(engine, request_by(kCaller, "POST", "/apikey", R"({"name":"k"})"));
  CAPTURE(made.body);
  CHECK(shows(made, row_of("POST", "insert fails: date")));

  CHECK(engine.handle(request_by(kCaller, "GET", "/apikey")).body == before);
}

TEST_CASE("every error asked for by name is answered as a row of the February table") {
  world::Wish wish;
  wish.contract = &contract::kDeployed2026February;
  wish.fixture = world::read_file("tests/contract/world-deployed-2026-02.json");
  engine::Engine engine = world::make_engine(wish);
  for (const contract::Endpoint& endpoint : contract::kDeployed2026February.endpoints) {
    if (endpoint.steps.empty()) continue;
    for (std::string_view name : capgo::kErrorNames) {
      http::Request request{std::string(endpoint.method), "/apikey", {}, R"({"id":2,"name":"k"})"};
      if (endpoint.pattern.find(':') != std::string_view::npos) request.target = "/apikey/2";
      request.headers = {{"authorization", kCaller}, {"X-Mock-Scenario", std::string(name)}};
      CAPTURE(request.method);
      CAPTURE(request.target);
      CAPTURE(name);
      http::Response answer = engine.handle(request);
      CAPTURE(answer.body);
      CHECK(std::any_of(std::begin(kRows), std::end(kRows),
                        [&](const Row& row) { return shows(answer, row); }));
    }
  }
}

TEST_CASE("every step of the February endpoints that can refuse does so in a golden case") {
  // The store alone can fail there, and the golden cases keep their keys in memory.
  const std::set<std::string_view> only_by_the_store = {"delete_key", "regenerate"};
  auto shown = rules_shown();
  for (const contract::Endpoint& endpoint : contract::kDeployed2026February.endpoints) {
    CAPTURE(endpoint.method);
    CAPTURE(endpoint.pattern);
    for (const contract::Step& step : endpoint.steps) {
      if (only_by_the_store.contains(step.name)) continue;
      CAPTURE(step.name);
      CHECK(shown.contains({endpoint.steps.data(), std::string(step.name)}));
    }
  }
}

TEST_CASE("a key with null lists is the same from a file: a subkey that refuses nothing") {
  store_tests::TempDir dir;
  engine::Engine engine = make_engine_over(dir.file("keys.db"));
  http::Request request = request_by(kCaller, "GET", "/apikey/9");
  request.headers.add("x-limited-key-id", "9");
  http::Response answer = engine.handle(request);
  CHECK(answer.status == 200);
  CHECK(answer.body.find(R"("limited_to_orgs":null,"limited_to_apps":null)") != std::string::npos);
}
