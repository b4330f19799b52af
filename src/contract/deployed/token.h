#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"

/// The JWTs of signed-in users. All functions: from any thread.
namespace contract::deployed {

struct Token {
  /// Why it is invalid: `does not have the three parts of a JWT`; empty if it is valid.
  std::string problem;
  /// The user; a UUID in lower case.
  std::string subject;
};

/// Reads a JWT, with or without `Bearer `. Its signature is not checked: the handlers leave that to
/// the database. (deployed contract of February 2026, section 3)
Token read_token(std::string_view token, base::Time now);

/// Reads a JWT as read_token does, and checks that it is signed with the secret and HS256, and that
/// its `exp`, if it has one, is after `now`. (deployed contract of July 2026, section 3)
Token verify_token(std::string_view token, std::string_view secret, base::Time now);

}  // namespace contract::deployed
