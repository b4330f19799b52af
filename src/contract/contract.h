#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/ids.h"
#include "capgo/api_key.h"
#include "capgo/error_name.h"
#include "contract/api_error.h"
#include "contract/rate_windows.h"
#include "contract/step.h"
#include "http/message.h"
#include "http/path_pattern.h"
#include "journal/exchange.h"
#include "json/body.h"
#include "store/key_store.h"

namespace contract {

/// One request to a contract: what its steps may use. What they find out, they hand on as facts.
struct Call {
  const http::Request& request;
  json::Body& body;
  const http::PathParams& params;
  /// Null if the contract has no such path or method.
  const Endpoint* endpoint;
  store::KeyStore& keys;
  base::Ids& ids;
  RateWindows& windows;
  /// Requests a key may make a minute; nothing if rate limits are off.
  std::optional<int64_t> rate_limit;
  base::Time now;
  /// The value of X-Request-Id.
  std::string request_id;
  /// The calling key, as soon as somebody has looked for it and found it. Steps take it from a
  /// fact.
  std::optional<capgo::ApiKey> caller = {};
};

/// The secret a caller sent, and the name of the header it came in.
struct Credential {
  std::string_view header;
  std::string_view secret;
};

/// Requests a key may make a minute, where limits are enforced.
struct RateLimits {
  int64_t standard;
  int64_t enterprise;
};

/// A service as it was documented or deployed at some date. All of it is data and pure functions:
/// safe from any thread.
struct Contract {
  std::string_view name;
  /// Of its newest source: `2026-04-23`.
  std::string_view date;
  /// Where its rules come from.
  std::string_view source;
  std::span<const Endpoint> endpoints;
  /// Every capgo::ErrorName, in the words of this contract.
  std::span<const NamedError, base::kNames<capgo::ErrorName>.size()> errors;
  /// Turns an error, in these error_template, into an answer.
  http::Response (*render_error)(const ErrorTemplate&, const ApiError&, const Call&);
  /// What the caller sent in the header that counts, be it empty; nothing if no header was sent.
  std::optional<Credential> (*credential)(const http::Headers&);
  /// The value of X-Request-Id for this request.
  std::string (*request_id)(const http::Request&, base::Ids&);
  /// Adds the headers that every answer carries, errors and unknown paths included. `path` is
  /// without the base path.
  void (*add_headers)(const Call&, std::string_view path, http::Response&);
  RateLimits rate_limits;
  /// The owner of keys whose fixture names none.
  std::string_view default_user;
  /// The embedded file (base/embedded_files.h) with the contract's part of the OpenAPI description.
  std::string_view openapi_file;
};

/// Runs the call's endpoint, or rejects a path or method that the contract does not have. Notes in
/// the exchange what rejected and why. A store that fails is the contract's `server_error`.
http::Response answer(const Contract& contract, std::string_view path, Call& call,
                      journal::Exchange& exchange);

/// The answer to an error, with X-Mock-Reason: `rule` (what decided) and the reason, which the
/// exchange has from now on too, redacted.
http::Response reject(const Contract& contract, std::string_view rule, const ApiError& error,
                      const Call& call, journal::Exchange& exchange);

}  // namespace contract
