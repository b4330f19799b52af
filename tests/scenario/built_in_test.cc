#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <variant>

#include "contract/catalog.h"
#include "json/value.h"
#include "scenario/scenario.h"
#include "test_engine.h"

namespace {

namespace fs = std::filesystem;

/// The built-in scenarios by the names of their files, without `.json`.
std::map<std::string, std::string> built_in() {
  std::map<std::string, std::string> texts;
  for (const auto& entry : fs::directory_iterator(MOCK_CAPGO_SOURCE_DIR "/scenarios")) {
    if (entry.path().filename() == "scenario.schema.json") continue;
    std::ifstream file(entry.path());
    std::ostringstream text;
    text << file.rdbuf();
    texts[entry.path().stem().string()] = text.str();
  }
  return texts;
}

scenario::Scenario load(const std::string& name) {
  auto loaded = scenario::load_scenario(name + ".json", built_in().at(name));
  CHECK(loaded.problems.empty());
  return loaded.scenario;
}

/// `invalid-mode` for `invalid_mode`.
std::string with_dashes(std::string_view error) {
  std::string name(error);
  std::replace(name.begin(), name.end(), '_', '-');
  return name;
}

using Endpoints = std::set<std::string>;

/// The endpoints that the built-in scenario of an error affects: `POST /apikey/`.
Endpoints endpoints_of(std::string_view error) {
  Endpoints endpoints;
  scenario::Scenario scenario = load(with_dashes(error));
  for (const scenario::Rule& rule : scenario.rules)
    endpoints.insert(rule.on.method + " " + rule.on.path);
  CHECK(endpoints.size() == scenario.rules.size());
  return endpoints;
}

/// Returns whether a rule always injects its error, for every caller, and does nothing else.
bool only_injects_error(const scenario::Rule& rule) {
  const scenario::Match& match = rule.on.match;
  bool always = !rule.times && rule.skip == 0 && rule.every == 1 && rule.probability == 1;
  bool every_caller = std::holds_alternative<std::monostate>(match.id) && !match.key &&
                      !match.mode && match.headers.empty() && match.query.empty() && !match.body;
  bool nothing_else =
      !rule.effect.respond && !rule.effect.delay && !rule.effect.fault && !rule.effect.dribble;
  return rule.effect.error && always && every_caller && nothing_else;
}

}  // namespace

TEST_CASE("every built-in scenario is valid and has the name of its file") {
  auto texts = built_in();
  CHECK(texts.size() >= base::kNames<capgo::ErrorName>.size());
  for (const auto& file : texts) {
    const std::string& name = file.first;
    const std::string& text = file.second;
    CAPTURE(name);
    auto loaded = scenario::load_scenario("x.json", text);
    CHECK(loaded.problems.empty());
    CHECK(loaded.scenario.name == name);
    CHECK_FALSE(loaded.scenario.description.empty());
    CHECK_FALSE(loaded.scenario.rules.empty());
    CHECK(json::parse(text)["$schema"] == "./scenario.schema.json");
  }
}

TEST_CASE("every error has a built-in scenario, which only injects it") {
  for (std::string_view error : base::kNames<capgo::ErrorName>) {
    CAPTURE(error);
    scenario::Scenario scenario = load(with_dashes(error));
    for (const scenario::Rule& rule : scenario.rules) {
      CHECK(only_injects_error(rule));
      CHECK((rule.effect.error == base::parse_name<capgo::ErrorName>(error)));
    }
  }
}

// documented contract, section 14; deployed contract of February 2026, sections 1 and 5 to 8
TEST_CASE("the built-in scenario of an error affects the endpoints that have the error") {
  const Endpoints of_one_key = {"GET /apikey/:id/", "PUT /apikey/", "PUT /apikey/:id/",
                                "DELETE /apikey/:id/"};
  const Endpoints with_body = {"POST /apikey/", "PUT /apikey/", "PUT /apikey/:id/"};
  Endpoints every = of_one_key;
  every.insert({"GET /apikey/", "POST /apikey/"});
  const std::set<std::string_view> of_any_endpoint = {"invalid_api_key", "expired_key",
                                                      "rate_limited",    "permission_denied",
                                                      "not_found",       "server_error"};
  const std::set<std::string_view> of_id = {"invalid_id", "key_not_found"};
  for (std::string_view error : base::kNames<capgo::ErrorName>) {
    CAPTURE(error);
    const Endpoints& rest = of_id.contains(error) ? of_one_key : with_body;
    CHECK((endpoints_of(error) == (of_any_endpoint.contains(error) ? every : rest)));
  }
}

TEST_CASE("the built-in scenarios of errors that every endpoint has affect all endpoints") {
  const std::string_view preflight = "OPTIONS";
  for (const contract::Contract* contract : contract::all()) {
    for (const contract::Endpoint& endpoint : contract->endpoints) {
      if (endpoint.method == preflight || !endpoint.pattern.starts_with("/apikey")) continue;
      std::string name = std::string(endpoint.method) + " " + std::string(endpoint.pattern);
      CAPTURE(name);
      CHECK(endpoints_of("server_error").contains(name));
    }
  }
}

TEST_CASE("no built-in scenario of an error affects a preflight") {
  for (const contract::Contract* contract : contract::all()) {
    test_engine::Options options{.contract = contract};
    engine::Engine without_scenarios = test_engine::make_engine(options);
    for (std::string_view error : base::kNames<capgo::ErrorName>) {
      options.scenarios.push_back(built_in().at(with_dashes(error)));
    }
    engine::Engine engine = test_engine::make_engine(options);
    for (const char* path : {"/apikey", "/apikey/", "/apikey/1", "/apikey/1/"}) {
      CAPTURE(path);
      http::Request preflight{"OPTIONS", path, {{"Origin", "http://localhost"}}, ""};
      auto answer = engine.handle(preflight);
      CHECK(answer.status == without_scenarios.handle(preflight).status);
      CHECK(answer.body == without_scenarios.handle(preflight).body);
      CHECK(!answer.headers.find("X-Mock-Reason"));
    }
  }
}
