#pragma once

#include <set>
#include <string>

#include "json/value.h"

/// Helpers to compare the fields of a schema with those of its loader.
namespace schema_tests {

using Names = std::set<std::string>;

/// The schema in this file of the repository.
json::Value load_schema(const std::string& file);

Names names_of(const json::Value& properties);

std::string in_quotes(const Names& names);

/// The fields that the loader lists in its problem with an unknown field.
Names listed_in(const std::string& problem);

}  // namespace schema_tests
