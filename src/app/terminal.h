#pragma once

#include <string>
#include <string_view>

namespace app {

/// Returns whether output to this descriptor may have colors: it is a terminal, `TERM` is not
/// `dumb`, and `NO_COLOR` is not set or empty (no-color.org). Reads the environment.
bool is_color_terminal(int descriptor);

/// The text with `?` for control characters other than newlines, so that it has no effect on a
/// terminal. Bytes beyond ASCII stay, because file names may be in any script.
std::string replace_control_characters(std::string_view text);

}  // namespace app
