#pragma once

#include <optional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "engine/guard.h"

namespace engine_tests {

/// `STATUS | GUARD | ERROR | DETAILS...`, or `passes`.
inline std::string describe(const std::optional<engine::GuardRejection>& rejection) {
  if (!rejection) return "passes";
  std::string line = std::to_string(rejection->status) + " | " + std::string(rejection->guard) +
                     " | " + rejection->error;
  for (const std::string& detail : rejection->details) line += " | " + detail;
  return line;
}

/// Splits a list at spaces. `others` are items that are empty or contain spaces.
inline std::vector<std::string> split(const std::string& list,
                                      std::vector<std::string> others = {}) {
  std::istringstream stream(list);
  for (std::string item; stream >> item;) others.push_back(item);
  return others;
}

}  // namespace engine_tests
