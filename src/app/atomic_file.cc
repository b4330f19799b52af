#include "app/atomic_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace app {
namespace {

namespace fs = std::filesystem;

/// The file that symbolic links lead to, which need not exist.
fs::path resolve_links(fs::path file) {
  constexpr int kMaxLinks = 40;  // As Linux.
  std::error_code failure;
  for (int links = 0; links < kMaxLinks && fs::is_symlink(file, failure); ++links) {
    file = file.parent_path() / fs::read_symlink(file, failure);
  }
  return file;
}

fs::path folder_of(const fs::path& file) {
  return file.has_parent_path() ? file.parent_path() : fs::path(".");
}

/// Writes all and closes the descriptor. Returns 0 or errno.
int write_and_close(int descriptor, std::string_view content) {
  int error = 0;
  while (!content.empty() && error == 0) {
    ssize_t count = ::write(descriptor, content.data(), content.size());
    if (count < 0 && errno != EINTR) error = errno;
    if (count > 0) content.remove_prefix(static_cast<size_t>(count));
  }
  if (close(descriptor) != 0 && error == 0) error = errno;
  return error;
}

/// Returns 0 or errno; a failure leaves the file as it was.
int replace_file(const fs::path& file, std::string_view content) {
  std::string temporary = folder_of(file) / ".mock-capgo-XXXXXX";
  int descriptor = mkstemp(temporary.data());
  if (descriptor < 0) return errno;
  struct stat existing = {};
  int error = 0;
  if (stat(file.c_str(), &existing) == 0 && fchmod(descriptor, existing.st_mode & 07777) != 0) {
    error = errno;
  }
  int write_error = write_and_close(descriptor, content);
  if (error == 0) error = write_error;
  if (error == 0 && rename(temporary.c_str(), file.c_str()) != 0) error = errno;
  if (error != 0) unlink(temporary.c_str());
  return error;
}

/// Returns 0 or errno.
int overwrite_file(const fs::path& file, std::string_view content) {
  int descriptor = open(file.c_str(), O_WRONLY | O_TRUNC | O_CLOEXEC);
  return descriptor < 0 ? errno : write_and_close(descriptor, content);
}

}  // namespace

bool write_file_atomically(const std::string& file, std::string_view content) {
  fs::path target = resolve_links(file);
  int error = replace_file(target, content);
  if (error == 0) return true;
  // EBUSY: a mount. The others are about the folder, and the file may be writable still.
  if (error == EBUSY || error == EACCES || error == EPERM || error == EROFS) {
    int second_error = overwrite_file(target, content);
    if (second_error == 0) return false;
    if (second_error != ENOENT) error = second_error;
  }
  throw std::runtime_error(file + ": cannot be written: " + std::generic_category().message(error));
}

void remove_file(const std::string& file) {
  std::error_code ignored;
  fs::remove(resolve_links(file), ignored);
}

std::optional<std::string> find_write_problem(const std::string& file) {
  fs::path target = resolve_links(file);
  if (access(folder_of(target).c_str(), W_OK | X_OK) == 0) return std::nullopt;
  int error = errno;
  if (access(target.c_str(), W_OK) == 0) return std::nullopt;
  return std::generic_category().message(error);
}

TemporaryFile::TemporaryFile(std::string file, std::string content)
    : file_(std::move(file)), content_(std::move(content)) {
  write_file_atomically(file_, content_);
}

TemporaryFile::~TemporaryFile() {
  std::ifstream current(file_, std::ios::binary);
  if (std::string{std::istreambuf_iterator<char>(current), {}} == content_) remove_file(file_);
}

}  // namespace app
