#pragma once

#include "contract/contract.h"

namespace contract {

/// What the vendor's documents promise.
extern const Contract kDocumented;

}  // namespace contract
