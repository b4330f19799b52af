#pragma once

#include "contract/contract.h"

namespace contract {

/// What the service really did in February 2026.
extern const Contract kDeployed2026February;

}  // namespace contract
