#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "scenario/active_scenarios.h"

namespace scenario_tests {

/// A request to ask a rulebook about.
struct Question {
  std::string method = "GET";
  std::string target = "/apikey/";
  http::Headers headers = {};
  std::string body = {};
  std::optional<std::string> secret = {};
  std::optional<capgo::KeyMode> mode = {};
};

/// Calls `use` with the question as patterns see it.
template <typename Use>
auto with_input(const Question& question, const Use& use) {
  http::Request request{question.method, question.target, question.headers, question.body};
  std::string_view method = question.method == "HEAD" ? "GET" : std::string_view(request.method);
  json::Body body(request.body);
  scenario::MatchInput input{request,         body,
                             method,          request.path(),
                             question.secret, [&question] { return question.mode; }};
  return use(input);
}

/// What a rulebook decides about a request.
inline std::optional<scenario::Decision> decide(scenario::ActiveScenarios& rulebook,
                                                const Question& question) {
  return with_input(question, [&](scenario::MatchInput& input) { return rulebook.decide(input); });
}

/// A scenario as rulebooks take it.
inline std::shared_ptr<const scenario::Scenario> shared(scenario::Scenario scenario) {
  return std::make_shared<const scenario::Scenario>(std::move(scenario));
}

/// Which rule acts on a request: `s, rule 1`, or `none`.
inline std::string acting(scenario::ActiveScenarios& rulebook, const Question& question = {}) {
  auto decision = decide(rulebook, question);
  return decision ? decision->source : "none";
}

}  // namespace scenario_tests
