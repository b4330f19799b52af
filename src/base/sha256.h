#pragma once

#include <string>
#include <string_view>

namespace base {

/// The SHA-256 of these bytes, in 64 lower-case hex digits. From any thread.
std::string sha256_hex(std::string_view bytes);

/// A UUID in lower case that depends on these bytes only. From any thread.
std::string derive_uuid(std::string_view bytes);

/// The HMAC-SHA256 of these bytes (RFC 2104), as 32 bytes. From any thread.
std::string hmac_sha256(std::string_view key, std::string_view bytes);

}  // namespace base
