#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/clock.h"
#include "capgo/api_key.h"

namespace journal {

/// What came of one request, beside the request and the response themselves. Filled once, while it
/// is answered; the journal, the log and verify read it.
struct Exchange {
  /// The name of the sandbox, also of one that was not made; empty for the default one.
  std::string sandbox;
  /// Within the sandbox: without its and the base path, and without the query. As sent.
  std::string path;
  /// The sandbox's time when the request came.
  base::Time at{};
  /// The caller's key, where one was found, and its mode at that time.
  std::optional<int64_t> key_id;
  std::optional<capgo::KeyMode> caller_mode;
  /// The step or guard that rejected it; empty if none did. An error that a scenario makes has
  /// none.
  std::string rejected_by;
  /// The rule that fired: `flaky-create, rule 1`; empty if none did.
  std::string scenario;
  /// Why it was rejected; empty if it was not. ASCII, redacted.
  std::string reason;
  /// How long it took to find the answer; what the wire takes is not in it.
  int64_t microseconds = 0;
};

}  // namespace journal
