#pragma once

#include <span>
#include <string>
#include <string_view>

namespace base {

/// `; did you mean "read"?` for the candidate closest to `word`, or an empty string if none is
/// close (more than a third of the characters would have to change). Ignores case.
std::string did_you_mean(std::string_view word, std::span<const std::string_view> candidates);

}  // namespace base
