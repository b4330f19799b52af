#include "contract/contract.h"

#include <algorithm>

#include "base/redact.h"
#include "base/sha256.h"
#include "contract/explain.h"

namespace contract {
namespace {

/// Returns the template of an error at an endpoint, which may be null.
const ErrorTemplate& find_template(const Contract& contract, const Endpoint* endpoint,
                                   const ApiError& error) {
  if (const auto* given = std::get_if<const ErrorTemplate*>(&error.what)) return **given;
  auto has_name = [&](const NamedError& each) { return each.name == std::get<0>(error.what); };
  if (endpoint != nullptr) {
    auto found = std::find_if(endpoint->errors.begin(), endpoint->errors.end(), has_name);
    if (found != endpoint->errors.end()) return found->error_template;
  }
  return std::find_if(contract.errors.begin(), contract.errors.end(), has_name)->error_template;
}

ApiError unknown_endpoint(const Contract& contract, std::string_view path, const Call& call) {
  std::string reason = "contract " + std::string(contract.name) + " has no endpoint " +
                       call.request.method + " " + base::redact_path(path) + "; its endpoints are";
  std::string_view separator = " ";
  for (const Endpoint& endpoint : contract.endpoints) {
    reason.append(separator).append(endpoint.method).append(" ").append(endpoint.pattern);
    separator = ", ";
  }
  return {capgo::ErrorName::not_found, std::move(reason)};
}

/// Adds to the reason of an error 400 which field of the body is ignored, and was perhaps meant.
void add_hint(const Contract& contract, const Call& call, ApiError& error) {
  if (call.endpoint->fields.empty()) return;
  if (find_template(contract, call.endpoint, error).status != 400) return;
  std::string hint = explain_ignored_field(call);
  if (!hint.empty()) error.reason += "; " + hint;
}

/// Adds X-Mock-Hint to a successful response if the request has something suspicious.
void add_hint(const Call& call, http::Response& response, journal::Exchange& exchange) {
  if (call.endpoint->fields.empty()) return;
  std::string hint = explain_ignored_field(call);
  if (hint.empty()) return;
  exchange.hint = http::to_header_value(hint);
  response.headers.set("X-Mock-Hint", exchange.hint);
}

}  // namespace

std::string unused_secret(std::string (base::Ids::*new_secret)(), base::Ids& ids,
                          const store::KeyStore& keys) {
  std::string secret = (ids.*new_secret)();
  while (keys.find_by_hash(base::sha256_hex(secret))) secret = (ids.*new_secret)();
  return secret;
}

http::Response answer(const Contract& contract, std::string_view path, Call& call,
                      journal::Exchange& exchange) {
  Rejection rejection;
  if (call.endpoint == nullptr) {
    rejection = {"find_endpoint", unknown_endpoint(contract, path, call)};
  } else {
    try {
      Outcome outcome = call.endpoint->run(call);
      if (auto* response = std::get_if<http::Response>(&outcome)) {
        add_hint(call, *response, exchange);
        return std::move(*response);
      }
      rejection = std::get<Rejection>(std::move(outcome));
      add_hint(contract, call, rejection.error);
    } catch (const store::StoreError& failure) {
      return reject_failure(contract, failure, call, exchange);
    }
  }
  exchange.rejected_by = rejection.step;
  return reject(contract, rejection.step, rejection.error, call, exchange);
}

http::Response reject_failure(const Contract& contract, const store::StoreError& failure,
                              const Call& call, journal::Exchange& exchange) {
  exchange.rejected_by = "store";
  const ApiError error{capgo::ErrorName::server_error, failure.what()};
  return reject(contract, "store", error, call, exchange);
}

http::Response reject(const Contract& contract, std::string_view rule, const ApiError& error,
                      const Call& call, journal::Exchange& exchange) {
  const ErrorTemplate& error_template = find_template(contract, call.endpoint, error);
  http::Response response = contract.render_error(error_template, error, call);
  exchange.reason = http::to_header_value(base::redact_text(error.reason));
  std::string header(rule);
  header.append(": ").append(exchange.reason);
  response.headers.set("X-Mock-Reason", http::to_header_value(header));
  return response;
}

}  // namespace contract
