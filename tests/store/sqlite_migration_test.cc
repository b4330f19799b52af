// Files of an older schema version. version-3.sqlite was written by mock-capgo 0.2.0 before it had
// roles, from version-3.json; a key with the id 8 was added and deleted.

#include <doctest/doctest.h>
#include <signal.h>
#include <sqlite3.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <span>
#include <string>

#include "fixtures/fixture_file.h"
#include "store/child.h"
#include "store/model.h"
#include "store/sqlite_store.h"
#include "store/temp_dir.h"

namespace {

using namespace store_tests;
using store::open_sqlite_store;

const std::string kFolder = MOCK_CAPGO_SOURCE_DIR "/tests/store/";

std::string read_file(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

capgo::Snapshot content_of_version_3() {
  const fixtures::FixtureText text{"version-3.json", read_file(kFolder + "version-3.json")};
  auto loaded = fixtures::load_fixtures(std::span(&text, 1), {kNoon});
  REQUIRE(loaded.problems.empty());
  return loaded.snapshot;
}

/// The version in the header of the file, without what is in its log.
int version_of(const std::string& file) {
  constexpr size_t kLastByteOfUserVersion = 63;
  return read_file(file).at(kLastByteOfUserVersion);
}

/// Runs SQL on a file, and adds the values of all rows to a text.
std::string query(const std::string& file, const char* sql) {
  std::string text;
  sqlite3* database = nullptr;
  REQUIRE(sqlite3_open(file.c_str(), &database) == SQLITE_OK);
  const auto add_row = [](void* to, int count, char** values, char**) {
    for (int i = 0; i < count; ++i) *static_cast<std::string*>(to) += std::string(values[i]) + " ";
    return 0;
  };
  CHECK(sqlite3_exec(database, sql, add_row, &text, nullptr) == SQLITE_OK);
  sqlite3_close(database);
  return text;
}

/// Puts a copy of version-3.sqlite there.
void copy_version_3(const std::string& file) {
  for (const char* end : {"-wal", "-shm", "-journal"}) std::filesystem::remove(file + end);
  std::filesystem::copy_file(kFolder + "version-3.sqlite", file,
                             std::filesystem::copy_options::overwrite_existing);
}

/// The same with a change that is only in the log, as a killed process leaves it.
void copy_unclosed_version_3(const std::string& file) {
  copy_version_3(file);
  CHECK(run_in_child([&] {
          sqlite3* database = nullptr;
          sqlite3_open(file.c_str(), &database);
          return sqlite3_exec(database, "UPDATE keys SET name = 'In the log' WHERE id = 1", nullptr,
                              nullptr, nullptr);
        }) == SQLITE_OK);
  CHECK(std::filesystem::file_size(file + "-wal") > 0);
}

/// How many more statements and changes of files this process survives.
int events_to_kill = 0;

/// Kills this process at an event.
void count_event() {
  if (--events_to_kill == 0) kill(getpid(), SIGKILL);
}

int count_statement(unsigned, void*, void*, void*) {
  count_event();
  return 0;
}

int count_statements(sqlite3* database, char**, const struct sqlite3_api_routines*) {
  return sqlite3_trace_v2(database, SQLITE_TRACE_STMT, count_statement, nullptr);
}

/// Makes SQLite call `Before` before a system call.
template <int Index, typename Result, typename... Arguments>
void intercept(const char* name, Result (*)(Arguments...)) {
  using Call = Result (*)(Arguments...);
  static Call original = nullptr;
  sqlite3_vfs* files = sqlite3_vfs_find(nullptr);
  original = reinterpret_cast<Call>(files->xGetSystemCall(files, name));
  if (original == nullptr) return;
  Call counted = [](Arguments... arguments) {
    count_event();
    return original(arguments...);
  };
  files->xSetSystemCall(files, name, reinterpret_cast<sqlite3_syscall_ptr>(counted));
}

/// Kills this process when SQLite is about to run its n-th statement or to change a file for the
/// n-th time.
void kill_at_event(int n) {
  events_to_kill = n;
  sqlite3_auto_extension(reinterpret_cast<void (*)()>(count_statements));
  intercept<0>("write", ::write);
  intercept<1>("pwrite", ::pwrite);
  intercept<2>("pwrite64", ::pwrite64);
  intercept<3>("ftruncate", ::ftruncate);
  intercept<4>("unlink", ::unlink);
}

}  // namespace

TEST_CASE("a file of schema version 3 is migrated when it is opened") {
  const TempDir directory;
  const std::string file = directory.file("keys.db");
  copy_version_3(file);
  REQUIRE(version_of(file) == 3);
  capgo::Snapshot expected = content_of_version_3();
  {
    const auto store = open_sqlite_store(file);
    CHECK((store->snapshot() == expected));
    CHECK(version_of(file) == 4);
    CHECK_FALSE(store->is_untouched());
    CHECK(store->find_by_secret("ak_123")->id == 2);
    CHECK(store->channels().empty());
    capgo::ApiKey key = make_key("new");
    key.rights = {{{"org_admin", capgo::Scope::org, "org_acme"}}, {"org.create"}};
    // 8 was the id of a deleted key.
    CHECK(store->insert(key) == 9);
    CHECK(store->find_by_secret("new")->rights == key.rights);
    CHECK(store->erase(9));
  }
  CHECK((open_sqlite_store(file)->snapshot() == expected));
  Rows rows(1);
  expected = rows.snapshot();
  open_sqlite_store(file)->seed(expected);
  CHECK((open_sqlite_store(file)->snapshot() == expected));
}

TEST_CASE("a migrated file has the columns of a new one") {
  const TempDir directory;
  const std::string migrated = directory.file("migrated.db");
  const std::string created = directory.file("created.db");
  copy_version_3(migrated);
  open_sqlite_store(migrated);
  open_sqlite_store(created);
  constexpr const char* kColumns =
      "SELECT tables.name, columns.cid, columns.name, columns.type, columns.\"notnull\", "
      "columns.pk "
      "FROM sqlite_master AS tables, pragma_table_info(tables.name) AS columns ORDER BY 1, 2";
  CHECK(query(migrated, kColumns) == query(created, kColumns));
  CHECK(query(created, kColumns).find("channels 1 rbac_id TEXT 1 0 ") != std::string::npos);
}

TEST_CASE("a migration killed at any time leaves the old content, and the next start migrates it") {
  const TempDir directory;
  const std::string file = directory.file("keys.db");
  const capgo::Snapshot closed = content_of_version_3();
  capgo::Snapshot unclosed = closed;
  unclosed.keys = {};
  for (capgo::ApiKey key : closed.keys) {
    if (key.id == 1) key.name = "In the log";
    unclosed.keys.push_back(key);
  }
  for (const bool is_closed : {true, false}) {
    CAPTURE(is_closed);
    int kills = 0;
    for (int outcome = -SIGKILL; outcome != 0; ++kills) {
      CAPTURE(kills);
      is_closed ? copy_version_3(file) : copy_unclosed_version_3(file);
      outcome = run_in_child([&] {
        kill_at_event(kills + 1);
        open_sqlite_store(file);
        return 0;
      });
      REQUIRE((outcome == 0 || outcome == -SIGKILL));
      CHECK((open_sqlite_store(file)->snapshot() == (is_closed ? closed : unclosed)));
      CHECK(version_of(file) == 4);
    }
    CHECK(kills > 20);
  }
}
