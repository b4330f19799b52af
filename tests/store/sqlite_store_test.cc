// Which files the SQLite store accepts, and that it locks them.

#include "store/sqlite_store.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>

#include "base/ids.h"
#include "store/child.h"
#include "store/model.h"
#include "store/temp_dir.h"
#include "store/test_seed.h"

namespace {

using namespace store_tests;
using store::open_sqlite_store;
using store::StoreError;

/// Returns why the file cannot be opened; empty if it can.
std::string rejection(const std::string& file) {
  try {
    open_sqlite_store(file);
    return "";
  } catch (const StoreError& error) {
    return error.what();
  }
}

std::string in_use(const std::string& file) {
  return file +
         ": cannot open the store: database is locked; the file is in use by another process; "
         "stop it or choose another file";
}

std::string read_file(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void write_file(const std::string& file, const std::string& bytes) {
  std::ofstream(file, std::ios::binary) << bytes;
}

/// The names and bytes of all files in a directory.
std::map<std::string, std::string> contents(const TempDir& directory) {
  std::map<std::string, std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(directory.path())) {
    files[entry.path().filename().string()] = read_file(entry.path());
  }
  return files;
}

/// Checks that opening a file fails for this reason, and changes no file.
void check_rejected(const TempDir& directory, const std::string& file, const std::string& reason) {
  const auto before = contents(directory);
  CHECK(rejection(file) == file + ": " + reason);
  CHECK(contents(directory) == before);
}

/// Returns the bytes of a closed store with 100 keys.
std::string store_bytes() {
  const TempDir directory;
  const std::string file = directory.file("keys.db");
  {
    const auto store = open_sqlite_store(file);
    for (int n = 0; n < 100; ++n) store->insert(make_key("secret " + std::to_string(n)));
  }
  return read_file(file);
}

/// Leaves a store as a killed process does: with its write-ahead log.
void leave_unclosed(const std::string& file) {
  CHECK(run_in_child([&] {
          const auto store = open_sqlite_store(file);
          store->insert(make_key("secret"));
          _exit(0);
          return 0;
        }) == 0);
}

std::string with_byte(std::string bytes, size_t at, char byte) {
  bytes.at(at) = byte;
  return bytes;
}

// Offsets of big-endian numbers in a database file.
// (https://www.sqlite.org/fileformat2.html, "The Database Header")
constexpr size_t kLastByteOfUserVersion = 63;
constexpr size_t kFirstByteOfApplicationId = 68;

}  // namespace

TEST_CASE("keys are in the file after it is closed, and no other file is left") {
  const TempDir directory;
  const std::string file = directory.file("keys.db");
  {
    const auto store = open_sqlite_store(file);
    CHECK(store->insert(make_key("secret")) == 1);
    CHECK_FALSE(std::filesystem::exists(file + "-shm"));
  }
  CHECK(contents(directory).size() == 1);
  CHECK(open_sqlite_store(file)->find_by_secret("secret")->id == 1);
}

TEST_CASE("an empty file is used like a new one") {
  const TempDir directory;
  write_file(directory.file("keys.db"), "");
  CHECK(open_sqlite_store(directory.file("keys.db"))->is_untouched());
}

TEST_CASE("the log of a file that was removed is not used for a new one") {
  const TempDir directory;
  const std::string file = directory.file("keys.db");
  leave_unclosed(file);
  std::filesystem::remove(file);
  REQUIRE(contents(directory).contains("keys.db-wal"));
  CHECK(open_sqlite_store(file)->is_untouched());
}

TEST_CASE("a file that is not a database is rejected and left unchanged") {
  const TempDir directory;
  const std::string file = directory.file("keys.json");
  const std::string reason = "is not an SQLite database; choose another file";
  for (const std::string& bytes :
       {std::string("x"), std::string("{\"keys\": []}\n"), std::string(10'000, '\0'),
        std::string("SQLite format 3\0", 16), store_bytes().substr(0, 99)}) {
    CAPTURE(bytes.size());
    write_file(file, bytes);
    check_rejected(directory, file, reason);
  }
}

TEST_CASE("the database of another program is rejected and left unchanged") {
  const TempDir directory;
  const std::string file = directory.file("browser.db");
  const std::string reason = "belongs to another program; choose another file";
  write_file(file, with_byte(store_bytes(), kFirstByteOfApplicationId, 'x'));
  check_rejected(directory, file, reason);

  std::filesystem::remove(file);
  leave_unclosed(file);
  write_file(file, with_byte(read_file(file), kFirstByteOfApplicationId, 'x'));
  REQUIRE(contents(directory).size() == 2);
  check_rejected(directory, file, reason);
}

TEST_CASE("a store of another schema version is rejected and left unchanged") {
  const TempDir directory;
  const std::string file = directory.file("keys.db");
  for (const char version : {'\2', '\5'}) {
    write_file(file, with_byte(store_bytes(), kLastByteOfUserVersion, version));
    check_rejected(directory, file,
                   "has schema version " + std::to_string(int{version}) +
                       ", and this mock-capgo reads versions 3 and 4; use the mock-capgo that made "
                       "it or choose another file");
  }
}

TEST_CASE("a path that is not a file is rejected, and so is one in a missing directory") {
  const TempDir directory;
  check_rejected(directory, directory.path().string(), "is a directory; name a file in it");
  const std::string pipe = directory.file("pipe");
  REQUIRE(mkfifo(pipe.c_str(), 0600) == 0);
  CHECK(rejection(pipe) == pipe + ": is not a regular file; choose another");
  const std::string orphan = directory.file("none") + "/keys.db";
  CHECK(rejection(orphan) ==
        orphan + ": the directory " + directory.file("none") + " does not exist; create it first");
  CHECK(rejection("") == "the database file has no name; give it one");
}

TEST_CASE("a file that cannot be written or created is rejected") {
  const TempDir directory;
  const std::string file = directory.file("keys.db");
  const std::string new_file = directory.file("new.db");
  write_file(file, store_bytes());
  REQUIRE(chmod(file.c_str(), 0444) == 0);
  REQUIRE(chmod(directory.path().c_str(), 0555) == 0);
  const auto before = contents(directory);
  Pipe messages;
  const pid_t child = start_child([&] {
    const uid_t nobody = 65534;
    if (geteuid() == 0 && setuid(nobody) != 0) return 1;  // root may write anything
    messages.write_line(rejection(file));
    messages.write_line(rejection(new_file));
    return 0;
  });
  CHECK(wait_for(child) == 0);
  REQUIRE(chmod(directory.path().c_str(), 0755) == 0);
  const std::string advice = "; check the permissions of the file and its directory";
  CHECK(messages.read_line() == file + ": cannot open the store: it is read-only" + advice);
  CHECK(messages.read_line() ==
        new_file + ": cannot open the store: unable to open database file" + advice);
  CHECK(contents(directory) == before);
}

TEST_CASE("a name with a special meaning in SQLite is treated as a file name") {
  const TempDir directory;
  for (const char* name : {":memory:", "file:x?mode=memory", "file::memory:"}) {
    CAPTURE(name);
    CHECK(run_in_child([&] {
            std::filesystem::current_path(directory.path());
            open_sqlite_store(name)->insert(make_key("secret"));
            return 0;
          }) == 0);
    CHECK(open_sqlite_store(directory.file(name))->find_by_secret("secret") != std::nullopt);
  }
}

TEST_CASE("a new database and its log are readable by their owner alone, others keep their mode") {
  const TempDir directory;
  const std::string file = directory.file("keys.db");
  for (const mode_t mode : {mode_t{0600}, mode_t{0640}}) {
    if (mode != 0600) REQUIRE(chmod(file.c_str(), mode) == 0);
    const auto store = open_sqlite_store(file);
    store->insert(make_key("secret " + std::to_string(mode)));
    for (const char* end : {"", "-wal"}) {
      struct stat status = {};
      REQUIRE(stat((file + end).c_str(), &status) == 0);
      CHECK((status.st_mode & 0777) == mode);
    }
  }
}

TEST_CASE("nothing is stored once a file was deleted, replaced or truncated by another program") {
  struct Row {
    std::string command;
    std::string problem;
  };
  const Row rows[] = {
      {"rm k.db k.db-wal", "k.db: was deleted"},
      {"rm k.db", "k.db: was deleted"},
      {"mv k.db other", "k.db: was deleted"},
      {"rm k.db-wal", "k.db-wal: was deleted"},
      {"cp k.db other; mv other k.db", "k.db: was replaced"},
      {"mv k.db other; ln -s other k.db", "k.db: was replaced"},
      {"cp k.db-wal other; mv other k.db-wal", "k.db-wal: was replaced"},
      {": > k.db", "k.db: was truncated"},
      {": > k.db-wal", "k.db-wal: was truncated"},
  };
  for (size_t i = 0; i < 2 * std::size(rows); ++i) {
    const Row& row = rows[i / 2];
    CAPTURE(row.command);
    const TempDir directory;
    std::filesystem::create_symlink("k.db", directory.file("link.db"));
    const auto store = open_sqlite_store(directory.file(i % 2 == 0 ? "k.db" : "link.db"));
    store->seed({{}, {}, {with_id(make_key("first"), 1)}});
    const std::string script = "cd '" + directory.path().string() + "' && { " + row.command + "; }";
    REQUIRE(std::system(script.c_str()) == 0);
    const std::string problem = directory.path().string() + "/" + row.problem +
                                " while in use, so nothing can be stored; restart mock-capgo";
    CHECK_THROWS_WITH_AS(store->insert(make_key("second")), problem.c_str(), StoreError);
    CHECK_THROWS_WITH_AS(store->update(with_id(make_key("changed"), 1)), problem.c_str(),
                         StoreError);
    CHECK_THROWS_WITH_AS(store->erase(1), problem.c_str(), StoreError);
    CHECK_THROWS_WITH_AS(store->seed({}), problem.c_str(), StoreError);
  }
}

TEST_CASE("a damaged store is rejected when opened") {
  const TempDir directory;
  const std::string file = directory.file("keys.db");
  const std::string whole = store_bytes();
  for (const std::string& damaged :
       {whole.substr(0, whole.size() / 2), whole.substr(0, 100),
        whole.substr(0, whole.size() - 4096),
        whole.substr(0, 4096) + std::string(whole.size() - 4096, '\xff'),
        whole.substr(0, 100) + std::string(whole.size() - 100, '\0')}) {
    write_file(file, damaged);
    const std::string message = rejection(file);
    CAPTURE(damaged.size());
    CAPTURE(message);
    CHECK(message.starts_with(file + ": cannot open the store: "));
    CHECK(message.ends_with(
        "; the file seems damaged; restore a backup, or delete it to start over"));
  }
}

TEST_CASE("a list that is not a JSON array of strings is an error that names the file") {
  const TempDir directory;
  const std::string file = directory.file("keys.db");
  capgo::ApiKey key = make_key("secret");
  key.limited_to_apps = {"com.demo.app"};
  open_sqlite_store(file)->insert(key);
  const std::string whole = read_file(file);
  const size_t list = whole.find(R"(["com.demo.app"])");
  REQUIRE(list != std::string::npos);
  for (const std::string bad :
       {R"({"com.demo.app"])", R"([2e10.demo.app"])", R"([1,2,3,4,5,6,7])"}) {
    CAPTURE(bad);
    write_file(file, std::string(whole).replace(list, bad.size(), bad));
    const auto store = open_sqlite_store(file);
    std::string message;
    try {
      store->find_by_id(1);
    } catch (const StoreError& error) {
      message = error.what();
    }
    CHECK(message.starts_with(file + ": "));
    CHECK(message.find("a list cannot be read") != std::string::npos);
  }
}

TEST_CASE("a damaged file causes at most a StoreError") {
  const TempDir directory;
  const std::string file = directory.file("keys.db");
  const std::string whole = store_bytes();
  const uint64_t seed = test_seed();
  INFO("MOCK_CAPGO_TEST_SEED=", seed);
  base::Random random(seed);
  for (int round = 0; round < 100; ++round) {
    std::string damaged = whole;
    for (int flips = 0; flips < 8; ++flips) {
      damaged[random.next() % damaged.size()] ^= static_cast<char>(random.next());
    }
    write_file(file, damaged);
    try {
      const auto store = open_sqlite_store(file);
      store->snapshot();
      store->find_by_secret("secret 7");
      store->insert(make_key("new"));
      store->update(with_id(make_key("newer"), 49));
      store->erase(50);
      store->erase_expired_before(base::Time::max());
      store->seed({});
    } catch (const StoreError& error) {
      CHECK(std::string(error.what()).starts_with(file + ": "));
    }
    std::filesystem::remove(file + "-wal");
    std::filesystem::remove(file + "-journal");
  }
}

TEST_CASE("a store in use is rejected, in this process and in others, until it is closed") {
  const TempDir directory;
  const std::string file = directory.file("keys.db");
  Pipe go;
  // Started before the store is opened, so that it does not inherit the locks.
  const pid_t other_process = start_child([&] {
    go.close_writing();
    go.read_line();
    return rejection(file) == in_use(file) ? 0 : 1;
  });
  auto store = open_sqlite_store(file);
  CHECK(rejection(file) == in_use(file));
  go.close_writing();
  CHECK(wait_for(other_process) == 0);
  CHECK(store->insert(make_key("secret")) == 1);
  store.reset();
  CHECK(rejection(file) == "");
}

TEST_CASE("at most one of several processes that create a file at the same time opens it") {
  for (int round = 0; round < 5; ++round) {
    const TempDir directory;
    const std::string file = directory.file("keys.db");
    Pipe go;
    Pipe messages;
    Pipe end;
    std::array<pid_t, 3> children{};
    for (pid_t& child : children) {
      child = start_child([&] {
        go.close_writing();
        end.close_writing();
        messages.close_reading();
        go.read_line();
        try {
          const auto store = open_sqlite_store(file);
          store->insert(make_key("secret"));
          messages.write_line("opened");
          end.read_line();
        } catch (const StoreError& error) {
          messages.write_line(error.what());
        }
        return 0;
      });
    }
    go.close_writing();
    size_t winners = 0;
    for (size_t reports = 0; reports < children.size(); ++reports) {
      const std::string message = messages.read_line().value_or("");
      if (message == "opened") {
        ++winners;
      } else {
        CHECK(message == in_use(file));
      }
    }
    end.close_writing();
    for (const pid_t child : children) CHECK(wait_for(child) == 0);
    CHECK(winners <= 1);
    CHECK(open_sqlite_store(file)->snapshot().keys.size() == winners);
  }
}
