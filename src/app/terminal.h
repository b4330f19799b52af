#pragma once

#include <string>
#include <string_view>

namespace app {

/// Whether what is written to this descriptor may be colored: it is a terminal, `TERM` is not
/// `dumb`, and `NO_COLOR` is not set or empty (no-color.org). Reads the environment.
bool is_color_terminal(int descriptor);

/// The text with `?` for control characters, so that what it quotes does nothing to a terminal;
/// newlines stay. What is not ASCII stays too: file names may be in any script.
std::string replace_control_characters(std::string_view text);

}  // namespace app
