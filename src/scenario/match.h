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

/// A request as patterns see it. Its body and its query are read when a pattern first asks for
/// them, and once.
struct MatchInput {
  const http::Request& request;
  json::Body& body;
  /// GET for a HEAD request: what is meant for the one is meant for the other.
  std::string_view method;
  /// The path without the base path.
  std::string_view path;
  /// The caller's secret, as the contract finds it among the headers.
  std::optional<std::string> secret = std::nullopt;
  /// The mode of the caller's key; called only if a pattern wants to know.
  std::function<std::optional<capgo::KeyMode>()> caller_mode = {};
  http::Query query{request.query()};
};

/// A field of a request that is not as a pattern wants it.
struct Difference {
  /// `method`, `path`, `id`, `key`, `mode`, `header content-type`, `query x`, `body/mode`; the last
  /// is a JSON pointer (RFC 6901) from `body` on.
  std::string field;
  /// JSON, cut if it is long, redacted; `(none)` for what is not there, `(not JSON)` for such a
  /// body.
  std::string expected;
  std::string actual;
};

/// In how many fields a request is not as a pattern wants it.
struct DifferenceCount {
  size_t total = 0;
  /// Of these, `method` and `path`.
  size_t in_route = 0;
  /// Of these, `body` and what is in it.
  size_t in_body = 0;
  /// Whether the body as a whole differs: it is no object, or not JSON.
  bool whole_body = false;
};

/// Whether a request is one that the pattern means.
bool matches(const RequestPattern& pattern, MatchInput& input);

/// As compare, but without the words.
DifferenceCount count_differences(const RequestPattern& pattern, MatchInput& input);

/// Every field in which a request is not as the pattern wants it, in the order of
/// Difference::field: none exactly if it matches.
std::vector<Difference> compare(const RequestPattern& pattern, MatchInput& input);

/// How many fields a pattern compares: headers, query fields, and members of the body.
size_t count_fields(const RequestPattern& pattern);

}  // namespace scenario
