#pragma once

#include <optional>
#include <variant>

#include "base/clock.h"
#include "contract/deployed/postgres.h"
#include "json/value.h"

namespace contract::deployed {

/// What `expires_at` is to the two programs that read it one after the other.
struct ReadDate {
  /// `new Date(value)`, to the millisecond.
  base::Time javascript;
  /// What the database stores, or why it rejects the value. Its message quotes a string as it is
  /// and any other value as its JSON text.
  std::variant<base::Time, DatabaseError> database;
};

/// Reads the `expires_at` of a request. Returns nothing if `new Date(value)` is an Invalid Date,
/// and for all but the forms that the emulator reads; null is not one. From any thread.
///
/// Two details of V8: a date with a `T` needs four digits of year, two of month and day, no spaces
/// around it, and `±hh` does not do for an offset; and dates end with 275760-09-13T00:00:00Z.
/// Every number gets one error of the database (22008), the one that most numbers get there.
/// (deployed contract 2026-02, section 9, "What the emulator reads")
std::optional<ReadDate> read_date(const json::Value& value);

}  // namespace contract::deployed
