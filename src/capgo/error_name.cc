#include "capgo/error_name.h"

#include <algorithm>

namespace capgo {

std::optional<ErrorName> parse_error_name(std::string_view name) {
  const auto* found = std::find(kErrorNames.begin(), kErrorNames.end(), name);
  if (found == kErrorNames.end()) return std::nullopt;
  return static_cast<ErrorName>(found - kErrorNames.begin());
}

std::string_view error_name(ErrorName error) { return kErrorNames[static_cast<size_t>(error)]; }

}  // namespace capgo
