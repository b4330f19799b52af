#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "contract/contract.h"

/// The callers of the deployed service: addresses, keys and JWTs. Sections are those of the
/// contract of February 2026.
namespace contract::deployed {

/// The key of the caller, which is null for a JWT, and the user.
struct Caller {
  const capgo::ApiKey* key;
  std::string user_id;
};

/// Rejects a client address with too many failed logins. (section 5)
std::optional<ApiError> reject_locked_out_address(const Call& call);

/// Counts a failed login of the client's address, and returns the error.
ApiError count_failure(Call& call, ApiError error);

void clear_failures(Call& call);

/// Returns the credential that was sent, which is not empty. (section 3)
Found<Credential> read_credential(const Call& call);

/// Returns whether the credential is read as a JWT. (section 3)
bool is_token(const Credential& sent);

/// The error for a credential that is read as a JWT. `problem` says what is wrong with it: see
/// Token.
ApiError reject_token(const Call& call, const Credential& sent, const std::string& problem);

/// Finds the calling key by its secret, for Call::caller.
std::optional<ApiError> find_key(Call& call, const Credential& sent);

/// Returns whether the key has expired, in milliseconds, the precision of the handlers. (section 9)
bool is_expired(const capgo::ApiKey& key, base::Time now);

/// A step: counts the request of a key, and rejects it if the count has reached the rate limit.
/// (section 5)
std::optional<ApiError> limit_rate(Call& call, const Caller& caller);

/// The precision of JavaScript's clock.
base::Time truncate_to_milliseconds(base::Time time);

/// Returns the id that the client sent, else the platform's, else a generated one. (section 2)
std::string get_or_create_request_id(const http::Request& request, base::Ids& ids);

}  // namespace contract::deployed
