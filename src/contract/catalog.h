#pragma once

#include <span>
#include <string_view>

#include "contract/contract.h"

namespace contract {

/// What the vendor's documents promise.
extern const Contract kDocumented;
/// What the service really did in February 2026.
extern const Contract kDeployed2026February;

/// Every contract there is, the default one first.
std::span<const Contract* const> all();

/// The contract of this name; null if there is none.
const Contract* find_contract(std::string_view name);

}  // namespace contract
