#pragma once

#include <string>

#include "contract/contract.h"

/// Parts of responses that contracts share. (deployed contract of February 2026, sections 1 and 2;
/// documented contract, section 12, "HTTP surface")
namespace contract {

http::Response json_response(int status, std::string body);

/// For endpoints that check nothing.
inline constexpr Steps<> kNoSteps{};

/// The response to a CORS preflight: 204, whatever headers the page asks for.
http::Response preflight_response(std::string_view allowed_headers,
                                  std::string_view allowed_methods = "POST,GET,PUT,DELETE,OPTIONS");

/// For contracts whose responses every web page may read.
std::string allow_every_origin(const http::Headers& headers);

/// Returns whether a client may use this as X-Request-Id: 1 to 255 of `[A-Za-z0-9_=-]`.
bool is_request_id(std::string_view value);

/// Returns the X-Request-Id of the request if it is valid, else a generated one.
std::string get_or_create_request_id(const http::Request& request, base::Ids& ids);

/// Adds what mock-capgo adds to the responses of every contract: X-Mock-Contract, Date, and, if web
/// pages may read the response, Access-Control-Expose-Headers.
void add_mock_headers(const Contract& contract, base::Time now, http::Response& response);

/// Returns the whole seconds until a time, at least 1.
int64_t seconds_until(base::Time time, base::Time now);

/// Adds Retry-After, in whole seconds and at least 1, and X-RateLimit-Reset, in seconds since 1970.
/// (documented contract, section 12, "429 headers"; deployed contract, section 5)
void add_retry_headers(base::Time retry_at, base::Time now, http::Response& response);

}  // namespace contract
