#include "contract/catalog.h"

#include <algorithm>
#include <array>

namespace contract {
namespace {

constexpr std::array kContracts = {&kDocumented, &kDeployed2026February, &kDeployed2026July};

}  // namespace

std::span<const Contract* const> all() { return kContracts; }

const Contract* find_contract(std::string_view name) {
  const auto* found = std::find_if(kContracts.begin(), kContracts.end(),
                                   [&](const Contract* each) { return each->name == name; });
  return found == kContracts.end() ? nullptr : *found;
}

}  // namespace contract
