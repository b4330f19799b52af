#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace base {

/// The bytes that a base64url text stands for (RFC 4648, section 5), with or without the padding;
/// nothing if it is none. From any thread.
std::optional<std::string> decode_base64url(std::string_view text);

}  // namespace base
