#pragma once

#include <memory>
#include <string>

#include "store/key_store.h"

namespace store {

/// Opens a store in this SQLite file, and creates the file if needed. Changes survive a crash of
/// the process once the call has returned.
///
/// Locks the file until destroyed. Meanwhile this process must not open it in another way, as
/// closing it would release the lock (POSIX). Throws StoreError if the file is not a database,
/// belongs to another program, has another schema version or is in use, and then leaves it
/// unchanged; or if it is damaged or cannot be read and written.
std::unique_ptr<KeyStore> open_sqlite_store(const std::string& file);

}  // namespace store
