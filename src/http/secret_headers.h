#pragma once

#include <string>

#include "base/secret_text.h"
#include "http/message.h"

namespace http {

/// The value of a header as it may stand in logs and journals. Of a header that carries credentials
/// only the beginning is shown (base::shorten_secret), of any other all but the secrets in it.
/// X-Request-Id is shown whole: it is a UUID as some secrets are, and made to be looked up. Not if
/// it has a form that only keys and tokens have.
/// An empty value stays empty.
std::string shown_value(const Header& header,
                        const base::IsSecret& is_secret = base::looks_like_secret);

/// Every line with its value as shown_value gives it.
Headers shown_headers(const Headers& headers, const base::IsSecret& is_secret);

}  // namespace http
