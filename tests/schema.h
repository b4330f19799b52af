#pragma once

#include <set>
#include <string>

#include "json/value.h"

/// What the tests of schemas ask: which fields a schema names, and which the loader.
namespace schema_tests {

using Names = std::set<std::string>;

/// The schema in this file of the repository.
json::Value load_schema(const std::string& file);

Names names_of(const json::Value& properties);

std::string in_quotes(const Names& names);

/// The fields that the loader itself lists in its problem with one it does not know.
Names listed_in(const std::string& problem);

}  // namespace schema_tests
