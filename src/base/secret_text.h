#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace base {

/// Whether a text is a secret.
using IsSecret = std::function<bool(std::string_view)>;

/// Whether a text has the form of a secret: one that begins with `ak_`, a UUID, a JWT, or 20 and
/// more letters and digits in one piece, some of each. Nobody needs to know it for one.
bool looks_like_secret(std::string_view text);

/// Whether a text is a UUID: eight, four, four, four and twelve hex digits of either case.
bool has_uuid_form(std::string_view text);

/// Whether a text has the three parts of a JWT, and begins as they all do.
bool has_jwt_form(std::string_view text);

/// Whether a text begins with `ak_` or is a JWT: what only keys and tokens do, and no name or id.
bool has_key_form(std::string_view text);

/// The word before a credential that tells its kind, in any case: `Bearer`, `Basic`, `Token`.
/// Empty if there is none, or no blank behind it.
std::string_view credential_scheme(std::string_view credential);

/// A secret as it may be shown in logs, reasons and errors: its first 6 characters, fewer of one
/// that is shorter than 12, and dots. Never the whole of it, nor of its first piece where it is
/// more than one; a scheme before it stays: `Bearer...`.
std::string shorten_secret(std::string_view secret);

/// A text with the secrets in it shortened: the whole of it is judged, then each of its words, then
/// the pieces that quotes, brackets and other punctuation leave of them. The text ends after the
/// piece that makes it `enough` bytes long.
std::string shorten_secrets(std::string_view text, const IsSecret& is_secret = looks_like_secret,
                            size_t enough = std::string_view::npos);

}  // namespace base
