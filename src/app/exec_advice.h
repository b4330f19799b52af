#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace app {

/// A word for a shell: in single quotes if it needs them.
std::string shell_quote(std::string_view word);

/// `mock-capgo exec -- npm test`, to paste into a shell.
std::string exec_line(const std::vector<std::string>& command);

/// Explains why a command could not be started: a common mistake, else `reason`.
std::string explain_spawn_failure(const std::vector<std::string>& command,
                                  const std::string& reason);

}  // namespace app
