#pragma once

#include <string>

#include "contract/contract.h"

namespace app {

/// Every contract with its date and its source, a line each.
std::string list_contracts();

/// Where two contracts differ, made from their tables: endpoints, the steps of each endpoint in
/// their order, the words of each rejection, and what each answers to an example of each endpoint.
std::string compare_contracts(const contract::Contract& left, const contract::Contract& right);

}  // namespace app
