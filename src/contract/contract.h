#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "base/clock.h"
#include "base/ids.h"
#include "capgo/api_key.h"
#include "capgo/error_name.h"
#include "contract/rate_windows.h"
#include "http/message.h"
#include "http/path_pattern.h"
#include "json/value.h"
#include "json/writer.h"
#include "postgres/error.h"
#include "store/key_store.h"

namespace contract {

struct Call;
struct Refusal;

/// What a contract says when it refuses.
struct Wording {
  int status;
  /// Empty where the contract has no codes.
  std::string_view code;
  std::string_view message;
  /// Writes what the answer tells beside them, as one JSON value; null if it tells nothing.
  void (*details)(json::Writer&, const Refusal&, const Call&) = nullptr;
};

/// How an endpoint words an error in its own way.
struct WordedError {
  capgo::ErrorName error;
  const Wording* wording;
};

/// Why a step says no. The contract's `refuse` turns it into bytes.
struct Refusal {
  /// An error by its name, which the endpoint or else the contract words; or what only one
  /// contract says.
  std::variant<capgo::ErrorName, const Wording*> what;
  /// What a person should know: `key 2 has mode "read", and this needs "all"`. Secrets shortened.
  std::string reason;
  /// Replaces the wording's message, where that has numbers; empty for the message as it is.
  std::string message = {};
  /// For what may pass later: when.
  std::optional<base::Time> retry_at = std::nullopt;
  /// What the database said, where the deployed service passes that on.
  std::optional<postgres::Error> database_error = std::nullopt;
};

struct Endpoint;

/// One request on its way through the steps of its endpoint: what they may use, and what they
/// have found out so far.
struct Call {
  const http::Request& request;
  const http::PathParams& params;
  /// Null if the contract has no such path or method.
  const Endpoint* endpoint;
  store::KeyStore& keys;
  base::Ids& ids;
  RateWindows& windows;
  /// How many requests a key may make a minute; nothing if nobody counts.
  std::optional<int64_t> rate_limit;
  base::Time now;
  /// The value of X-Request-Id.
  std::string request_id;

  /// The calling key, once it is authenticated; nothing for a caller with a JWT.
  std::optional<capgo::ApiKey> caller = {};
  /// The calling user, once authenticated.
  std::string user_id = {};
  /// The key whose limits count beside the caller's. (deployed contract, section 4)
  std::optional<capgo::ApiKey> subkey = {};
  /// When the caller asks a key to expire, as its handler reads the date. (deployed contract, 9)
  std::optional<base::Time> expiration = {};
  /// The request's body, once it is read.
  json::Value body = {};
  /// The key that is made, found, changed or removed.
  capgo::ApiKey key = {};
  /// The name of the step that refused; empty as long as none has.
  std::string_view refused_by = {};
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

/// What users are told of an endpoint beside what its steps and words do.
struct Description {
  /// What it does, in a line.
  std::string_view summary = {};
  /// An OpenAPI Components Object, as JSON text, which endpoints may share: `schemas` of bodies
  /// (JSON Schema 2020-12), `ErrorResponse` being that of refusals; `securitySchemes`, any of which
  /// will do; and `parameters`: all those in headers, and those of the pattern, by their names.
  std::string_view components = {};
  /// The names of the schemas of the body it takes, and of the one it gives if it does not refuse;
  /// empty for no body.
  std::string_view takes = {};
  std::string_view gives = {};
};

/// One thing that can be asked: a method, a path pattern (http::match_path), the steps in their
/// order, and how the answer is written when none of them refuses. Without steps it takes neither
/// a key nor headers.
struct Endpoint {
  std::string_view method;
  std::string_view pattern;
  std::span<const Step> steps;
  http::Response (*render)(const Call&);
  std::span<const WordedError> words = {};
  Description description = {};
};

/// How many requests a key may make a minute, where limits are enforced.
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
  /// Every error, in the order of capgo::ErrorName.
  std::span<const Wording, capgo::kErrorNames.size()> words;
  /// Turns a refusal, worded so, into an answer.
  http::Response (*refuse)(const Wording&, const Refusal&, const Call&);
  /// What the caller sent in the header that counts, be it empty; nothing if no header was sent.
  std::optional<Credential> (*credential)(const http::Headers&);
  /// The value of X-Request-Id for this request.
  std::string (*request_id)(const http::Request&, base::Ids&);
  /// Adds the headers that every answer carries, refusals and unknown paths included. `path` is
  /// without the base path.
  void (*finish)(const Call&, std::string_view path, http::Response&);
  RateLimits rate_limits;
  /// The owner of keys whose fixture names none.
  std::string_view default_user;
};

/// The endpoint for a method and path with its path's parameters, or null. HEAD asks as GET does.
struct Route {
  const Endpoint* endpoint = nullptr;
  http::PathParams params;
};
Route find_endpoint(const Contract& contract, std::string_view method, std::string_view path);

/// The field of the call's body; null if it is absent or the body is no object.
const json::Value* field_of(const Call& call, std::string_view name);

/// How a contract words an error at an endpoint, which may be null.
const Wording& find_wording(const Contract& contract, const Endpoint* endpoint,
                            capgo::ErrorName error);

/// Runs the steps of the call's endpoint until one refuses, and renders the answer. A refusal
/// carries X-Mock-Reason: the step's name and its reason.
http::Response run(const Contract& contract, Call& call);

/// The answer to a method and path the contract does not have: its own 404, with what it does
/// have in X-Mock-Reason.
http::Response refuse_unknown_endpoint(const Contract& contract, std::string_view path,
                                       const Call& call);

/// A refusal's answer with X-Mock-Reason: `rule` (what decided) and the reason.
http::Response refuse_with_reason(const Contract& contract, std::string_view rule,
                                  const Refusal& refusal, const Call& call);

}  // namespace contract
