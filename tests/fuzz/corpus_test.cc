#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>

#include "fuzz/targets.h"

TEST_CASE("every input of the fuzz corpus does what any input must") {
  std::filesystem::path corpus = MOCK_CAPGO_SOURCE_DIR "/tests/fuzz/corpus";
  std::set<std::string> folders;
  for (const auto& folder : std::filesystem::directory_iterator(corpus)) {
    folders.insert(folder.path().filename());
  }
  for (const fuzz::Target& target : fuzz::targets()) {
    REQUIRE(folders.erase(std::string(target.name)) == 1);
    for (const auto& entry : std::filesystem::directory_iterator(corpus / target.name)) {
      CAPTURE(entry.path().string());
      std::ifstream file(entry.path(), std::ios::binary);
      std::string input{std::istreambuf_iterator<char>(file), {}};
      CHECK_NOTHROW(target.run(input));
    }
  }
  CHECK(folders.empty());
}
