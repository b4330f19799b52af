#pragma once

#include <cstdint>
#include <string>

namespace engine {

/// What is known of a request once it is answered, beside the answer: for the log.
struct Trace {
  /// The name of the sandbox, also of one that was not made; `-` or empty for the default one.
  std::string sandbox;
  /// As it may be shown, within the sandbox: secrets shortened.
  std::string path;
  /// The step or guard that refused; empty if none did. An error that a scenario makes has none.
  std::string refused_by;
  /// `flaky-create, rule 1`; empty if none acted.
  std::string scenario;
  /// How long it took to find the answer; what the wire takes is not in it.
  int64_t microseconds = 0;
};

}  // namespace engine
