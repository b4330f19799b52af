#include "app/log_file.h"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "app/written_file.h"
#include "store/child.h"
#include "store/temp_dir.h"

using app::LogFile;
using app_tests::content_of;
using app_tests::mode_of;
using store_tests::TempDir;

namespace {

void fail(const std::string& text) { FAIL(text); }

/// Why the file cannot be opened.
std::string problem_of(const std::string& file) {
  try {
    LogFile log(file, fail);
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "none";
}

}  // namespace

TEST_CASE("a log is appended to its file, also through a symbolic link") {
  TempDir folder;
  std::filesystem::create_symlink("log", folder.file("link"));
  for (const char* name : {"log", "link"}) {
    LogFile log(folder.file(name), fail);
    log.stream() << name << " line\n" << std::flush;
  }
  CHECK(content_of(folder.file("log")) == "log line\nlink line\n");
  CHECK(std::filesystem::is_symlink(folder.file("link")));
}

TEST_CASE("a new log is readable by its owner alone, and an existing file keeps its mode") {
  TempDir folder;
  std::string file = folder.file("log");
  CHECK(problem_of(file) == "none");
  CHECK(mode_of(file) == 0600);
  REQUIRE(chmod(file.c_str(), 0644) == 0);
  CHECK(problem_of(file) == "none");
  CHECK(mode_of(file) == 0644);
}

TEST_CASE("a log that cannot be opened is an error in the system's words") {
  TempDir folder;
  const std::string cannot = ": cannot be written: ";
  std::string missing = folder.file("no/log");
  CHECK(problem_of(missing) == missing + cannot + "No such file or directory");
  CHECK(problem_of(folder.path().string()) == folder.path().string() + cannot + "Is a directory");
  std::string file = folder.file("log");
  std::ofstream(file) << "kept";
  REQUIRE(chmod(file.c_str(), 0444) == 0);
  REQUIRE(chmod(folder.path().c_str(), 0755) == 0);
  CHECK(store_tests::run_in_child([&] {
          uid_t nobody = 65534;
          if (geteuid() == 0 && setuid(nobody) != 0) return 1;  // Root may write everywhere.
          return problem_of(file) == file + cannot + "Permission denied" ? 0 : 2;
        }) == 0);
  CHECK(content_of(file) == "kept");
}

TEST_CASE("a log on a full disk warns once") {
  std::string warnings;
  {
    LogFile log("/dev/full", [&](const std::string& text) { warnings += text + "\n"; });
    for (int i = 0; i < 3000; ++i) log.stream() << "a line of this log\n" << std::flush;
  }
  CHECK(warnings ==
        "/dev/full: cannot be written: No space left on device; the log is incomplete\n");
}
