#pragma once

#include <string>

#include "contract/contract.h"

namespace app {

/// One line for each contract: name, date and source.
std::string list_contracts();

/// Describes how two contracts differ: what changed, if one is the predecessor of the other, the
/// endpoints, the steps of each in order, the headers, the error responses, and one example request
/// and response for each endpoint.
std::string compare_contracts(const contract::Contract& left, const contract::Contract& right);

}  // namespace app
