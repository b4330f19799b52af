#include "store/sqlite_store.h"

#include <SQLiteCpp/Column.h>
#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Exception.h>
#include <SQLiteCpp/Statement.h>
#include <SQLiteCpp/Transaction.h>
#include <sqlite3.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <filesystem>
#include <system_error>
#include <tuple>
#include <utility>
#include <vector>

#include "store/netstrings.h"

namespace store {
namespace {

using capgo::ApiKey;
using capgo::App;
using capgo::Org;

/// What makes a database ours: "mcap" in ASCII.
/// (https://www.sqlite.org/pragma.html#pragma_application_id)
constexpr uint32_t kApplicationId = 0x6d636170;
/// To be raised with every change of the schema.
constexpr uint32_t kSchemaVersion = 1;

// AUTOINCREMENT: no id is given twice, and sqlite_sequence has a row as soon as a table was used.
// Times are microseconds since 1970, lists are netstrings.
constexpr const char* kSchema = R"sql(
  CREATE TABLE keys (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT UNIQUE,
    key_hash TEXT,
    mode TEXT NOT NULL,
    name TEXT NOT NULL,
    user_id TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    expires_at INTEGER,
    limited_to_apps TEXT NOT NULL,
    limited_to_orgs TEXT NOT NULL,
    rbac_id TEXT
  ) STRICT;
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

/// The members of a row in the order of its table's columns: one list for writing and reading.
template <typename Row>
constexpr std::tuple<> kColumns;
template <>
constexpr std::tuple kColumns<ApiKey>{&ApiKey::id,
                                      &ApiKey::key,
                                      &ApiKey::key_hash,
                                      &ApiKey::mode,
                                      &ApiKey::name,
                                      &ApiKey::user_id,
                                      &ApiKey::created_at,
                                      &ApiKey::updated_at,
                                      &ApiKey::expires_at,
                                      &ApiKey::limited_to_apps,
                                      &ApiKey::limited_to_orgs,
                                      &ApiKey::rbac_id};
template <>
constexpr std::tuple kColumns<Org>{&Org::id,
                                   &Org::name,
                                   &Org::members,
                                   &Org::require_apikey_expiration,
                                   &Org::max_apikey_expiration_days,
                                   &Org::enforce_hashed_api_keys};
template <>
constexpr std::tuple kColumns<App>{&App::id, &App::app_id, &App::owner_org};

/// What a person can do about a failure of SQLite.
std::string advice(int code) {
  switch (code) {
    case SQLITE_BUSY:
      return "the file is in use by another process; stop it or choose another file";
    case SQLITE_FULL:
    case SQLITE_IOERR:
      return "see whether its disk is full or failing";
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
      return "see whether you may read and write it and its directory";
    case SQLITE_CONSTRAINT:
      return "ids and secrets of keys must not be doubled";
    default:
      return "the file seems damaged; put back a copy, or remove it to start anew";
  }
}

/// Runs `action` ("cannot …" names it) and makes SQLite's failures StoreErrors about this file.
template <typename Action>
auto guarded(const std::string& file, const char* name, Action action) {
  try {
    return action();
  } catch (const SQLite::Exception& failure) {
    throw StoreError(file + ": cannot " + name + ": " + failure.what() + "; " +
                     advice(failure.getErrorCode()));
  }
}

void write(SQLite::Statement& to, int index, int64_t value) { to.bind(index, value); }
void write(SQLite::Statement& to, int index, bool value) { to.bind(index, value ? 1 : 0); }
void write(SQLite::Statement& to, int index, const std::string& value) { to.bind(index, value); }
void write(SQLite::Statement& to, int index, capgo::KeyMode value) {
  to.bind(index, std::string(capgo::mode_name(value)));
}
void write(SQLite::Statement& to, int index, base::Time value) {
  to.bind(index, int64_t{value.time_since_epoch().count()});
}
void write(SQLite::Statement& to, int index, const std::vector<std::string>& value) {
  to.bind(index, join_netstrings(value));
}
template <typename Value>
void write(SQLite::Statement& to, int index, const std::optional<Value>& value) {
  if (value) {
    write(to, index, *value);
  } else {
    to.bind(index);
  }
}

void read(const SQLite::Column& from, int64_t& value) { value = from.getInt64(); }
void read(const SQLite::Column& from, bool& value) { value = from.getInt() != 0; }
void read(const SQLite::Column& from, std::string& value) { value = from.getString(); }
void read(const SQLite::Column& from, base::Time& value) {
  value = base::Time(std::chrono::microseconds(from.getInt64()));
}
void read(const SQLite::Column& from, capgo::KeyMode& value) {
  const std::optional<capgo::KeyMode> mode = capgo::parse_mode(from.getString());
  if (!mode) throw SQLite::Exception("a key has an unknown mode", SQLITE_CORRUPT);
  value = *mode;
}
void read(const SQLite::Column& from, std::vector<std::string>& value) {
  std::optional<std::vector<std::string>> texts = split_netstrings(from.getString());
  if (!texts) throw SQLite::Exception("a list cannot be read", SQLITE_CORRUPT);
  value = std::move(*texts);
}
template <typename Value>
void read(const SQLite::Column& from, std::optional<Value>& value) {
  if (!from.isNull()) read(from, value.emplace());
}

/// One use of a kept statement. However it ends, the statement is ready for the next use.
class Query {
 public:
  explicit Query(SQLite::Statement& statement) : statement_(statement) {}
  ~Query() { statement_.tryReset(); }
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;

  /// Sets the parameter of this index, counted from 1.
  template <typename Value>
  Query& set(int index, const Value& value) {
    write(statement_, index, value);
    return *this;
  }

  /// Sets one parameter for each column of the row.
  template <typename Row>
  Query& set_row(const Row& row) {
    int index = 0;
    std::apply([&](auto... column) { (set(++index, row.*column), ...); }, kColumns<Row>);
    return *this;
  }

  /// Goes on to the first or next row; whether there is one.
  bool next() { return statement_.executeStep(); }

  /// The row it stands on.
  template <typename Row>
  Row row() const {
    Row row;
    int index = 0;
    std::apply([&](auto... column) { (read(statement_.getColumn(index++), row.*column), ...); },
               kColumns<Row>);
    return row;
  }

  /// All rows from here on.
  template <typename Row>
  std::vector<Row> rows() {
    std::vector<Row> rows;
    while (next()) rows.push_back(row<Row>());
    return rows;
  }

 private:
  SQLite::Statement& statement_;
};

/// The absolute path of the file, which SQLite takes for no URI and for no ":memory:". Refuses what
/// SQLite would fail on without saying why, or wait on for ever (a pipe).
std::string find_place(const std::string& file) {
  namespace fs = std::filesystem;
  if (file.empty()) throw StoreError("the file to keep keys in has no name; give it one");
  std::error_code failure;
  const fs::file_status status = fs::status(file, failure);
  if (status.type() == fs::file_type::none) throw StoreError(file + ": " + failure.message());
  if (fs::is_directory(status)) throw StoreError(file + ": is a directory; name a file in it");
  if (fs::exists(status) && !fs::is_regular_file(status)) {
    throw StoreError(file + ": is not a regular file; choose another");
  }
  const fs::path path = fs::absolute(file, failure);
  if (!fs::is_directory(path.parent_path(), failure)) {
    throw StoreError(file + ": there is no directory " + path.parent_path().string() +
                     "; make it first");
  }
  return path.string();
}

/// Refuses a file that is not ours before SQLite reads it, as reading may already change it.
/// (https://www.sqlite.org/fileformat2.html, "The Database Header")
void check_header(SQLite::Database& database, const std::string& file) {
  // Through SQLite's own handle: to close another one on a file would drop all the locks that this
  // process holds on it.
  sqlite3_file* bytes = nullptr;
  sqlite3_file_control(database.getHandle(), "main", SQLITE_FCNTL_FILE_POINTER, &bytes);
  // Not asked of SQLite, which calls a file of one byte empty.
  std::error_code failure;
  if (std::filesystem::file_size(database.getFilename(), failure) == 0) return;
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
    throw StoreError(file + ": is the database of another program; choose another file");
  }
  if (number_at(60) != kSchemaVersion) {
    throw StoreError(file + ": has schema version " + std::to_string(number_at(60)) +
                     ", and this mock-capgo reads version " + std::to_string(kSchemaVersion) +
                     "; use the mock-capgo that made it or choose another file");
  }
}

/// Takes the file for this process and makes the tables if it is new.
void take(SQLite::Database& database) {
  // Before the first access, so that SQLite keeps the lock and needs no shared memory file.
  database.exec("PRAGMA locking_mode = EXCLUSIVE");
  // Processes that open at once hold each other off; the most patient of them gets the file.
  database.setBusyTimeout(10 * (getpid() % 8));
  // A power cut may cost a file just made; no start waits for the disk.
  database.exec("PRAGMA synchronous = OFF");
  SQLite::Transaction whole(database, SQLite::TransactionBehavior::EXCLUSIVE);
  if (database.execAndGet("SELECT count(*) FROM sqlite_master").getInt() == 0) {
    database.exec(kSchema);
    database.exec("PRAGMA application_id = " + std::to_string(kApplicationId));
    database.exec("PRAGMA user_version = " + std::to_string(kSchemaVersion));
  }
  const std::string health = database.execAndGet("PRAGMA quick_check(1)").getString();
  if (health != "ok") throw SQLite::Exception(health, SQLITE_CORRUPT);
  whole.commit();
  // Only now: the file's header has said whose it is from its first byte on.
  database.exec("PRAGMA journal_mode = WAL");
  // A power cut may cost the newest keys; no insert waits for the disk.
  database.exec("PRAGMA synchronous = NORMAL");
}

SQLite::Database open_database(const std::string& file) {
  // SQLite's own locks, taken for every column read, are not needed below the sandbox's.
  SQLite::Database database(find_place(file),
                            SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE | SQLite::OPEN_NOMUTEX);
  check_header(database, file);
  if (sqlite3_db_readonly(database.getHandle(), "main") != 0) {
    throw SQLite::Exception("it is read-only", SQLITE_READONLY);
  }
  take(database);
  return database;
}

class SqliteStore final : public KeyStore {
 public:
  explicit SqliteStore(const std::string& file) : file_(file), database_(open_database(file)) {}

  std::optional<ApiKey> find_by_secret(std::string_view secret) const override {
    return guarded(file_, "find a key", [&] {
      Query query(find_by_secret_);
      return query.set(1, std::string(secret)).next() ? std::optional(query.row<ApiKey>())
                                                      : std::nullopt;
    });
  }

  std::optional<ApiKey> find_by_id(int64_t id) const override {
    return guarded(file_, "find a key", [&] {
      Query query(find_by_id_);
      return query.set(1, id).next() ? std::optional(query.row<ApiKey>()) : std::nullopt;
    });
  }

  void for_each_of_user(std::string_view user_id,
                        const std::function<void(const ApiKey&)>& visit) const override {
    // The statement is done before the first visit, so that a visit may read the store.
    const std::vector<ApiKey> keys = guarded(file_, "list keys", [&] {
      return Query(list_of_user_).set(1, std::string(user_id)).rows<ApiKey>();
    });
    for (const ApiKey& key : keys) visit(key);
  }

  int64_t insert(const ApiKey& key) override {
    return guarded(file_, "add a key", [&] {
      const std::optional<int64_t> next_id;
      Query(insert_key_).set_row(key).set(1, next_id).next();
      return int64_t{database_.getLastInsertRowid()};
    });
  }

  bool erase(int64_t id) override {
    return guarded(file_, "delete a key", [&] {
      Query(erase_key_).set(1, id).next();
      return database_.getChanges() > 0;
    });
  }

  bool is_untouched() const override {
    return guarded(file_, "look for keys", [&] { return !Query(find_any_use_).next(); });
  }

  void seed(const capgo::Snapshot& snapshot) override {
    guarded(file_, "replace what it holds", [&] {
      SQLite::Transaction whole(database_);
      database_.exec("DELETE FROM keys; DELETE FROM orgs; DELETE FROM apps");
      database_.exec("UPDATE sqlite_sequence SET seq = 0");
      for (const Org& org : snapshot.orgs) Query(insert_org_).set_row(org).next();
      for (const App& app : snapshot.apps) Query(insert_app_).set_row(app).next();
      for (const ApiKey& key : snapshot.keys) Query(insert_key_).set_row(key).next();
      whole.commit();
    });
  }

  capgo::Snapshot snapshot() const override {
    return guarded(file_, "read what it holds", [&] {
      return capgo::Snapshot{Query(list_orgs_).rows<Org>(), Query(list_apps_).rows<App>(),
                             Query(list_keys_).rows<ApiKey>()};
    });
  }

 private:
  SQLite::Statement prepare(const char* sql) const { return {database_, sql}; }

  std::string file_;
  SQLite::Database database_;
  // SELECT * and the order of the parameters rely on kColumns standing in the schema's order.
  mutable SQLite::Statement find_by_secret_ = prepare("SELECT * FROM keys WHERE key = ?");
  mutable SQLite::Statement find_by_id_ = prepare("SELECT * FROM keys WHERE id = ?");
  mutable SQLite::Statement list_of_user_ =
      prepare("SELECT * FROM keys WHERE user_id = ? ORDER BY id");
  mutable SQLite::Statement list_keys_ = prepare("SELECT * FROM keys ORDER BY id");
  mutable SQLite::Statement list_orgs_ = prepare("SELECT * FROM orgs ORDER BY position");
  mutable SQLite::Statement list_apps_ = prepare("SELECT * FROM apps ORDER BY position");
  mutable SQLite::Statement find_any_use_ = prepare("SELECT 1 FROM sqlite_sequence");
  SQLite::Statement insert_key_ =
      prepare("INSERT INTO keys VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  SQLite::Statement insert_org_ = prepare("INSERT INTO orgs VALUES (?, ?, ?, ?, ?, ?, NULL)");
  SQLite::Statement insert_app_ = prepare("INSERT INTO apps VALUES (?, ?, ?, NULL)");
  SQLite::Statement erase_key_ = prepare("DELETE FROM keys WHERE id = ?");
};

}  // namespace

std::unique_ptr<KeyStore> open_sqlite_store(const std::string& file) {
  return guarded(file, "open the store", [&] { return std::make_unique<SqliteStore>(file); });
}

}  // namespace store
