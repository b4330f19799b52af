#pragma once

#include <optional>
#include <variant>

#include "base/clock.h"
#include "contract/deployed/postgres.h"
#include "json/value.h"

namespace contract::deployed {

/// An `expires_at`, as JavaScript and then the database read it.
struct ReadDate {
  /// `new Date(value)`, in milliseconds.
  base::Time javascript;
  /// What the database stores, or why it rejects the value. The message quotes a string as it is,
  /// and any other value as its JSON text.
  std::variant<base::Time, DatabaseError> database;
};

/// Reads the `expires_at` of a request. Returns nothing if `new Date(value)` is an Invalid Date, or
/// for a format that the emulator does not support, such as null. From any thread.
///
/// In V8, a date with a `T` needs a four-digit year, a two-digit month and day, no spaces around
/// it, and an offset with minutes; the last date is 275760-09-13T00:00:00Z. All numbers get the
/// database error that most numbers get (22008).
/// (deployed contract 2026-02, section 9, "What the emulator reads")
std::optional<ReadDate> read_date(const json::Value& value);

}  // namespace contract::deployed
