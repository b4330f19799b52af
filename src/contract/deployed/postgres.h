#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/clock.h"

/// How PostgreSQL, the database of the deployed service, reads and writes values. All functions:
/// from any thread. (deployed contract 2026-02)
namespace contract::deployed {

/// Why the database rejected a statement, as its REST layer reports it. (section 6)
struct DatabaseError {
  /// The SQLSTATE (five characters), or the REST layer's `PGRST` and three digits.
  std::string code;
  std::string message;
  std::optional<std::string> details = std::nullopt;
  std::optional<std::string> hint = std::nullopt;

  bool operator==(const DatabaseError&) const = default;
};

/// Says what the database says, for reasons.
std::string explain(const DatabaseError& error);

/// The error of a statement that must find one row and found none. (section 6)
DatabaseError no_row();

/// The error of a string with U+0000, which the database cannot store. It comes before the errors
/// of values, as the database first parses the whole request. (section 6)
DatabaseError nul_in_text();

/// Reads a UUID and returns it in lower case, as 8-4-4-4-12 digits. Accepts upper case, braces
/// around it, and hyphens after any groups of four digits. Error: 22P02. (sections 6 and 13)
std::variant<std::string, DatabaseError> read_uuid(std::string_view str);

/// Reads an integer, with or without a sign and spaces around it. Errors: 22P02 if it is not an
/// integer, 22003 if it does not fit into 64 bits. (sections 6 and 12)
std::variant<int64_t, DatabaseError> read_bigint(std::string_view str);

/// Writes a timestamp as `YYYY-MM-DDTHH:MM:SS[.ffffff]+00:00`. (section 7)
std::string format_timestamptz(base::Time time);

}  // namespace contract::deployed
