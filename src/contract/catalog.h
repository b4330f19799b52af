#pragma once

#include <span>
#include <string_view>

#include "contract/contract.h"

namespace contract {

// One for each folder of a contract.
extern const Contract kDocumented;
extern const Contract kDeployed2026February;
extern const Contract kDeployed2026July;

/// All contracts, the default one first.
std::span<const Contract* const> all();

/// Returns the contract with this name; null if there is none.
const Contract* find_contract(std::string_view name);

}  // namespace contract
