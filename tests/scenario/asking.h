#pragma once

#include <optional>
#include <string>
#include <utility>

#include "scenario/rulebook.h"

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

/// What a rulebook decides about a request.
inline std::optional<scenario::Decision> decide(scenario::Rulebook& rulebook,
                                                const Question& question) {
  http::Request request{question.method, question.target, question.headers, question.body};
  std::string_view method = question.method == "HEAD" ? "GET" : std::string_view(request.method);
  return rulebook.decide(
      {request, method, request.path(), question.secret, [&question] { return question.mode; }});
}

/// Which rule acts on a request: `s, rule 1`, or `none`.
inline std::string acting(scenario::Rulebook& rulebook, const Question& question = {}) {
  auto decision = decide(rulebook, question);
  return decision ? decision->source : "none";
}

}  // namespace scenario_tests
