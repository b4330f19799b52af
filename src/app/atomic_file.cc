#include "app/atomic_file.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>

namespace app {

void write_file_atomically(const std::string& file, std::string_view text) {
  std::string beside = file + ".tmp-" + std::to_string(getpid());
  std::ofstream stream(beside, std::ios::binary);
  stream << text;
  stream.close();
  std::error_code failure;
  if (stream) std::filesystem::rename(beside, file, failure);
  if (stream && !failure) return;
  std::error_code ignored;
  std::filesystem::remove(beside, ignored);
  throw std::runtime_error(file + ": cannot be written; check that its folder exists and is yours");
}

}  // namespace app
