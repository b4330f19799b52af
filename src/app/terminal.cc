#include "app/terminal.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>

namespace app {
namespace {

/// A variable of the environment; empty if it is not set.
std::string_view variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

}  // namespace

bool is_color_terminal(int descriptor) {
  return variable("NO_COLOR").empty() && variable("TERM") != "dumb" && isatty(descriptor) == 1;
}

std::string replace_control_characters(std::string_view text) {
  std::string line(text);
  std::replace_if(
      line.begin(), line.end(), [](unsigned char c) { return (c < ' ' && c != '\n') || c == 0x7F; },
      '?');
  return line;
}

}  // namespace app
