#pragma once

#include <string>
#include <string_view>

/// Redacts secrets in output: logs, reasons, errors and the journal's headers. The keys of a mock
/// are fake, so this protects real credentials that reach it by mistake. They are recognized by
/// their form; nothing is looked up. All functions: from any thread.
namespace base {

/// The first 6 characters followed by `...`.
std::string redact(std::string_view secret);

/// The text with each credential in it redacted: a JWT, and `ak_` with 16 or more hex digits.
std::string redact_text(std::string_view text);

/// The value of a header: redacted if it is a credential header, else as redact_text returns it.
std::string redact_header(std::string_view name, std::string_view value);

/// The name of a header: redacted as text, in any case, and also if it is a UUID.
std::string redact_header_name(std::string_view name);

/// A path with credentials redacted, and also a UUID in place of a key's id, after `/apikey/`.
std::string redact_path(std::string_view path);

/// The `:id` of a path: redacted if it is a UUID, else as redact_text returns it.
std::string redact_id(std::string_view id);

/// Returns whether the value is a UUID: 8, 4, 4, 4 and 12 hex digits of either case.
bool is_uuid(std::string_view value);

/// Returns whether the value begins as every JWT does, and has three parts. (RFC 7519, section 3)
bool is_jwt(std::string_view value);

}  // namespace base
