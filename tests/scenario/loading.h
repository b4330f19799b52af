#pragma once

#include <doctest/doctest.h>

#include <string>
#include <utility>

#include "scenario/scenario.h"

namespace scenario_tests {

/// The problems of a scenario file, `s.json`, one per line.
inline std::string problems_of(std::string text) {
  std::string lines;
  auto loaded = scenario::load_scenario("s.json", std::move(text));
  for (const std::string& line : loaded.problems) lines += line + "\n";
  return lines;
}

/// The scenario in a valid file, `s.json`.
inline scenario::Scenario loaded(std::string text) {
  CHECK(problems_of(text).empty());
  return scenario::load_scenario("s.json", std::move(text)).scenario;
}

/// A scenario with these rules, which are JSON objects: `{"on": "* *", ...}, ...`.
inline scenario::Scenario with_rules(const std::string& rules) {
  return loaded("{\"rules\": [" + rules + "]}");
}

}  // namespace scenario_tests
