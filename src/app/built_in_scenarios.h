#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace app {

/// The names of the built-in scenarios, such as `permission-denied`.
std::vector<std::string_view> built_in_scenarios();

/// The JSON of a built-in scenario; empty if no scenario has this name. `rate_limited` and `HANG`
/// are other spellings of `rate-limited` and `hang`.
std::string_view built_in_scenario(std::string_view name);

/// One line for each: name and description.
std::string list_scenarios();

}  // namespace app
