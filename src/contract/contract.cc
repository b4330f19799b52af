#include "contract/contract.h"

namespace contract {

Route find_endpoint(const Contract& contract, std::string_view method, std::string_view path) {
  if (method == "HEAD") method = "GET";
  for (const Endpoint& endpoint : contract.endpoints) {
    if (endpoint.method != method) continue;
    if (auto params = http::match_path(endpoint.pattern, path)) {
      return {&endpoint, std::move(*params)};
    }
  }
  return {};
}

http::Response run(const Contract& contract, const Endpoint& endpoint, Call& call) {
  for (const Step& step : endpoint.steps) {
    if (auto refusal = step.run(call))
      return refuse_with_reason(contract, step.name, *refusal, call.now);
  }
  return endpoint.render(call);
}

http::Response refuse_unknown_endpoint(const Contract& contract, std::string_view method,
                                       std::string_view path, base::Time now) {
  std::string reason = "no " + std::string(method) + " " + capgo::shorten_secret_in_path(path) +
                       " in contract " + std::string(contract.name) + ", which has";
  std::string_view separator = " ";
  for (const Endpoint& endpoint : contract.endpoints) {
    reason.append(separator).append(endpoint.method).append(" ").append(endpoint.pattern);
    separator = ", ";
  }
  return refuse_with_reason(contract, "find_endpoint", {capgo::ErrorName::not_found, reason}, now);
}

http::Response refuse_with_reason(const Contract& contract, std::string_view rule,
                                  const Refusal& refusal, base::Time now) {
  http::Response response = contract.refuse(refusal, now);
  response.headers.set("X-Mock-Reason",
                       http::as_header_value(std::string(rule) + ": " + refusal.reason));
  return response;
}

}  // namespace contract
