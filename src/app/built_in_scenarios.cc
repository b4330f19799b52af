#include "app/built_in_scenarios.h"

#include <algorithm>

#include "base/embedded_files.h"
#include "json/value.h"
#include "scenario/scenario.h"

namespace app {
namespace {

constexpr std::string_view kFolder = "scenarios/";

}  // namespace

std::vector<std::string_view> built_in_scenarios() {
  std::vector<std::string_view> names;
  for (const base::EmbeddedFile& file : base::embedded_files()) {
    if (!file.name.starts_with(kFolder) || file.name.ends_with(".schema.json")) continue;
    std::string_view name = file.name.substr(kFolder.size());
    names.push_back(name.substr(0, name.rfind(".json")));
  }
  return names;
}

std::string_view built_in_scenario(std::string_view name) {
  return base::embedded_file(std::string(kFolder) + scenario::built_in_spelling(name) + ".json");
}

std::string list_scenarios() {
  auto names = built_in_scenarios();
  size_t width = 0;
  for (std::string_view name : names) width = std::max(width, name.size());
  std::string text;
  for (std::string_view name : names) {
    auto scenario = json::parse_ordered(built_in_scenario(name));
    text += std::string(name) + std::string(width - name.size() + 2, ' ') +
            scenario["description"].get<std::string>() + "\n";
  }
  return text;
}

}  // namespace app
