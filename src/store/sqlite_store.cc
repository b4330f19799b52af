#include "store/sqlite_store.h"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Transaction.h>

#include <algorithm>
#include <utility>

#include "store/seed.h"
#include "store/sqlite_file.h"
#include "store/sqlite_query.h"

namespace store {
namespace {

using capgo::ApiKey;
using capgo::App;
using capgo::Channel;
using capgo::Org;

/// Says what to do about an error of SQLite.
std::string advice(int code) {
  switch (code) {
    case SQLITE_BUSY:
      return "the file is in use by another process; stop it or choose another file";
    case SQLITE_FULL:
    case SQLITE_IOERR:
      return "check whether the disk is full or failing";
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
      return "check the permissions of the file and its directory";
    case SQLITE_CONSTRAINT:
      return "ids and secrets of keys must be unique";
    default:
      return "the file seems damaged; restore a backup, or delete it to start over";
  }
}

/// Runs `action` and converts SQLite's exceptions to StoreErrors: `FILE: cannot NAME: ...`.
template <typename Action>
auto guarded(const std::string& file, const char* name, Action action) {
  try {
    return action();
  } catch (const SQLite::Exception& failure) {
    throw StoreError(file + ": cannot " + name + ": " + failure.what() + "; " +
                     advice(failure.getErrorCode()));
  }
}

/// The index of the parameter for secret_hash, after those of the key's members.
constexpr int kHashIndex = std::tuple_size_v<decltype(kColumns<ApiKey>)> + 1;

class SqliteStore final : public KeyStore {
 public:
  explicit SqliteStore(const std::string& file) : file_(file), database_(open_sqlite_file(file)) {
    load_cache();
  }

  std::optional<ApiKey> find_by_hash(const std::string& hash) const override {
    return guarded(file_, "find a key", [&] {
      Query query(find_by_hash_);
      return query.set(1, hash).next() ? std::optional(query.row<ApiKey>()) : std::nullopt;
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
    // The statement ends before the first visit, so that `visit` may read the store.
    const std::vector<ApiKey> keys = guarded(file_, "list keys", [&] {
      return Query(list_of_user_).set(1, std::string(user_id)).rows<ApiKey>();
    });
    for (const ApiKey& key : keys) visit(key);
  }

  void for_each(size_t max, const std::function<void(const ApiKey&)>& visit) const override {
    const capgo::KeyList keys = guarded(file_, "list keys", [&] { return first_keys(max); });
    for (const ApiKey& key : keys) visit(key);
  }

  int64_t insert(const ApiKey& key) override {
    return guarded(file_, "add a key", [&] {
      const FileGuard::Write guard(files_);
      const int64_t id = key.id != 0 ? key.id : next_id(last_id_);
      Query(insert_key_).set_row(key).set(kHashIndex, capgo::secret_hash(key)).set(1, id).next();
      last_id_ = std::max(last_id_, id);
      note_expiration(key.expires_at);
      return id;
    });
  }

  bool update(const ApiKey& key) override {
    return guarded(file_, "change a key", [&] {
      const FileGuard::Write guard(files_);
      Query(update_key_).set_row(key).set(kHashIndex, capgo::secret_hash(key)).next();
      note_expiration(key.expires_at);
      return database_.getChanges() > 0;
    });
  }

  bool erase(int64_t id) override {
    return guarded(file_, "delete a key", [&] {
      const FileGuard::Write guard(files_);
      Query(erase_key_).set(1, id).next();
      return database_.getChanges() > 0;
    });
  }

  void erase_expired_before(base::Time time) override {
    if (!earliest_expiration_ || *earliest_expiration_ >= time) return;
    guarded(file_, "remove expired keys", [&] {
      const FileGuard::Write guard(files_);
      Query(erase_expired_).set(1, time).next();
      earliest_expiration_ = find_earliest_expiration();
    });
  }

  const std::vector<Org>& orgs() const override { return orgs_; }
  const std::vector<App>& apps() const override { return apps_; }
  const std::vector<Channel>& channels() const override { return channels_; }

  bool is_untouched() const override {
    return guarded(file_, "look for keys", [&] { return !Query(find_any_sequence_).next(); });
  }

  void seed(const capgo::Snapshot& snapshot) override {
    guarded(file_, "replace the content", [&] {
      const FileGuard::Write guard(files_);
      SQLite::Transaction transaction(database_);
      database_.exec("DELETE FROM keys; DELETE FROM orgs; DELETE FROM apps; DELETE FROM channels");
      database_.exec("UPDATE sqlite_sequence SET seq = 0");
      for (const Org& org : snapshot.orgs) Query(insert_org_).set_row(org).next();
      for (const App& app : snapshot.apps) Query(insert_app_).set_row(app).next();
      for (const Channel& channel : snapshot.channels)
        Query(insert_channel_).set_row(channel).next();
      for (const ApiKey& key : snapshot.keys) {
        Query(insert_key_).set_row(key).set(kHashIndex, capgo::secret_hash(key)).next();
      }
      transaction.commit();
      load_cache();
    });
  }

  capgo::Snapshot snapshot() const override {
    return guarded(file_, "read the content", [&] {
      return capgo::Snapshot{orgs_, apps_, first_keys(SIZE_MAX), channels_};
    });
  }

 private:
  SQLite::Statement prepare(const std::string& sql) const { return {database_, sql}; }

  /// Prepares a SELECT of all rows, or of those that the clause selects.
  template <typename Row>
  SQLite::Statement select(const std::string& table, const std::string& clause) const {
    return prepare("SELECT " + column_names<Row>() + " FROM " + table + " " + clause);
  }

  template <typename Row>
  SQLite::Statement insert(const std::string& table) const {
    constexpr size_t kCount = std::tuple_size_v<decltype(kColumns<Row>)>;
    return prepare("INSERT INTO " + table + " (" + column_names<Row>() + ") VALUES (" +
                   parameters(kCount) + ")");
  }

  /// SIZE_MAX becomes -1, which is no limit to SQLite.
  capgo::KeyList first_keys(size_t max) const {
    return Query(list_keys_).set(1, static_cast<int64_t>(max)).rows<ApiKey, capgo::KeyList>();
  }

  /// Reads the data that is needed too often to query it each time.
  void load_cache() {
    orgs_ = Query(list_orgs_).rows<Org>();
    apps_ = Query(list_apps_).rows<App>();
    channels_ = Query(list_channels_).rows<Channel>();
    earliest_expiration_ = find_earliest_expiration();
    last_id_ = find_last_id();
  }

  int64_t find_last_id() const {
    Query query(find_last_id_);
    return query.next() ? query.value<int64_t>() : 0;
  }

  std::optional<base::Time> find_earliest_expiration() const {
    Query query(find_earliest_expiration_);
    return query.next() ? std::optional(query.value<base::Time>()) : std::nullopt;
  }

  void note_expiration(const std::optional<base::Time>& time) {
    if (time) earliest_expiration_ = std::min(*time, earliest_expiration_.value_or(*time));
  }

  std::string file_;
  SQLite::Database database_;
  FileGuard files_{database_.getFilename()};
  std::vector<Org> orgs_;
  std::vector<App> apps_;
  std::vector<Channel> channels_;
  /// No key expires before this. It may be too early, because keys are changed and deleted.
  std::optional<base::Time> earliest_expiration_;
  /// The highest id since the store was seeded.
  int64_t last_id_ = 0;
  mutable SQLite::Statement find_by_hash_ = select<ApiKey>("keys", "WHERE secret_hash = ?");
  mutable SQLite::Statement find_by_id_ = select<ApiKey>("keys", "WHERE id = ?");
  mutable SQLite::Statement list_of_user_ = select<ApiKey>("keys", "WHERE user_id = ? ORDER BY id");
  mutable SQLite::Statement list_keys_ = select<ApiKey>("keys", "ORDER BY id LIMIT ?");
  mutable SQLite::Statement list_orgs_ = select<Org>("orgs", "ORDER BY position");
  mutable SQLite::Statement list_apps_ = select<App>("apps", "ORDER BY position");
  mutable SQLite::Statement list_channels_ = select<Channel>("channels", "ORDER BY position");
  mutable SQLite::Statement find_any_sequence_ = prepare("SELECT 1 FROM sqlite_sequence");
  mutable SQLite::Statement find_last_id_ =
      prepare("SELECT seq FROM sqlite_sequence WHERE name = 'keys'");
  SQLite::Statement insert_key_ = prepare("INSERT INTO keys (" + column_names<ApiKey>() +
                                          ", secret_hash) VALUES (" + parameters(kHashIndex) + ")");
  SQLite::Statement update_key_ =
      prepare("UPDATE keys SET (" + column_names<ApiKey>() + ", secret_hash) = (" +
              parameters(kHashIndex) + ") WHERE id = ?1");
  SQLite::Statement insert_org_ = insert<Org>("orgs");
  SQLite::Statement insert_app_ = insert<App>("apps");
  SQLite::Statement insert_channel_ = insert<Channel>("channels");
  SQLite::Statement erase_expired_ = prepare("DELETE FROM keys WHERE expires_at < ?");
  mutable SQLite::Statement find_earliest_expiration_ = prepare(
      "SELECT expires_at FROM keys WHERE expires_at IS NOT NULL ORDER BY expires_at LIMIT 1");
  SQLite::Statement erase_key_ = prepare("DELETE FROM keys WHERE id = ?");
};

}  // namespace

std::unique_ptr<KeyStore> open_sqlite_store(const std::string& file) {
  return guarded(file, "open the store", [&] { return std::make_unique<SqliteStore>(file); });
}

}  // namespace store
