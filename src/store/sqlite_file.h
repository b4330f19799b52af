#pragma once

#include <SQLiteCpp/Database.h>

#include <sys/types.h>

#include <array>
#include <string>

namespace store {

/// Notices that another program deleted, replaced or truncated a database in use. SQLite does not:
/// it would go on writing to a file that nobody finds any more.
class FileGuard {
 public:
  /// Takes the path of the database. Its WAL may not be there yet.
  explicit FileGuard(const std::string& database);

  /// Exists during a write: checks the files before it, and records them after it.
  class Write {
   public:
    /// Throws StoreError if a file is not the one after the last write, or is smaller.
    explicit Write(FileGuard& guard) : guard_(guard) { guard_.check(); }
    ~Write() { guard_.record(); }
    Write(const Write&) = delete;
    Write& operator=(const Write&) = delete;

   private:
    FileGuard& guard_;
  };

 private:
  struct File {
    std::string path;
    dev_t device = 0;
    /// 0 if there is no such file.
    ino_t inode = 0;
    off_t size = 0;
  };

  static File look_at(const std::string& path);
  void check() const;
  void record();

  std::array<File, 2> files_;
};

/// Opens a database of mock-capgo for this process only, and creates the file and the tables if
/// needed. Throws StoreError if the file must not be used, SQLite::Exception if SQLite fails.
SQLite::Database open_sqlite_file(const std::string& file);

}  // namespace store
