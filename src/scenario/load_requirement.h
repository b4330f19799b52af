#pragma once

#include <optional>

#include "json/object_reader.h"
#include "scenario/scenario.h"

namespace scenario {

/// Reads the field "requires" of a rule, but not "denied" beside it.
std::optional<Requirement> read_requires(const json::ObjectReader& outer, const RequestPattern& on,
                                         RightsCheck rights_check);

}  // namespace scenario
