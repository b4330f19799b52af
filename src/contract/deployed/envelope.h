#pragma once

#include <string>

#include "contract/contract.h"
#include "contract/deployed/postgres.h"
#include "json/writer.h"

/// The error envelope of the deployed service. (deployed contract of February 2026, section 6)
namespace contract::deployed {

// What `moreInfo` has, in the order of its members: the flags of ErrorTemplate::details, which is 0
// where there is no `moreInfo`.
inline constexpr unsigned kNothing = 1;
/// The JSON parser's error, which shows nothing of itself: `"e":{}`.
inline constexpr unsigned kParseError = 2;
inline constexpr unsigned kRequestId = 4;
inline constexpr unsigned kCallerId = 8;
/// The whole row of the caller, its secret included.
inline constexpr unsigned kCallerRow = 16;
/// What the database said. Where an error was injected, what it says most often: that there is no
/// such row, or of its own trouble that it took too long.
inline constexpr unsigned kDatabaseError = 32;

/// `{"error":<code>,"message":<text>,"moreInfo":<details>}`. `write_row` writes a row of the
/// contract.
http::Response render_error(const ErrorTemplate& error_template, const ApiError& error,
                            const Call& call,
                            void (*write_row)(json::Writer&, const capgo::ApiKey&));

/// A database error as ApiError::cause has it.
std::string to_cause(const DatabaseError& error);

}  // namespace contract::deployed
