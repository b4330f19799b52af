#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "contract/contract.h"

/// Who calls the deployed service: addresses, and JWTs by their shape. The sections named are those
/// of the contract of February 2026.
namespace contract::deployed {

/// The client's address must not have failed too often. (section 5)
std::optional<ApiError> check_lockout(const Call& call);

/// Counts a failed login against the address it came from, and passes the error on.
ApiError count_failure(Call& call, ApiError error);

/// Clears the failures of the address.
void clear_failures(Call& call);

/// What a JWT contains, read as the handlers do, which leave the signature to the database.
struct Token {
  /// What makes it unusable: `does not have the three parts of a JWT`; empty if nothing does.
  std::string problem;
  /// Its user, as the database writes it if it is a UUID.
  std::string subject;
};
Token read_token(std::string_view token, base::Time now);

/// The time as JavaScript's clock has it.
base::Time truncate_to_milliseconds(base::Time time);

/// Section 2: the request's own id, else the platform's, else a generated one.
std::string get_or_create_request_id(const http::Request& request, base::Ids& ids);

}  // namespace contract::deployed
