#pragma once

#include <string>

#include "contract/contract.h"

/// Parts of answers that contracts share. (deployed contract of February 2026, sections 1 and 2;
/// the documented one follows it: section 12, "HTTP surface")
namespace contract {

/// An answer with this JSON text as its body.
http::Response json_response(int status, std::string body);

/// The steps of an endpoint that takes neither a key nor anything else.
inline constexpr Steps<> kNoSteps{};

/// The answer to a CORS preflight: 204, no key needed.
http::Response render_preflight();

/// Whether a client may name its request so: 1 to 255 of `[A-Za-z0-9_=-]`.
bool is_request_id(std::string_view value);

/// The request's own X-Request-Id if it is one, else a made-up one.
std::string get_or_create_request_id(const http::Request& request, base::Ids& ids);

/// Adds X-Request-Id, and the CORS header to answers of paths that begin with `/apikey`. What the
/// answer has already (a scenario's literal one may) stays.
void add_common_headers(const Call& call, std::string_view path, http::Response& response);

/// Adds to the answer of an error when the caller may come back: Retry-After, in whole seconds and
/// at least 1, and X-RateLimit-Reset, that time in seconds since 1970.
/// (documented contract, section 12, "429 headers"; deployed contract, section 5)
void add_retry_headers(base::Time retry_at, base::Time now, http::Response& response);

}  // namespace contract
