#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace postgres {

/// Why the database refused a statement, as the REST layer before it passes it on.
/// (deployed contract 2026-02, section 6)
struct Error {
  /// The SQLSTATE (five characters), or the REST layer's own `PGRST` and three digits.
  std::string_view code;
  std::string message;
  std::optional<std::string> details = std::nullopt;
  /// Nothing for all errors of this layer but one: a date whose month or day is out of range.
  std::optional<std::string> hint = std::nullopt;

  bool operator==(const Error&) const = default;
};

/// No row where one was asked for. (deployed contract 2026-02, section 6)
Error no_row();

/// A JSON text with U+0000, which a database text cannot hold. The database parses a whole JSON
/// document before any value of it, so this comes before what the other values have to say.
/// (deployed contract 2026-02, section 6)
Error nul_in_text();

}  // namespace postgres
