#pragma once

#include <SQLiteCpp/Column.h>
#include <SQLiteCpp/Exception.h>
#include <SQLiteCpp/Statement.h>
#include <sqlite3.h>

#include <chrono>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <vector>

#include "capgo/api_key.h"
#include "store/sqlite_json.h"

/// Converts rows to parameters of SQLite statements and back. All may throw SQLite::Exception.
namespace store {

/// A column of a table, and the member of a row that is in it.
template <typename Row, typename Value>
struct Column {
  const char* name;
  Value Row::*member;
};
template <typename Row, typename Value>
Column(const char*, Value Row::*) -> Column<Row, Value>;

/// The columns that hold the members of a row.
template <typename Row>
constexpr std::tuple<> kColumns;
template <>
constexpr std::tuple kColumns<capgo::ApiKey>{
    Column{"id", &capgo::ApiKey::id},
    Column{"key", &capgo::ApiKey::key},
    Column{"key_hash", &capgo::ApiKey::key_hash},
    Column{"mode", &capgo::ApiKey::mode},
    Column{"name", &capgo::ApiKey::name},
    Column{"user_id", &capgo::ApiKey::user_id},
    Column{"created_at", &capgo::ApiKey::created_at},
    Column{"updated_at", &capgo::ApiKey::updated_at},
    Column{"expires_at", &capgo::ApiKey::expires_at},
    Column{"limited_to_apps", &capgo::ApiKey::limited_to_apps},
    Column{"limited_to_orgs", &capgo::ApiKey::limited_to_orgs},
    Column{"rbac_id", &capgo::ApiKey::rbac_id},
    Column{"rights", &capgo::ApiKey::rights}};
template <>
constexpr std::tuple kColumns<capgo::Org>{
    Column{"id", &capgo::Org::id},
    Column{"name", &capgo::Org::name},
    Column{"members", &capgo::Org::members},
    Column{"require_apikey_expiration", &capgo::Org::require_apikey_expiration},
    Column{"max_apikey_expiration_days", &capgo::Org::max_apikey_expiration_days},
    Column{"enforce_hashed_api_keys", &capgo::Org::enforce_hashed_api_keys}};
template <>
constexpr std::tuple kColumns<capgo::App>{Column{"id", &capgo::App::id},
                                          Column{"app_id", &capgo::App::app_id},
                                          Column{"owner_org", &capgo::App::owner_org}};
template <>
constexpr std::tuple kColumns<capgo::Channel>{
    Column{"id", &capgo::Channel::id}, Column{"rbac_id", &capgo::Channel::rbac_id},
    Column{"name", &capgo::Channel::name}, Column{"app_id", &capgo::Channel::app_id}};

/// The names of the columns, separated by commas.
template <typename Row>
std::string column_names() {
  std::string names;
  std::apply(
      [&](const auto&... column) {
        ((names.append(names.empty() ? "" : ", ").append(column.name)), ...);
      },
      kColumns<Row>);
  return names;
}

/// `?1, ?2` for two parameters.
inline std::string parameters(size_t count) {
  std::string list;
  for (size_t index = 1; index <= count; ++index) {
    list += (index == 1 ? "?" : ", ?") + std::to_string(index);
  }
  return list;
}

/// Binds a value to a parameter; the first has index 1.
template <typename Value>
void write(SQLite::Statement& to, int index, const Value& value) {
  if constexpr (std::is_same_v<Value, capgo::KeyMode>) {
    to.bind(index, std::string(base::name_of(value)));
  } else if constexpr (std::is_same_v<Value, base::Time>) {
    to.bind(index, int64_t{value.time_since_epoch().count()});
  } else if constexpr (requires { to_json(value); }) {
    to.bind(index, to_json(value));
  } else {
    to.bind(index, value);
  }
}
template <typename Value>
void write(SQLite::Statement& to, int index, const std::optional<Value>& value) {
  value ? write(to, index, *value) : to.bind(index);
}

inline void read(const SQLite::Column& from, int64_t& value) { value = from.getInt64(); }
inline void read(const SQLite::Column& from, bool& value) { value = from.getInt() != 0; }
inline void read(const SQLite::Column& from, std::string& value) { value = from.getString(); }
inline void read(const SQLite::Column& from, base::Time& value) {
  value = base::Time(std::chrono::microseconds(from.getInt64()));
}
inline void read(const SQLite::Column& from, capgo::KeyMode& value) {
  auto mode = base::parse_name<capgo::KeyMode>(from.getString());
  if (!mode) throw SQLite::Exception("a key has an unknown mode", SQLITE_CORRUPT);
  value = *mode;
}
template <typename Value>
void read(const SQLite::Column& from, Value& value) {
  from_json(from.getString(), value);
}
template <typename Value>
void read(const SQLite::Column& from, std::optional<Value>& value) {
  value.reset();
  if (!from.isNull()) read(from, value.emplace());
}

/// One execution of a prepared statement, which it resets at the end.
class Query {
 public:
  explicit Query(SQLite::Statement& statement) : statement_(statement) {}
  ~Query() { statement_.tryReset(); }
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;

  /// Binds the parameter with this index; the first is 1.
  template <typename Value>
  Query& set(int index, const Value& value) {
    write(statement_, index, value);
    return *this;
  }

  /// Binds one parameter for each column of the row.
  template <typename Row>
  Query& set_row(const Row& row) {
    int index = 0;
    std::apply([&](auto... column) { (set(++index, row.*column.member), ...); }, kColumns<Row>);
    return *this;
  }

  /// Steps to the first or next row. Returns whether there is one.
  bool next() { return statement_.executeStep(); }

  /// Reads the current row.
  template <typename Row>
  Row row() const {
    Row row;
    int index = 0;
    std::apply(
        [&](auto... column) { (read(statement_.getColumn(index++), row.*column.member), ...); },
        kColumns<Row>);
    return row;
  }

  /// Reads the first column of the current row.
  template <typename Value>
  Value value() const {
    Value value;
    read(statement_.getColumn(0), value);
    return value;
  }

  /// Reads all remaining rows.
  template <typename Row, typename Rows = std::vector<Row>>
  Rows rows() {
    Rows rows;
    while (next()) rows.push_back(row<Row>());
    return rows;
  }

 private:
  SQLite::Statement& statement_;
};

}  // namespace store
