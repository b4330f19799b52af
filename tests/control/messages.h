#pragma once

#include <string>

/// Messages of the control API.
namespace control_tests {

constexpr const char* kVerify = "/__admin/verify";
constexpr const char* kNameForm =
    "a name has 1 to 64 of the characters A-Z, a-z, 0-9, \".\", \"_\" and \"-\"; it must not be "
    "\".\", \"..\", a key or a token";
constexpr const char* kUndecided =
    "undecided: the journal no longer has everything needed to answer";

/// The response of verify if this many requests match, as expected.
inline std::string verified(int count) {
  return R"(200 {"verified":true,"count":)" + std::to_string(count) + "}";
}

}  // namespace control_tests
