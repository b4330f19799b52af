#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/clock.h"
#include "capgo/api_key.h"

namespace journal {

/// The outcome of one request, in addition to the request and the response. Filled while the
/// request is handled; the journal, the log and verify read it.
struct Exchange {
  /// The name of the sandbox, even if it was not created; empty for the default sandbox.
  std::string sandbox;
  /// The path, decoded with http::decode_path, without the sandbox's prefix, the base path and the
  /// query.
  std::string path;
  /// The sandbox's time when the request arrived.
  base::Time at{};
  /// The caller's key, if one was found, and its mode at that time.
  std::optional<int64_t> key_id;
  std::optional<capgo::KeyMode> caller_mode;
  /// The step or guard that rejected it; empty if none did, as for an error of a scenario.
  std::string rejected_by;
  /// The rule that fired: `flaky-create, rule 1`; empty if none did.
  std::string scenario;
  /// Why it was rejected; empty if it was not. ASCII, redacted.
  std::string reason;
  /// How long the response took to compute, without network time.
  int64_t microseconds = 0;
  /// Whether it is a request below `/__admin`.
  bool is_control_call = false;
  /// What is suspicious about a successful request, as in X-Mock-Hint; usually empty. ASCII,
  /// redacted.
  std::string hint = {};
};

}  // namespace journal
