#pragma once

#include <string>

#include "contract/contract.h"

/// Parts of answers that contracts share. (deployed contract of February 2026, sections 1 and 2;
/// the documented one follows it: section 12, "HTTP surface")
namespace contract {

/// An answer with this JSON text as its body.
http::Response json_response(int status, std::string body);

/// The answer to a CORS preflight: 204, no key needed.
http::Response render_preflight(const Call& call);

/// Adds X-Request-Id (the request's own if it is 1 to 255 of `[A-Za-z0-9_=-]`, else a made-up
/// one), and the CORS header to answers of paths that begin with `/apikey`. What the answer has
/// already (a scenario's literal one may) stays.
void add_common_headers(const http::Request& request, std::string_view path, base::Ids& ids,
                        http::Response& response);

}  // namespace contract
