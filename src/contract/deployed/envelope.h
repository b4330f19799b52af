#pragma once

#include <string>

#include "contract/contract.h"
#include "contract/deployed/postgres.h"
#include "json/writer.h"

/// The error envelope of the deployed service. (deployed contract of February 2026, section 6)
namespace contract::deployed {

// The flags of ErrorTemplate::details: the members of `moreInfo`, in their order. Without flags
// there is no `moreInfo`.
/// `"moreInfo":{}`
inline constexpr unsigned kNothing = 1;
/// The JSON parser's error, which is always `"e":{}`.
inline constexpr unsigned kParseError = 2;
inline constexpr unsigned kRequestId = 4;
inline constexpr unsigned kCallerId = 8;
/// The whole row of the caller, with its secret.
inline constexpr unsigned kCallerRow = 16;
/// The error of the database. For an injected error it is the most common one: a timeout for
/// server_error, else that there is no such row.
inline constexpr unsigned kDatabaseError = 32;
/// Which limit was exceeded, ApiError::details or else that of the calling key, and when the client
/// may retry.
inline constexpr unsigned kRateLimit = 64;

/// Renders `{"error":<code>,"message":<text>,"moreInfo":<details>}`. `write_row` writes a key; only
/// kCallerRow needs it.
http::Response render_error(const ErrorTemplate& error_template, const ApiError& error,
                            const Call& call,
                            void (*write_row)(json::Writer&, const capgo::ApiKey&) = nullptr);

/// Writes a database error for ApiError::cause.
std::string to_cause(const DatabaseError& error);

}  // namespace contract::deployed
