#include "schema.h"

#include <doctest/doctest.h>

#include <vector>

#include "test_engine.h"

namespace schema_tests {

json::Value load_schema(const std::string& file) {
  return json::parse(test_engine::read_file(file));
}

Names names_of(const json::Value& properties) {
  Names names;
  for (const auto& [name, property] : properties.items()) names.insert(name);
  return names;
}

std::string in_quotes(const Names& names) {
  std::string text;
  for (const std::string& name : names) text += "\"" + name + "\" ";
  return text;
}

Names listed_in(const std::string& problem) {
  const std::string intro = "unknown field; the fields are ";
  size_t begin = problem.find(intro);
  REQUIRE(begin != std::string::npos);
  begin += intro.size();
  std::string list = "[" + problem.substr(begin, problem.find('\n', begin) - begin) + "]";
  auto names = json::parse(list).get<std::vector<std::string>>();
  return {names.begin(), names.end()};
}

}  // namespace schema_tests
