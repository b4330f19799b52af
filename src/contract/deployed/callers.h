#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "contract/contract.h"

/// The callers of the deployed service: addresses and JWTs. Sections are those of the contract of
/// February 2026.
namespace contract::deployed {

/// Rejects a client address with too many failed logins. (section 5)
std::optional<ApiError> reject_locked_out_address(const Call& call);

/// Counts a failed login of the client's address, and returns the error.
ApiError count_failure(Call& call, ApiError error);

void clear_failures(Call& call);

struct Token {
  /// Why it is invalid: `does not have the three parts of a JWT`; empty if it is valid.
  std::string problem;
  /// The user; a UUID in lower case.
  std::string subject;
};
/// Reads a JWT. Its signature is not checked: the handlers leave that to the database.
Token read_token(std::string_view token, base::Time now);

/// The precision of JavaScript's clock.
base::Time truncate_to_milliseconds(base::Time time);

/// Returns the id that the client sent, else the platform's, else a generated one. (section 2)
std::string get_or_create_request_id(const http::Request& request, base::Ids& ids);

}  // namespace contract::deployed
