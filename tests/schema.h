#pragma once

#include <doctest/doctest.h>

#include <set>
#include <string>
#include <vector>

#include "json/value.h"
#include "world.h"

/// What the tests of both schemas ask: which fields a schema names, and which the loader.
namespace schema_tests {

using Names = std::set<std::string>;

/// The schema in this file of the repository.
inline json::Value load_schema(const std::string& file) {
  return json::Value::parse(world::read_file(file));
}

inline Names names_of(const json::Value& properties) {
  Names names;
  for (const auto& [name, property] : properties.items()) names.insert(name);
  return names;
}

inline std::string in_quotes(const Names& names) {
  std::string text;
  for (const std::string& name : names) text += "\"" + name + "\" ";
  return text;
}

/// The fields that the loader itself lists in its problem with one it does not know.
inline Names listed_in(const std::string& problem) {
  const std::string intro = "there is no such field; the fields are ";
  size_t begin = problem.find(intro);
  REQUIRE(begin != std::string::npos);
  begin += intro.size();
  std::string list = "[" + problem.substr(begin, problem.find('\n', begin) - begin) + "]";
  auto names = json::Value::parse(list).get<std::vector<std::string>>();
  return {names.begin(), names.end()};
}

}  // namespace schema_tests
