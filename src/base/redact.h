#pragma once

#include <string>
#include <string_view>

/// The one rule about secrets in output: logs, reasons, errors and the journal's headers. The keys
/// of a mock are fake, so this is for real credentials that reach it by mistake: they are known by
/// their form, and nothing is looked up. All functions: from any thread.
namespace base {

/// The first 6 characters, and dots in place of the rest.
std::string redact(std::string_view secret);

/// The text with each credential in it redacted: a JWT, and `ak_` with 16 or more hex digits.
std::string redact_text(std::string_view text);

/// The value of a header as it may be shown: redacted if the header carries credentials, else as
/// redact_text leaves it.
std::string redact_header(std::string_view name, std::string_view value);

/// A path as it may be shown: as redact_text leaves it, and the UUID redacted that stands where the
/// id of a key does, after `/apikey/`.
std::string redact_path(std::string_view path);

/// What stands where the id of a key does: redacted if it is a UUID, else as redact_text leaves it.
std::string redact_id(std::string_view id);

/// Whether the value is a UUID: 8, 4, 4, 4 and 12 hex digits of either case.
bool is_uuid(std::string_view value);

/// Whether the value begins as every JWT does, and has its three parts. (RFC 7519, section 3)
bool is_jwt(std::string_view value);

}  // namespace base
