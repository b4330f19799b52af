#pragma once

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <fstream>
#include <iterator>
#include <string>

namespace app_tests {

/// The content of a file; empty if it cannot be read.
inline std::string content_of(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// The permissions of a file.
inline unsigned mode_of(const std::string& file) {
  struct stat status = {};
  REQUIRE(stat(file.c_str(), &status) == 0);
  return status.st_mode & 07777;
}

}  // namespace app_tests
