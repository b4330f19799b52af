#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "contract/contract.h"
#include "scenario/scenario.h"

namespace app {

/// The scenarios that come with the program, in the order of their names. `public-api` is the
/// contract's own.
std::vector<scenario::BuiltInScenario> built_in_scenarios(const contract::Contract& contract);

/// Their names.
std::vector<std::string_view> built_in_scenario_names(const contract::Contract& contract);

/// The JSON of a built-in scenario; empty if no scenario has this name. `rate_limited` and `HANG`
/// are other spellings of `rate-limited` and `hang`.
std::string_view built_in_scenario(const contract::Contract& contract, std::string_view name);

/// One line for each: name and description.
std::string list_scenarios(const contract::Contract& contract);

}  // namespace app
