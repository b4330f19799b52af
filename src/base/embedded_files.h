#pragma once

#include <span>
#include <string_view>

namespace base {

/// A file of the repository that is embedded in the executable.
struct EmbeddedFile {
  /// Folder and name: `scenarios/permission-denied.json`.
  std::string_view name;
  std::string_view content;
};

/// The built-in scenarios, fixtures and schemas. The build generates the list.
std::span<const EmbeddedFile> embedded_files();

/// The content of the file with this name; empty if it does not exist.
std::string_view embedded_file(std::string_view name);

}  // namespace base
