#include "contract/catalog.h"

#include <algorithm>
#include <array>

#include "contract/deployed_2026_02/deployed_2026_02.h"
#include "contract/documented/documented.h"

namespace contract {
namespace {

/// A line for each folder of a contract.
constexpr auto kContracts = std::to_array<const Contract*>({
    &kDocumented,
    &kDeployed2026February,
});

}  // namespace

std::span<const Contract* const> all() { return kContracts; }

const Contract* find_contract(std::string_view name) {
  const auto* found = std::find_if(kContracts.begin(), kContracts.end(),
                                   [&](const Contract* each) { return each->name == name; });
  return found == kContracts.end() ? nullptr : *found;
}

}  // namespace contract
