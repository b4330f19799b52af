#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/clock.h"

/// Values as the database of the deployed service, PostgreSQL, reads and writes them. All
/// functions: from any thread. (deployed contract 2026-02)
namespace contract::deployed {

/// Why the database rejected a statement, in the fields that its REST layer passes on. (section 6)
struct DatabaseError {
  /// The SQLSTATE (five characters), or the REST layer's own `PGRST` and three digits.
  std::string code;
  std::string message;
  std::optional<std::string> details = std::nullopt;
  std::optional<std::string> hint = std::nullopt;

  bool operator==(const DatabaseError&) const = default;
};

/// The statement was to find one row and found none. (section 6)
DatabaseError no_row();

/// A string of the request has U+0000, which a database text cannot hold. The database parses the
/// whole request before it looks at any value, so this error comes before those of values.
/// (section 6)
DatabaseError nul_in_text();

/// Reads a UUID and returns it in lower case, as 8-4-4-4-12 digits. Upper case, a hyphen after any
/// group of four digits or after none, and braces around it are fine; spaces are not.
/// Error: 22P02. (sections 6 and 13)
std::variant<std::string, DatabaseError> read_uuid(std::string_view str);

/// Reads an integer; a sign and spaces around it are fine. Errors: 22P02 if it is not one, 22003 if
/// it does not fit into 64 bits. (sections 6 and 12)
std::variant<int64_t, DatabaseError> read_bigint(std::string_view str);

/// Writes a timestamp as `YYYY-MM-DDTHH:MM:SS[.ffffff]+00:00`. (section 7)
std::string format_timestamptz(base::Time time);

}  // namespace contract::deployed
