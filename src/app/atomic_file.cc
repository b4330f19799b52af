#include "app/atomic_file.h"

#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <system_error>

namespace app {

void write_file_atomically(const std::string& file, std::string_view text) {
  std::string temporary = file + ".tmp-" + std::to_string(getpid());
  errno = 0;
  std::ofstream stream(temporary, std::ios::binary);
  stream << text;
  stream.close();
  std::error_code failure(errno, std::generic_category());
  if (stream) std::filesystem::rename(temporary, file, failure);
  if (stream && !failure) return;
  std::error_code ignored;
  std::filesystem::remove(temporary, ignored);
  throw std::runtime_error(file + ": cannot be written: " + failure.message() +
                           "; check the folder and its permissions");
}

}  // namespace app
