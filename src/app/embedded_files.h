#pragma once

#include <span>
#include <string_view>

namespace app {

/// A file of the repository that travels inside the executable.
struct EmbeddedFile {
  /// Folder and name: `scenarios/permission-denied.json`.
  std::string_view name;
  std::string_view text;
};

/// The shipped scenarios and the demo fixture. The build makes the list from the files.
std::span<const EmbeddedFile> embedded_files();

}  // namespace app
