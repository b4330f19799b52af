#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "postgres/error.h"

namespace postgres {

/// Reads a text as a column of type bigint does: blanks around it and a sign are fine.
/// Errors: 22P02 for what is not an integer, 22003 for one beyond 64 bits.
std::variant<int64_t, Error> read_bigint(std::string_view text);

/// Reads a text as a column of type uuid does and gives it in lower case, in groups of 8-4-4-4-12.
/// Upper case, a hyphen after any group of four digits or none, and braces around are fine; blanks
/// are not. Error: 22P02.
std::variant<std::string, Error> read_uuid(std::string_view text);

}  // namespace postgres
