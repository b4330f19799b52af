#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "capgo/api_key.h"
#include "http/message.h"
#include "http/path_pattern.h"
#include "json/body.h"
#include "scenario/scenario.h"

namespace scenario {

/// The parts of a request that patterns match. The body and the query are parsed on first use.
struct MatchInput {
  const http::Request& request;
  json::Body& body;
  /// GET for a HEAD request: patterns for GET match both.
  std::string_view method;
  /// The path without the base path.
  std::string_view path;
  /// The caller's secret, which the contract finds in the headers.
  std::optional<std::string> secret = std::nullopt;
  /// The mode of the caller's key; called only if a pattern has a mode.
  std::function<std::optional<capgo::KeyMode>()> caller_mode = {};
  http::Query query{request.query()};
};

/// A field of a request that does not match a pattern.
struct Difference {
  /// `method`, `path`, `id`, `key`, `mode`, `header content-type`, `query x`, `body/mode`; the last
  /// is a JSON pointer (RFC 6901) after `body`.
  std::string field;
  /// JSON, truncated and redacted; `(none)` for a missing value, `(not JSON)` for a body that is
  /// not JSON.
  std::string expected;
  std::string actual;
};

/// How many fields of a request do not match a pattern.
struct DifferenceCount {
  size_t total = 0;
  /// Of these, `method` and `path`.
  size_t in_route = 0;
  /// Of these, `body` and its members.
  size_t in_body = 0;
  /// Whether the whole body differs: it is not an object, or not JSON.
  bool whole_body = false;
};

/// Returns whether a request matches the pattern.
bool matches(const RequestPattern& pattern, MatchInput& input);

/// As `compare`, but only counts.
DifferenceCount count_differences(const RequestPattern& pattern, MatchInput& input);

/// Every field of a request that does not match the pattern, in the order of Difference::field.
std::vector<Difference> compare(const RequestPattern& pattern, MatchInput& input);

/// How many fields a pattern has: headers, query fields, and members of the body.
size_t count_fields(const RequestPattern& pattern);

}  // namespace scenario
