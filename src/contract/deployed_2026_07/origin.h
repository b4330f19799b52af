#pragma once

#include <string>
#include <string_view>

namespace contract::deployed_2026_07 {

/// Returns the origin as it is written in Access-Control-Allow-Origin, if its web pages may use the
/// service: the scheme and the host in lower case, without the default port and the path. Empty if
/// they may not. From any thread. (section 2)
std::string allowed_origin(std::string_view origin);

}  // namespace contract::deployed_2026_07
