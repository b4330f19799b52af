#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace base {

/// Decodes base64 or base64url (RFC 4648, sections 4 and 5), with or without padding. Returns
/// nothing if the text is invalid or has too much padding. From any thread.
std::optional<std::string> decode_base64(std::string_view text);

/// Encodes bytes as base64url (RFC 4648, section 5), without padding. From any thread.
std::string encode_base64url(std::string_view bytes);

}  // namespace base
