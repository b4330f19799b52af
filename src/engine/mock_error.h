#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "http/message.h"
#include "journal/exchange.h"

namespace engine {

/// The emulator's own rejection, never a contract's: `{"error":...,"details":[...]}`. The error and
/// the first detail are in X-Mock-Reason and the exchange too. All of it is redacted. `members` are
/// what the body has besides, as the members of a JSON object.
http::Response mock_error(int status, const std::string& error,
                          const std::vector<std::string>& details, journal::Exchange& exchange,
                          std::string_view members = {});

/// The rejection of a path that names a sandbox by what is no name (400).
http::Response invalid_sandbox_name(std::string_view name, journal::Exchange& exchange);

/// The rejection of a sandbox where there are as many as there may be (429).
http::Response too_many_sandboxes(size_t max, journal::Exchange& exchange);

}  // namespace engine
