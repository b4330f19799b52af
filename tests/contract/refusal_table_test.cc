#include <doctest/doctest.h>

#include <set>

#include "json/body.h"
#include "world.h"

// The refusal table of the documented contract (section 14), and for each row the golden case that
// shows it.

namespace {

using json::Ordered;

struct Row {
  /// `*` for all three endpoints.
  std::string_view method;
  std::string_view condition;
  int status;
  std::string_view error;
  std::string_view golden_case;
};

constexpr std::string_view kPermission = "Insufficient permissions to manage API keys";
constexpr std::string_view kMode =
    "Invalid mode specified. Must be one of: read, write, upload, all";

constexpr Row kRows[] = {
    {"*", "key missing", 401, "Invalid API key", "no-credential"},
    {"*", "key unknown", 401, "Invalid API key", "unknown-key"},
    {"GET", "Bearer ...", 401, "Invalid API key", "bearer-is-no-key"},
    {"GET", "JWT", 401, "Invalid API key", "jwt-is-no-key"},
    {"*", "key cleaned up", 401, "Invalid API key", "cleaned-up-key"},
    {"*", "hash of a key", 401, "Invalid API key", "key-hash-is-no-secret"},
    {"*", "key expired", 401, "API key has expired", "expired-key"},
    {"*", "key expired, of the wrong mode", 401, "API key has expired",
     "expired-before-wrong-mode"},
    {"*", "rate", 429, "Too many requests", "rate-limit"},
    {"*", "rate, of the wrong mode", 429, "Too many requests", "rate-limit-order-of-checks"},
    {"*", "mode read", 403, kPermission, "mode-read-may-not-manage"},
    {"*", "mode upload", 403, kPermission, "mode-upload-may-not-manage"},
    {"*", "mode write", 403, kPermission, "mode-write-may-not-manage"},
    {"*", "caller limited to apps", 403, kPermission, "caller-limited-to-apps"},
    {"*", "caller limited to orgs", 403, kPermission, "caller-limited-to-orgs"},
    {"POST", "body no JSON", 400, "Invalid JSON body", "create-body-not-json"},
    {"POST", "body no object", 400, "Invalid JSON body", "create-body-no-object"},
    {"POST", "apps list no array", 400, "limited_to_apps must be an array of app ids",
     "create-limited-to-apps-no-array"},
    {"POST", "apps list items", 400, "limited_to_apps must be an array of app ids",
     "create-limited-to-apps-items"},
    {"POST", "orgs list no array", 400, "limited_to_orgs must be an array of org ids",
     "create-limited-to-orgs-no-array"},
    {"POST", "orgs list items", 400, "limited_to_orgs must be an array of org ids",
     "create-limited-to-orgs-items"},
    {"POST", "name missing or empty", 400, "Name is required", "create-name-missing"},
    {"POST", "name no string", 400, "Name must be a string", "create-name-no-string"},
    {"POST", "mode missing or wrong", 400, kMode, "create-mode-wrong"},
    {"POST", "hashed no boolean", 400, "hashed must be a boolean", "create-hashed-no-boolean"},
    {"POST", "date unreadable", 400, "Invalid expiration date format",
     "create-expires-at-unreadable"},
    {"POST", "date no string", 400, "Invalid expiration date format",
     "create-expires-at-no-string"},
    {"POST", "date not in the future", 400, "Expiration date must be in the future",
     "create-expires-at-not-in-the-future"},
    {"POST", "org requires a date", 400,
     "Organization policy requires an expiration date for API keys", "policy-date-required"},
    {"POST", "beyond the org's maximum of 90 days", 400,
     "Expiration date exceeds organization maximum of 90 days", "policy-maximum"},
    {"POST", "beyond the org's maximum of 30 days", 400,
     "Expiration date exceeds organization maximum of 30 days", "policy-both"},
    {"DELETE", "id form", 400, "API key ID must be a valid UUID or number", "delete-id-form"},
    {"DELETE", "no such key", 404, "API key not found", "delete-twice"},
    {"DELETE", "key cleaned up", 404, "API key not found", "clean-up-met-by-delete"},
    {"DELETE", "key of another user", 404, "API key not found", "delete-key-of-another-user"},
    {"GET", "no such route", 404, "Not found", "unknown-path"},
    {"PUT", "no such method", 404, "Not found", "unknown-method"},
};

/// The methods for which the case has this refusal, whole.
std::set<std::string> methods_refused_so(const Row& row) {
  std::string file = "tests/contract/documented/" + std::string(row.golden_case) + ".json";
  Ordered golden = Ordered::parse(world::read_file(file), nullptr, false);
  std::set<std::string> methods;
  if (golden.is_discarded()) return methods;
  Ordered body = {{"error", row.error}, {"status", "KO"}};
  for (const Ordered& exchange : golden["exchanges"]) {
    const Ordered& response = exchange["response"];
    if (response["status"] != row.status || response.value("body", Ordered()) != body) continue;
    methods.insert(exchange["request"]["method"].get<std::string>());
  }
  return methods;
}

}  // namespace

TEST_CASE("every row of the refusal table has a golden case that shows it") {
  for (const Row& row : kRows) {
    CAPTURE(row.condition);
    CAPTURE(row.golden_case);
    std::set<std::string> methods = methods_refused_so(row);
    if (row.method == "*") {
      CHECK(methods == std::set<std::string>{"DELETE", "GET", "POST"});
    } else {
      CHECK(methods.contains(std::string(row.method)));
    }
  }
}

TEST_CASE("every error the contract words stands in a row of the refusal table") {
  std::set<std::string_view> worded_in_table;
  for (const Row& row : kRows) worded_in_table.insert(row.error);
  // Injected only: no rule of the contract refuses so.
  worded_in_table.insert("Internal server error");
  for (std::string_view name : capgo::kErrorNames) {
    CAPTURE(name);
    auto error = *capgo::parse_error_name(name);
    CHECK(worded_in_table.contains(
        contract::find_wording(contract::kDocumented, nullptr, error).message));
  }
}
