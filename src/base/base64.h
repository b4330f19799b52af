#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace base {

/// Decodes base64url (RFC 4648, section 5), with or without padding. Returns nothing if the text is
/// invalid. From any thread.
std::optional<std::string> decode_base64url(std::string_view text);

}  // namespace base
