#pragma once

#include <string>
#include <string_view>

namespace base {

/// The SHA-256 of these bytes, in 64 lower-case hex digits. From any thread.
std::string sha256_hex(std::string_view bytes);

}  // namespace base
