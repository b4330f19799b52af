#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/ids.h"
#include "capgo/api_key.h"
#include "capgo/error_name.h"
#include "http/message.h"
#include "http/path_pattern.h"
#include "json/value.h"
#include "store/key_store.h"

namespace contract {

/// Why a step says no. The contract's `refuse` turns it into bytes.
struct Refusal {
  capgo::ErrorName error;
  /// What a person should know: `key 2 has mode "read", and this needs "all"`. Secrets shortened.
  std::string reason;
  /// Replaces the contract's own wording of the error; empty for that wording.
  std::string message = {};
  /// For rate_limited: how long the caller is to wait.
  std::chrono::seconds retry_after{60};
};

/// One request on its way through the steps of its endpoint: what they may use, and what they
/// have found out so far.
struct Call {
  const http::Request& request;
  const http::PathParams& params;
  store::KeyStore& keys;
  base::Ids& ids;
  base::Time now;

  /// The calling key, once it is authenticated.
  std::optional<capgo::ApiKey> caller = {};
  /// The request's body, once it is read.
  json::Value body = {};
  /// The key that is made, found or removed.
  capgo::ApiKey key = {};
};

/// The secret a caller sent, and the name of the header it came in.
struct Credential {
  std::string_view header;
  std::string_view secret;
};

/// One check or deed. Its name is what X-Mock-Reason reports when it refuses.
struct Step {
  std::string_view name;
  std::optional<Refusal> (*run)(Call&);
};

/// One thing that can be asked: a method, a path pattern (http::match_path), the steps in their
/// order, and how the answer is written when none of them refuses.
struct Endpoint {
  std::string_view method;
  std::string_view pattern;
  std::span<const Step> steps;
  http::Response (*render)(const Call&);
};

/// A service as it was documented or deployed at some date. All of it is data and pure functions:
/// safe from any thread.
struct Contract {
  std::string_view name;
  /// Where its rules come from, and of which date.
  std::string_view source;
  std::span<const Endpoint> endpoints;
  /// Turns a refusal at this moment into an answer. Knows every error name.
  http::Response (*refuse)(const Refusal&, base::Time now);
  /// What the caller sent in the header that counts, be it empty; nothing if no header was sent.
  std::optional<Credential> (*credential)(const http::Headers&);
  /// Adds the headers that every answer carries, refusals and unknown paths included. `path` is
  /// without the base path.
  void (*finish)(const http::Request&, std::string_view path, base::Ids&, http::Response&);
};

/// The endpoint for a method and path with its path's parameters, or null. HEAD asks as GET does.
struct Route {
  const Endpoint* endpoint = nullptr;
  http::PathParams params;
};
Route find_endpoint(const Contract& contract, std::string_view method, std::string_view path);

/// Runs the endpoint's steps until one refuses, and renders the answer. A refusal carries
/// X-Mock-Reason: the step's name and its reason.
http::Response run(const Contract& contract, const Endpoint& endpoint, Call& call);

/// The answer to a method and path the contract does not have: its own 404, with what it does
/// have in X-Mock-Reason.
http::Response refuse_unknown_endpoint(const Contract& contract, std::string_view method,
                                       std::string_view path, base::Time now);

/// A refusal's answer with X-Mock-Reason: `rule` (what decided) and the reason.
http::Response refuse_with_reason(const Contract& contract, std::string_view rule,
                                  const Refusal& refusal, base::Time now);

}  // namespace contract
