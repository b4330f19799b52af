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
#include "capgo/permissions.h"
#include "contract/api_error.h"
#include "contract/rate_windows.h"
#include "contract/step.h"
#include "http/message.h"
#include "http/path_pattern.h"
#include "journal/exchange.h"
#include "json/body.h"
#include "scenario/scenario.h"
#include "store/key_store.h"

namespace contract {

/// One request to a contract, and what its steps may use.
struct Call {
  const http::Request& request;
  json::Body& body;
  const http::PathParams& params;
  /// Null if the contract has no endpoint for the path and the method.
  const Endpoint* endpoint;
  store::KeyStore& keys;
  base::Ids& ids;
  RateWindows& windows;
  /// In requests per key and minute; nothing if rate limits are off.
  std::optional<int64_t> rate_limit;
  base::Time now;
  /// The value of X-Request-Id.
  std::string request_id;
  /// Signs the tokens of users.
  std::string_view jwt_secret = {};
  /// The calling key, once it has been looked up and found. For error bodies and the journal; steps
  /// get it as a fact.
  std::optional<capgo::ApiKey> caller = {};
  bool has_looked_up_caller = false;
  /// Whether a step has checked rights, for which the deployed service queries its database
  /// directly. (deployed contract of July 2026, section 2)
  bool has_queried_rights = false;

  /// Looks up the calling key by its secret. Returns whether there is one.
  bool look_up_caller(std::string_view secret) {
    caller = keys.find_by_secret(secret);
    has_looked_up_caller = true;
    return caller.has_value();
  }
};

/// The secret a caller sent, and the name of the header it came in.
struct Credential {
  std::string_view header;
  std::string_view secret;
};

/// In requests per key and minute.
struct RateLimits {
  int64_t standard;
  int64_t enterprise;
};

struct Requirement;

/// Who sent a request to a guarded rule: a key, or the user of a token.
struct RuleCaller {
  /// Null for a user.
  const capgo::ApiKey* key;
  std::string user_id;
};

/// How a contract checks the callers of guarded rules. (public API)
struct CallerCheck {
  scenario::RightsCheck rights;
  /// Finds the caller, whose key is Call::caller. It must not have expired or exceed its rate
  /// limit.
  Found<RuleCaller> (*authenticate)(Call&, const Requirement&);
  /// Null if the contract has no modes.
  std::optional<ApiError> (*check_mode)(const capgo::ApiKey&, const Requirement&);
  /// Checks that the caller may use the app, the org or the channel that the request names.
  capgo::Decision (*check_access)(const Requirement&, const RuleCaller&, const store::KeyStore&);
  /// Returns the template for what the caller may not use.
  const ErrorTemplate& (*denied)(const Requirement&);
  /// A request does not name an app, an org or a channel, though it must.
  ErrorTemplate app_missing;
  ErrorTemplate org_missing;
  /// Only contracts with roles have channels.
  ErrorTemplate channel_missing = {};
};

/// A service as it was documented or deployed at some date. Data and pure functions: safe from any
/// thread.
struct Contract {
  std::string_view name;
  /// The date of its newest source: `2026-04-23`.
  std::string_view date;
  /// Where its rules come from.
  std::string_view source;
  std::span<const Endpoint> endpoints;
  /// A template for every capgo::ErrorName.
  std::span<const NamedError, base::kNames<capgo::ErrorName>.size()> errors;
  http::Response (*render_error)(const ErrorTemplate&, const ApiError&, const Call&);
  /// Returns the credential that the contract checks, which may be empty; nothing if none was sent.
  std::optional<Credential> (*credential)(const http::Headers&);
  /// Returns the value of X-Request-Id for this request.
  std::string (*request_id)(const http::Request&, base::Ids&);
  /// Generates the secret of a new key: see unused_secret.
  std::string (base::Ids::*new_secret)();
  /// Returns the origin, or `*`, whose web pages may read the response; empty if none may.
  std::string (*allowed_origin)(const http::Headers&);
  /// Adds the headers that all responses have, even those to unknown paths. `path` is without the
  /// base path.
  void (*add_headers)(const Call&, std::string_view path, http::Response&);
  /// The request headers that web pages may send.
  std::string_view allowed_headers;
  /// The response headers that web pages may read.
  std::string_view exposed_headers;
  RateLimits rate_limits;
  /// The owner of keys for which the fixture names no user.
  std::string_view default_user;
  /// The folder of its embedded files (base/embedded_files.h): `openapi.json`, its part of the
  /// OpenAPI description, and `public-api.json`, the built-in scenario.
  std::string_view folder;
  CallerCheck caller_check;

  /// Returns whether keys have roles instead of modes.
  bool has_roles() const { return caller_check.rights == scenario::RightsCheck::permissions; }

  std::string openapi_file() const { return std::string(folder) + "/openapi.json"; }
  std::string public_api_file() const { return std::string(folder) + "/public-api.json"; }
};

/// Generates secrets until no key in the store has the secret, and returns that.
std::string unused_secret(std::string (base::Ids::*new_secret)(), base::Ids& ids,
                          const store::KeyStore& keys);

/// Runs the endpoint of the call, or rejects a path or method that the contract does not have. Adds
/// X-Mock-Hint to a success that ignores a field which looks misspelled. Records in the exchange
/// the hint, or what rejected the request and why. A failing store is a `server_error`.
http::Response answer(const Contract& contract, std::string_view path, Call& call,
                      journal::Exchange& exchange);

/// Renders an error, with `rule` (the step or rule that rejects) and the redacted reason in
/// X-Mock-Reason. Records the reason in the exchange.
http::Response reject(const Contract& contract, std::string_view rule, const ApiError& error,
                      const Call& call, journal::Exchange& exchange);

/// Renders the `server_error` of a failing store.
http::Response reject_failure(const Contract& contract, const store::StoreError& failure,
                              const Call& call, journal::Exchange& exchange);

}  // namespace contract
