#pragma once

#include <string>

#include "contract/contract.h"

namespace app {

/// One line for each contract: name, date and source.
std::string list_contracts();

/// Describes how two contracts differ: the endpoints, the steps of each in order, the headers, the
/// error responses, and the responses to one example request for each endpoint.
std::string compare_contracts(const contract::Contract& left, const contract::Contract& right);

}  // namespace app
