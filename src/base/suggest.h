#pragma once

#include <span>
#include <string>
#include <string_view>

namespace base {

/// `; did you mean "read"?` for the candidate closest to `word`, or an empty string if none is
/// close: more than a third of the characters would have to change, and it does not begin with
/// `word` and an underscore. Ignores case.
std::string did_you_mean(std::string_view word, std::span<const std::string_view> candidates);

/// `unknown mode "reed"; did you mean "read"? The modes are: read write` for the kind `mode`.
std::string unknown_name(std::string_view kind, std::string_view name,
                         std::span<const std::string_view> known);

/// Returns whether one insertion, deletion, replacement or transposition turns `a` into `b`.
/// Case-sensitive. Takes linear time.
bool is_one_edit_away(std::string_view a, std::string_view b);

}  // namespace base
