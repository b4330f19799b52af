#pragma once

#include <SQLiteCpp/Database.h>

#include <string>

namespace store {

/// Opens a database of mock-capgo for this process only, and creates the file and the tables if
/// needed. Throws StoreError if the file must not be used, SQLite::Exception if SQLite fails.
SQLite::Database open_sqlite_file(const std::string& file);

}  // namespace store
