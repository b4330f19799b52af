#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "scenario/active_scenarios.h"

namespace scenario_tests {

/// A request for the tests of patterns and rules.
struct TestRequest {
  std::string method = "GET";
  std::string target = "/apikey/";
  http::Headers headers = {};
  std::string body = {};
  std::optional<std::string> secret = {};
  std::optional<capgo::KeyMode> mode = {};
};

/// Calls `use` with the match input of a request.
template <typename Use>
auto with_input(const TestRequest& request, const Use& use) {
  http::Request sent{request.method, request.target, request.headers, request.body};
  std::string_view method = sent.method == "HEAD" ? "GET" : std::string_view(sent.method);
  json::Body body(sent.body);
  scenario::MatchInput input{sent,        body,           method,
                             sent.path(), request.secret, [&request] { return request.mode; }};
  return use(input);
}

inline std::optional<scenario::Decision> decide(scenario::ActiveScenarios& scenarios,
                                                const TestRequest& request) {
  return with_input(request, [&](scenario::MatchInput& input) { return scenarios.decide(input); });
}

inline std::shared_ptr<const scenario::Scenario> shared(scenario::Scenario scenario) {
  return std::make_shared<const scenario::Scenario>(std::move(scenario));
}

/// The rule that fires for a request: `s, rule 1`, or `none`.
inline std::string firing_rule(scenario::ActiveScenarios& scenarios,
                               const TestRequest& request = {}) {
  auto decision = decide(scenarios, request);
  return decision ? decision->source : "none";
}

}  // namespace scenario_tests
