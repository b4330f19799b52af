#include "app/atomic_file.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "app/written_file.h"
#include "store/child.h"
#include "store/temp_dir.h"

namespace {

using app_tests::content_of;
using app_tests::mode_of;
using store_tests::TempDir;

size_t count_files(const TempDir& folder) {
  std::filesystem::directory_iterator files(folder.path());
  return static_cast<size_t>(std::distance(begin(files), end(files)));
}

/// Runs `body` where the folder is read-only, as a user for whom that counts.
template <typename Body>
int run_in_read_only_folder(const TempDir& folder, Body body) {
  REQUIRE(chmod(folder.path().c_str(), 0555) == 0);
  int code = store_tests::run_in_child([&] {
    uid_t nobody = 65534;
    if (geteuid() == 0 && setuid(nobody) != 0) return 1;  // Root may write everywhere.
    return body();
  });
  REQUIRE(chmod(folder.path().c_str(), 0755) == 0);
  return code;
}

}  // namespace

TEST_CASE("a new file is readable by its owner alone, and an existing one keeps its mode") {
  TempDir folder;
  std::string file = folder.file("f");
  CHECK(app::write_file_atomically(file, "new"));
  CHECK(mode_of(file) == 0600);
  for (unsigned mode : {0600U, 0640U, 0644U, 0666U, 0444U}) {
    CAPTURE(mode);
    REQUIRE(chmod(file.c_str(), mode) == 0);
    CHECK(app::write_file_atomically(file, std::to_string(mode)));
    CHECK(content_of(file) == std::to_string(mode));
    CHECK(mode_of(file) == mode);
  }
  CHECK(count_files(folder) == 1);
}

TEST_CASE("a symbolic link is followed, whether or not its target exists") {
  TempDir folder;
  std::filesystem::create_directory(folder.file("real"));
  std::filesystem::create_symlink("real/f", folder.file("link"));
  std::filesystem::create_symlink("link", folder.file("link to link"));
  for (const char* content : {"first", "second"}) {
    CHECK(app::write_file_atomically(folder.file("link to link"), content));
    CHECK(content_of(folder.file("real/f")) == content);
    CHECK(std::filesystem::is_symlink(folder.file("link")));
    CHECK(std::filesystem::is_symlink(folder.file("link to link")));
  }
}

TEST_CASE("a file in a read-only folder is overwritten if it is writable itself") {
  TempDir folder;
  std::string file = folder.file("f");
  std::ofstream(file) << "a longer old content";
  REQUIRE(chmod(file.c_str(), 0666) == 0);
  CHECK(run_in_read_only_folder(folder, [&] {
          bool expected = !app::find_write_problem(file);
          bool replaced = app::write_file_atomically(file, "new");
          return expected && !replaced ? 0 : 2;
        }) == 0);
  CHECK(content_of(file) == "new");
  CHECK(mode_of(file) == 0666);
}

TEST_CASE("a file that cannot be written is an error in the system's words") {
  TempDir folder;
  std::string file = folder.file("f");
  store_tests::Pipe errors;
  CHECK(run_in_read_only_folder(folder, [&] {
          errors.write_line(app::find_write_problem(file).value_or("none"));
          try {
            app::write_file_atomically(file, "new");
          } catch (const std::runtime_error& error) {
            errors.write_line(error.what());
          }
          return 0;
        }) == 0);
  CHECK(errors.read_line() == "Permission denied");
  CHECK(errors.read_line() == file + ": cannot be written: Permission denied");
  CHECK(count_files(folder) == 0);
}

TEST_CASE("a temporary file that another process has replaced is left alone") {
  TempDir folder;
  {
    app::TemporaryFile ready(folder.file("ready"), "old");
    // The system may use the number of the removed file for the new one.
    std::filesystem::remove(folder.file("ready"));
    app::write_file_atomically(folder.file("ready"), "of the next server");
  }
  CHECK(content_of(folder.file("ready")) == "of the next server");
}

TEST_CASE("a temporary file is removed at the end of its scope, wherever a link leads") {
  TempDir folder;
  std::filesystem::create_symlink("target", folder.file("link"));
  {
    app::TemporaryFile ready(folder.file("link"), "ready");
    CHECK(content_of(folder.file("target")) == "ready");
  }
  CHECK_FALSE(std::filesystem::exists(folder.file("target")));
}
