#pragma once

#include <span>
#include <string_view>

#include "contract/contract.h"

namespace contract {

/// Every contract there is, the default one first.
std::span<const Contract* const> all();

/// The contract of this name; null if there is none.
const Contract* find_contract(std::string_view name);

}  // namespace contract
