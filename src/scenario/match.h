#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "capgo/api_key.h"
#include "http/message.h"
#include "scenario/scenario.h"

namespace scenario {

/// A request as patterns see it.
struct Asked {
  const http::Request& request;
  /// GET for a HEAD request: what is meant for the one is meant for the other.
  std::string_view method;
  /// The path without the base path.
  std::string_view path;
  /// The caller's secret, as the contract finds it among the headers.
  std::optional<std::string> secret;
  /// The mode of the caller's key; asked for only if a pattern wants to know.
  std::function<std::optional<capgo::KeyMode>()> caller_mode;
};

/// A field of a request that is not as a pattern wants it.
struct Difference {
  /// `method`, `path`, `id`, `key`, `mode`, `header content-type`, `query x`, `body/mode`; the last
  /// is a JSON pointer (RFC 6901) from `body` on.
  std::string field;
  /// JSON, cut if it is long, secrets shortened; `(none)` for what is not there, `(not JSON)` for
  /// such a body.
  std::string expected;
  std::string actual;
};

/// Whether a request is one that the pattern means.
bool matches(const RequestPattern& pattern, const Asked& asked);

/// Every field in which a request is not as the pattern wants it, in the order of
/// Difference::field: none exactly if it matches.
std::vector<Difference> compare(const RequestPattern& pattern, const Asked& asked);

}  // namespace scenario
