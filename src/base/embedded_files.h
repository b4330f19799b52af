#pragma once

#include <span>
#include <string_view>

namespace base {

/// A file of the repository that travels inside the executable.
struct EmbeddedFile {
  /// Folder and name: `scenarios/permission-denied.json`.
  std::string_view name;
  std::string_view text;
};

/// The built-in scenarios, fixtures and schemas. The build makes the list from the files.
std::span<const EmbeddedFile> embedded_files();

/// The content of the file with this name; empty if it does not exist.
std::string_view embedded_file(std::string_view name);

}  // namespace base
