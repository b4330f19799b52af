#pragma once

#include <span>
#include <string_view>

namespace fuzz {

/// Feeds bytes to a part of the program and checks what must hold for any bytes. Throws
/// std::logic_error if it does not.
struct Target {
  std::string_view name;
  void (*run)(std::string_view input);
};

/// All targets. The regressions of each are in `corpus/NAME/`.
std::span<const Target> targets();

}  // namespace fuzz
