#pragma once

#include <string>
#include <vector>

#include "capgo/api_key.h"

/// Values that SQLite stores as JSON text. Reading throws SQLite::Exception if the text has another
/// form.
namespace store {

std::string to_json(const std::vector<std::string>& strings);
/// An `org_super_admin` is a string, so that files of schema version 3 have the same form.
std::string to_json(const std::vector<capgo::Member>& members);
std::string to_json(const capgo::Rights& rights);

void from_json(const std::string& json, std::vector<std::string>& strings);
void from_json(const std::string& json, std::vector<capgo::Member>& members);
void from_json(const std::string& json, capgo::Rights& rights);

}  // namespace store
