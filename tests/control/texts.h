#pragma once

#include <string>

/// Texts that tests of the control API expect.
namespace control_tests {

constexpr const char* kVerify = "/__admin/verify";
constexpr const char* kNameForm =
    "a name has 1 to 64 characters of A-Z, a-z, 0-9, \".\", \"_\" and \"-\"; it is not \".\" or "
    "\"..\", and no key or token";
constexpr const char* kUndecided = "nobody can tell: the journal lacks what may matter";

/// What verify says to an expectation that this many requests meet.
inline std::string verified(int count) {
  return R"(200 {"verified":true,"count":)" + std::to_string(count) + "}";
}

}  // namespace control_tests
