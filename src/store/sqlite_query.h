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
#include "json/value.h"

/// Converts rows to parameters of SQLite statements and back. All may throw SQLite::Exception.
namespace store {

/// The members of a row in the order of the first columns of its table.
template <typename Row>
constexpr std::tuple<> kColumns;
template <>
constexpr std::tuple kColumns<capgo::ApiKey> = capgo::kKeyMembers;
template <>
constexpr std::tuple kColumns<capgo::Org>{&capgo::Org::id,
                                          &capgo::Org::name,
                                          &capgo::Org::members,
                                          &capgo::Org::require_apikey_expiration,
                                          &capgo::Org::max_apikey_expiration_days,
                                          &capgo::Org::enforce_hashed_api_keys};
template <>
constexpr std::tuple kColumns<capgo::App>{&capgo::App::id, &capgo::App::app_id,
                                          &capgo::App::owner_org};

/// Binds a value to a parameter; the first has index 1.
template <typename Value>
void write(SQLite::Statement& to, int index, const Value& value) {
  if constexpr (std::is_same_v<Value, capgo::KeyMode>) {
    to.bind(index, std::string(base::name_of(value)));
  } else if constexpr (std::is_same_v<Value, base::Time>) {
    to.bind(index, int64_t{value.time_since_epoch().count()});
  } else if constexpr (std::is_same_v<Value, std::vector<std::string>>) {
    to.bind(index, json::Value(value).dump());
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
inline void read(const SQLite::Column& from, std::vector<std::string>& value) {
  try {
    value = json::parse(from.getString()).get<std::vector<std::string>>();
  } catch (const json::Value::exception&) {
    throw SQLite::Exception("a list cannot be read", SQLITE_CORRUPT);
  }
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
    std::apply([&](auto... column) { (set(++index, row.*column), ...); }, kColumns<Row>);
    return *this;
  }

  /// Steps to the first or next row. Returns whether there is one.
  bool next() { return statement_.executeStep(); }

  /// Reads the current row.
  template <typename Row>
  Row row() const {
    Row row;
    int index = 0;
    std::apply([&](auto... column) { (read(statement_.getColumn(index++), row.*column), ...); },
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
