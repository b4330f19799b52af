#pragma once

#include <SQLiteCpp/Database.h>

#include <string>

namespace store {

/// Opens a database of ours for this process alone, and makes the file and its tables if there is
/// none. Throws StoreError if the file is not one that we may use, SQLite::Exception if SQLite
/// fails.
SQLite::Database open_sqlite_file(const std::string& file);

}  // namespace store
