#pragma once

#include <doctest/doctest.h>

#include <string>
#include <variant>
#include <vector>

#include "app/options.h"

/// The result of parsing a command line.
namespace app_tests {

inline app::Options options_of(const std::vector<std::string>& args) {
  auto parsed = app::parse_options(args);
  if (const auto* early = std::get_if<app::EarlyExit>(&parsed)) FAIL(early->text);
  return std::get<app::Options>(parsed);
}

inline app::EarlyExit early_exit_of(const std::vector<std::string>& args) {
  auto parsed = app::parse_options(args);
  REQUIRE(std::holds_alternative<app::EarlyExit>(parsed));
  return std::get<app::EarlyExit>(parsed);
}

/// Checks that an option of serve is rejected with this problem.
inline void check_rejected(const std::vector<std::string>& args, const std::string& problem) {
  app::EarlyExit rejection = early_exit_of(args);
  CHECK(rejection.exit_code == 2);
  CHECK(rejection.text == "mock-capgo: " + problem + "\nSee mock-capgo serve --help.\n");
}

}  // namespace app_tests
