#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace app {

/// Writes a file so that a reader finds the old content, or no file, or all of the new content: it
/// writes a temporary file in the same folder and renames it. If a symbolic link is named, the file
/// it leads to is written. A new file is readable by its owner alone, an existing one keeps its
/// mode. Where the file cannot be replaced (a mount of its own, or a folder that is not writable),
/// its content is. Returns whether the file was replaced. Throws std::runtime_error that names the
/// file.
bool write_file_atomically(const std::string& file, std::string_view content);

/// Removes a file, or the file that a symbolic link leads to. Errors are ignored.
void remove_file(const std::string& file);

/// Why `write_file_atomically` would fail, in the words of the system, as far as it shows before
/// writing; nothing if it would not.
std::optional<std::string> find_write_problem(const std::string& file);

/// A file that is there while this object is, or until another process replaces it. Throws as
/// write_file_atomically does.
class TemporaryFile {
 public:
  TemporaryFile(std::string file, std::string content);
  ~TemporaryFile();
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

 private:
  std::string file_;
  std::string content_;
};

}  // namespace app
