#pragma once

#include <string_view>

#include "contract/contract.h"
#include "scenario/active_scenarios.h"

namespace engine {

/// Returns what scenarios match, except for the mode of the caller. `request`, `path` and `body`
/// must outlive the result.
inline scenario::MatchInput match_input(const contract::Contract& contract,
                                        const http::Request& request, std::string_view path,
                                        json::Body& body) {
  std::string_view method = request.method;
  if (method == "HEAD") method = "GET";
  scenario::MatchInput input{request, body, method, path};
  if (auto credential = contract.credential(request.headers)) input.secret = credential->secret;
  return input;
}

}  // namespace engine
