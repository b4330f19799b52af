#pragma once

#include <memory>
#include <string>

#include "store/key_store.h"

namespace store {

/// Opens a store kept in this SQLite file, and makes the file if there is none. What insert, erase
/// and seed have returned from survives the end of this process, however it comes.
///
/// Holds the file for itself until destroyed; this process must not open it in another way
/// meanwhile, as closing it again would let go of the lock (POSIX). Throws StoreError if the file
/// is no database, is another program's, has another schema version, or is in use, and then leaves
/// it as it was; or if it is damaged or cannot be read and written.
std::unique_ptr<KeyStore> open_sqlite_store(const std::string& file);

}  // namespace store
