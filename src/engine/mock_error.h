#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "http/message.h"
#include "journal/exchange.h"

namespace engine {

/// Renders an error of the emulator, not of a contract: `{"error":...,"details":[...]}`. Redacts
/// it, and adds the error and the first detail to X-Mock-Reason and the exchange. `members` are
/// further members of the JSON object.
http::Response mock_error(int status, const std::string& error,
                          const std::vector<std::string>& details, journal::Exchange& exchange,
                          std::string_view members = {});

/// The error of a path with an invalid sandbox name (400).
http::Response invalid_sandbox_name(std::string_view name, journal::Exchange& exchange);

/// The error of a new sandbox beyond the limit (429).
http::Response too_many_sandboxes(size_t max, journal::Exchange& exchange);

}  // namespace engine
