#pragma once

#include <optional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "engine/guard.h"

/// What the tests of the guards share.
namespace engine_tests {

/// A rejection in one line, its parts parted by ` | `; `passes` if there is none.
inline std::string shown(const std::optional<engine::GuardRejection>& rejection) {
  if (!rejection) return "passes";
  std::string text = std::to_string(rejection->status) + " | ";
  text += rejection->guard;
  text += " | " + rejection->error;
  for (const std::string& detail : rejection->details) text += " | " + detail;
  return text;
}

/// The words of a text; what has blanks, or is empty, is given besides.
inline std::vector<std::string> words(const std::string& text,
                                      std::vector<std::string> others = {}) {
  std::istringstream stream(text);
  for (std::string word; stream >> word;) others.push_back(word);
  return others;
}

}  // namespace engine_tests
