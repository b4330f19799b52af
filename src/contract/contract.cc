#include "contract/contract.h"

#include "contract/explain.h"
#include "http/shown_path.h"

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

const json::Value* field_of(const Call& call, std::string_view name) {
  auto found = call.body.find(name);
  return found == call.body.end() ? nullptr : &*found;
}

const Wording& find_wording(const Contract& contract, const Endpoint* endpoint,
                            capgo::ErrorName error) {
  if (endpoint != nullptr) {
    for (const WordedError& own : endpoint->words) {
      if (own.error == error) return *own.wording;
    }
  }
  return contract.words[static_cast<size_t>(error)];
}

http::Response run(const Contract& contract, Call& call) {
  for (const Step& step : call.endpoint->steps) {
    auto refusal = step.run(call);
    if (!refusal) continue;
    call.refused_by = step.name;
    return refuse_with_reason(contract, step.name, *refusal, call);
  }
  return call.endpoint->render(call);
}

http::Response refuse_unknown_endpoint(const Contract& contract, std::string_view path,
                                       const Call& call) {
  std::string shown_path = http::shorten_secrets_in_path(
      path, [&](std::string_view piece) { return is_secret(call, piece); });
  std::string reason = "no " + without_secrets(call, call.request.method) + " " + shown_path +
                       " in contract " + std::string(contract.name) + ", which has";
  std::string_view separator = " ";
  for (const Endpoint& endpoint : contract.endpoints) {
    reason.append(separator).append(endpoint.method).append(" ").append(endpoint.pattern);
    separator = ", ";
  }
  return refuse_with_reason(contract, "find_endpoint", {capgo::ErrorName::not_found, reason}, call);
}

http::Response refuse_with_reason(const Contract& contract, std::string_view rule,
                                  const Refusal& refusal, const Call& call) {
  const auto* own = std::get_if<const Wording*>(&refusal.what);
  const Wording& wording =
      own != nullptr ? **own : find_wording(contract, call.endpoint, std::get<0>(refusal.what));
  http::Response response = contract.refuse(wording, refusal, call);
  response.headers.set("X-Mock-Reason",
                       http::as_header_value(std::string(rule) + ": " + refusal.reason));
  return response;
}

}  // namespace contract
