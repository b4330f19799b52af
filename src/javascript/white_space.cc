#include "javascript/white_space.h"

#include <algorithm>
#include <array>

namespace javascript {

size_t white_space_length(std::string_view text) {
  constexpr std::string_view kAscii = " \t\n\v\f\r";
  constexpr std::array<std::string_view, 19> kOthers = {
      "\u00A0", "\u1680", "\u2000", "\u2001", "\u2002", "\u2003", "\u2004",
      "\u2005", "\u2006", "\u2007", "\u2008", "\u2009", "\u200A", "\u2028",
      "\u2029", "\u202F", "\u205F", "\u3000", "\uFEFF"};
  if (text.empty()) return 0;
  if (kAscii.find(text[0]) != std::string_view::npos) return 1;
  const auto* found = std::find_if(kOthers.begin(), kOthers.end(),
                                   [&](std::string_view space) { return text.starts_with(space); });
  return found == kOthers.end() ? 0 : found->size();
}

}  // namespace javascript
