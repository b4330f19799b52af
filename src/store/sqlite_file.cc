#include "store/sqlite_file.h"

#include <SQLiteCpp/Column.h>
#include <SQLiteCpp/Exception.h>
#include <SQLiteCpp/Transaction.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <filesystem>
#include <system_error>

#include "store/key_store.h"

namespace store {
namespace {

/// Marks a database of mock-capgo: "mcap" in ASCII.
/// (https://www.sqlite.org/pragma.html#pragma_application_id)
constexpr uint32_t kApplicationId = 0x6d636170;
/// Increase it with every change of the schema.
constexpr uint32_t kSchemaVersion = 4;
/// The oldest version that is migrated when a file is opened.
constexpr uint32_t kOldestVersion = 3;

// With AUTOINCREMENT, ids are never reused, and sqlite_sequence has a row once a table was used.
// Times are microseconds since 1970; lists and rights are JSON (sqlite_json.h). secret_hash is the
// SHA-256 by which keys are looked up, whether their secret is stored plain (key) or hashed
// (key_hash).
constexpr const char* kSchema = R"sql(
  CREATE TABLE keys (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT,
    key_hash TEXT,
    mode TEXT NOT NULL,
    name TEXT NOT NULL,
    user_id TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    expires_at INTEGER,
    limited_to_apps TEXT,
    limited_to_orgs TEXT,
    rbac_id TEXT,
    secret_hash TEXT UNIQUE,
    rights TEXT
  ) STRICT;
  CREATE INDEX keys_that_expire ON keys (expires_at) WHERE expires_at IS NOT NULL;
  CREATE INDEX keys_of_user ON keys (user_id, id);
  CREATE TABLE orgs (
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    members TEXT,
    require_apikey_expiration INTEGER NOT NULL,
    max_apikey_expiration_days INTEGER,
    enforce_hashed_api_keys INTEGER NOT NULL,
    position INTEGER PRIMARY KEY AUTOINCREMENT
  ) STRICT;
  CREATE TABLE apps (
    id TEXT NOT NULL,
    app_id TEXT NOT NULL,
    owner_org TEXT NOT NULL,
    position INTEGER PRIMARY KEY AUTOINCREMENT
  ) STRICT;
)sql";

constexpr const char* kChannels = R"sql(
  CREATE TABLE channels (
    id INTEGER NOT NULL,
    rbac_id TEXT NOT NULL,
    name TEXT NOT NULL,
    app_id TEXT NOT NULL,
    position INTEGER PRIMARY KEY AUTOINCREMENT
  ) STRICT;
)sql";

/// Returns the absolute path, which SQLite does not confuse with a URI or ":memory:". Rejects paths
/// on which SQLite fails without a reason or waits forever (a pipe).
std::string resolve_path(const std::string& file) {
  namespace fs = std::filesystem;
  if (file.empty()) throw StoreError("the database file has no name; give it one");
  std::error_code failure;
  const fs::file_status status = fs::status(file, failure);
  if (status.type() == fs::file_type::none) throw StoreError(file + ": " + failure.message());
  if (fs::is_directory(status)) throw StoreError(file + ": is a directory; name a file in it");
  if (fs::exists(status) && !fs::is_regular_file(status)) {
    throw StoreError(file + ": is not a regular file; choose another");
  }
  const fs::path path = fs::absolute(file, failure);
  if (!fs::is_directory(path.parent_path(), failure)) {
    throw StoreError(file + ": the directory " + path.parent_path().string() +
                     " does not exist; create it first");
  }
  return path.string();
}

void check_version(uint32_t version, const std::string& file) {
  if (version >= kOldestVersion && version <= kSchemaVersion) return;
  throw StoreError(file + ": has schema version " + std::to_string(version) +
                   ", and this mock-capgo reads versions " + std::to_string(kOldestVersion) +
                   " and " + std::to_string(kSchemaVersion) +
                   "; use the mock-capgo that made it or choose another file");
}

/// Rejects a file of another program before SQLite reads it, as reading may change it. Returns
/// whether the file is new.
/// (https://www.sqlite.org/fileformat2.html, "The Database Header")
bool check_header(SQLite::Database& database, const std::string& file) {
  // Uses SQLite's handle: closing another one would release all locks of this process on the file.
  sqlite3_file* bytes = nullptr;
  sqlite3_file_control(database.getHandle(), "main", SQLITE_FCNTL_FILE_POINTER, &bytes);
  // SQLite would report a file of one byte as empty.
  std::error_code failure;
  if (std::filesystem::file_size(database.getFilename(), failure) == 0) return true;
  std::array<unsigned char, 100> header{};
  const int result = bytes->pMethods->xRead(bytes, header.data(), int{header.size()}, 0);
  if (result != SQLITE_OK && result != SQLITE_IOERR_SHORT_READ) {
    throw SQLite::Exception("its header cannot be read", SQLITE_IOERR);
  }
  const auto number_at = [&](size_t offset) {
    uint32_t number = 0;
    for (size_t at = offset; at < offset + 4; ++at) number = number << 8 | header[at];
    return number;
  };
  const std::string_view start(reinterpret_cast<const char*>(header.data()), 16);
  if (result != SQLITE_OK || start != std::string_view("SQLite format 3\0", 16)) {
    throw StoreError(file + ": is not an SQLite database; choose another file");
  }
  if (number_at(68) != kApplicationId) {
    throw StoreError(file + ": belongs to another program; choose another file");
  }
  check_version(number_at(60), file);
  return false;
}

/// Creates the tables, or adds what an old file lacks. Returns whether the file is old.
bool create_or_migrate(SQLite::Database& database, const std::string& file) {
  bool is_old = false;
  if (database.execAndGet("SELECT count(*) FROM sqlite_master").getInt() == 0) {
    database.exec(kSchema);
    database.exec("PRAGMA application_id = " + std::to_string(kApplicationId));
  } else {
    // The header in the file does not count if a newer one is in the log.
    uint32_t version = database.execAndGet("PRAGMA user_version").getUInt();
    check_version(version, file);
    if (version == kSchemaVersion) return false;
    is_old = true;
    database.exec("ALTER TABLE keys ADD COLUMN rights TEXT");
  }
  database.exec(kChannels);
  database.exec("PRAGMA user_version = " + std::to_string(kSchemaVersion));
  return is_old;
}

/// Locks the file for this process, and creates or migrates its tables.
void lock_and_initialize(SQLite::Database& database, const std::string& file, bool is_new) {
  // Set before the first access: SQLite then keeps the lock and needs no shared memory file.
  database.exec("PRAGMA locking_mode = EXCLUSIVE");
  // Processes that open the file at the same time block each other. With different timeouts, one of
  // them gets it.
  database.setBusyTimeout(10 * (getpid() % 8));
  // A power failure may lose a new file, but no start waits for the disk.
  if (is_new) database.exec("PRAGMA synchronous = OFF");
  SQLite::Transaction transaction(database, SQLite::TransactionBehavior::EXCLUSIVE);
  bool is_migrated = create_or_migrate(database, file);
  const std::string health = database.execAndGet("PRAGMA quick_check(1)").getString();
  if (health != "ok") throw SQLite::Exception(health, SQLITE_CORRUPT);
  transaction.commit();
  // Set after the commit, so that the file never exists without a complete header.
  database.exec("PRAGMA journal_mode = WAL");
  // A power failure may lose the newest keys, but no insert waits for the disk.
  database.exec("PRAGMA synchronous = NORMAL");
  // Puts the new version in the header, so that an older mock-capgo rejects the file.
  if (is_migrated) database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
}

/// Makes new files readable by their owner only, because keys are secrets. SQLite gives the WAL the
/// mode of the database. Changes the umask of the process, so only one thread may create files.
class PrivateFiles {
 public:
  PrivateFiles() = default;
  ~PrivateFiles() { umask(before_); }
  PrivateFiles(const PrivateFiles&) = delete;
  PrivateFiles& operator=(const PrivateFiles&) = delete;

 private:
  mode_t before_ = umask(S_IRWXG | S_IRWXO);
};

}  // namespace

FileGuard::FileGuard(const std::string& database) {
  // SQLite puts the WAL beside the file that a link leads to.
  const std::string target = std::filesystem::canonical(database).string();
  files_ = {look_at(target), look_at(target + "-wal")};
}

FileGuard::File FileGuard::look_at(const std::string& path) {
  struct stat status = {};
  if (lstat(path.c_str(), &status) != 0) return {path};
  return {path, status.st_dev, status.st_ino, status.st_size};
}

void FileGuard::check() const {
  for (const File& before : files_) {
    if (before.inode == 0) continue;
    File now = look_at(before.path);
    bool is_same = now.inode == before.inode && now.device == before.device;
    if (is_same && now.size >= before.size) continue;
    std::string what = now.inode == 0 ? "deleted" : is_same ? "truncated" : "replaced";
    throw StoreError(before.path + ": was " + what +
                     " while in use, so nothing can be stored; restart mock-capgo");
  }
}

void FileGuard::record() {
  for (File& file : files_) file = look_at(file.path);
}

SQLite::Database open_sqlite_file(const std::string& file) {
  PrivateFiles around;
  // The sandbox's lock makes SQLite's mutex, locked for every column, unnecessary.
  SQLite::Database database(resolve_path(file),
                            SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE | SQLite::OPEN_NOMUTEX);
  bool is_new = check_header(database, file);
  if (sqlite3_db_readonly(database.getHandle(), "main") != 0) {
    throw SQLite::Exception("it is read-only", SQLITE_READONLY);
  }
  lock_and_initialize(database, file, is_new);
  return database;
}

}  // namespace store
