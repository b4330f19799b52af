#pragma once

#include <string>
#include <string_view>

#include "base/secret_text.h"

namespace http {

/// A path, with or without a query, as it may be shown. A segment is shortened if it looks like a
/// secret, or if `is_secret` (which may be empty) takes it for one, as sent or percent-decoded.
/// Where the id of a key stands (after `/apikey/`) whatever is no number may be a secret. Of a
/// query nothing is shown: `?...`.
std::string shorten_secrets_in_path(std::string_view path, const base::IsSecret& is_secret);

}  // namespace http
