#pragma once

#include <string>
#include <string_view>

namespace app {

/// Writes a file so that a reader finds the old one, or none, or the whole new one: by a file
/// beside it that is renamed. Throws std::runtime_error that names the file.
void write_file_atomically(const std::string& file, std::string_view text);

}  // namespace app
