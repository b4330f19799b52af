#pragma once

#include <string_view>

#include "contract/contract.h"
#include "scenario/rulebook.h"

namespace engine {

/// A request as the rules of scenarios see it, but for the mode of its caller. `request` and `path`
/// must outlive it.
inline scenario::Asked as_asked(const contract::Contract& contract, const http::Request& request,
                                std::string_view path) {
  std::string_view method = request.method;
  if (method == "HEAD") method = "GET";
  scenario::Asked asked{request, method, path, std::nullopt, nullptr};
  if (auto credential = contract.credential(request.headers)) asked.secret = credential->secret;
  return asked;
}

}  // namespace engine
