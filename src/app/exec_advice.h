#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace app {

/// A word as a shell reads it back: in single quotes where it needs them.
std::string shell_quote(std::string_view word);

/// `mock-capgo exec -- npm test`, to paste into a shell.
std::string exec_line(const std::vector<std::string>& command);

/// Why a command could not be started: the mistake in it if it is a common one, else `reason`.
std::string explain_spawn_failure(const std::vector<std::string>& command,
                                  const std::string& reason);

}  // namespace app
