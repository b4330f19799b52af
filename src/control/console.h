#pragma once

#include <optional>
#include <string_view>

#include "http/message.h"

namespace control {

/// A file of the web console (`src/console/`): the page at `/__admin/`, and what it loads from
/// `/__admin/console/`. `path` is the decoded path within the sandbox. Returns nothing if the
/// request is not a GET or HEAD of such a file.
std::optional<http::Response> console_file(std::string_view method, std::string_view path);

}  // namespace control
