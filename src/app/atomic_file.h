#pragma once

#include <string>
#include <string_view>

namespace app {

/// Writes a file by renaming a temporary one in the same folder, so that readers never see part of
/// it. Throws std::runtime_error that names the file.
void write_file_atomically(const std::string& file, std::string_view text);

}  // namespace app
