#include "app/built_in_scenarios.h"

#include <algorithm>

#include "base/embedded_files.h"
#include "json/value.h"

namespace app {

std::vector<scenario::BuiltInScenario> built_in_scenarios(const contract::Contract& contract) {
  constexpr std::string_view kFolder = "scenarios/";
  const std::string public_api = contract.public_api_file();
  std::vector<scenario::BuiltInScenario> scenarios;
  for (const base::EmbeddedFile& file : base::embedded_files()) {
    bool is_scenario = file.name.starts_with(kFolder) && !file.name.ends_with(".schema.json");
    if (!is_scenario && file.name != public_api) continue;
    std::string_view name = file.name.substr(file.name.find('/') + 1);
    scenarios.push_back({name.substr(0, name.rfind(".json")), file.content});
  }
  std::sort(scenarios.begin(), scenarios.end(),
            [](const auto& a, const auto& b) { return a.name < b.name; });
  return scenarios;
}

std::vector<std::string_view> built_in_scenario_names(const contract::Contract& contract) {
  std::vector<std::string_view> names;
  for (const auto& each : built_in_scenarios(contract)) names.push_back(each.name);
  return names;
}

std::string_view built_in_scenario(const contract::Contract& contract, std::string_view name) {
  std::string spelling = scenario::built_in_spelling(name);
  for (const auto& each : built_in_scenarios(contract)) {
    if (each.name == spelling) return each.text;
  }
  return "";
}

std::string list_scenarios(const contract::Contract& contract) {
  auto scenarios = built_in_scenarios(contract);
  size_t width = 0;
  for (const auto& each : scenarios) width = std::max(width, each.name.size());
  std::string text;
  for (const auto& [name, content] : scenarios) {
    text += std::string(name) + std::string(width - name.size() + 2, ' ') +
            json::parse_ordered(content)["description"].get<std::string>() + "\n";
  }
  return text;
}

}  // namespace app
