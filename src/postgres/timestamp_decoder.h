#pragma once

#include <variant>
#include <vector>

#include "base/clock.h"
#include "postgres/timestamp_fields.h"
#include "postgres/timestamp_parts.h"

namespace postgres {

/// What a column of type timestamptz has for a moment after all others, and before all others.
constexpr base::Time kInfinity = base::Time::max();
constexpr base::Time kMinusInfinity = base::Time::min();

/// Finds out what moment the fields mean, where `now` and `today` are the moment given; UTC if they
/// name no zone. (DecodeDateTime and tm2timestamp of PostgreSQL)
std::variant<base::Time, Fault> decode_timestamp(const std::vector<Field>& fields, base::Time now);

}  // namespace postgres
