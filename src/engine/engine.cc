#include "engine/engine.h"

#include "base/suggest.h"
#include "engine/control.h"

namespace engine {
namespace {

/// Runs the endpoint's steps, or says that there is no such endpoint.
http::Response answer(const contract::Contract& contract, std::string_view path,
                      contract::Call& call) {
  if (call.endpoint == nullptr) return contract::refuse_unknown_endpoint(contract, path, call);
  try {
    return contract::run(contract, call);
  } catch (const store::StoreError& error) {
    return contract::refuse_with_reason(contract, "store",
                                        {capgo::ErrorName::server_error, error.what()}, call);
  }
}

/// An error that no step found but somebody asked for. Who calls is looked up for what some
/// contracts tell beside it.
http::Response inject(const contract::Contract& contract, capgo::ErrorName error,
                      std::string_view rule, std::string reason, contract::Call& call) {
  auto credential = contract.credential(call.request.headers);
  if (credential) call.caller = call.keys.find_by_secret(credential->secret);
  contract::Refusal refusal{error, std::move(reason)};
  if (error == capgo::ErrorName::rate_limited)
    refusal.retry_at = call.now + std::chrono::minutes{1};
  return contract::refuse_with_reason(contract, rule, refusal, call);
}

/// The error a request asks for itself. (X-Mock-Scenario)
std::optional<http::Response> requested_error(const contract::Contract& contract,
                                              contract::Call& call) {
  const std::string* name = call.request.headers.find("X-Mock-Scenario");
  if (name == nullptr) return std::nullopt;
  if (auto error = capgo::parse_error_name(*name)) {
    return inject(contract, *error, "X-Mock-Scenario", "the request asked for " + *name, call);
  }
  std::string names;
  for (std::string_view each : capgo::kErrorNames) names += " " + std::string(each);
  std::string problem = "X-Mock-Scenario: there is no error named \"" + *name + "\"" +
                        base::did_you_mean(*name, capgo::kErrorNames);
  auto response = refuse_control(400, problem, {"the errors are:" + names});
  response.headers.set("X-Mock-Reason", http::as_header_value(problem));
  return response;
}

/// The rule of a scenario that acts on this request, if one does; it is counted.
std::optional<scenario::Decision> decide(Sandbox& sandbox, const http::Request& request,
                                         std::string_view path) REQUIRES(sandbox.mutex) {
  if (sandbox.rules.empty()) return std::nullopt;
  auto credential = sandbox.contract.credential(request.headers);
  std::string_view method = request.method;
  if (method == "HEAD") method = "GET";
  scenario::Asked asked{request, method, path, std::nullopt, nullptr};
  if (credential) asked.secret = credential->secret;
  const store::KeyStore& keys = *sandbox.keys;
  asked.caller_mode = [&]() -> std::optional<capgo::KeyMode> {
    auto caller = credential ? keys.find_by_secret(credential->secret) : std::nullopt;
    if (!caller) return std::nullopt;
    return caller->mode;
  };
  return sandbox.rules.decide(asked);
}

/// The answer a rule gives instead of the contract, if it gives one.
std::optional<http::Response> scripted_answer(const contract::Contract& contract,
                                              const std::optional<scenario::Decision>& decision,
                                              contract::Call& call) {
  if (!decision) return std::nullopt;
  std::string rule = "scenario " + decision->source;
  if (auto error = decision->act->error) {
    return inject(contract, *error, rule, "error " + std::string(capgo::error_name(*error)), call);
  }
  if (!decision->act->respond) return std::nullopt;
  http::Response response = *decision->act->respond;
  response.headers.set("X-Mock-Reason", http::as_header_value(rule + ": respond"));
  return response;
}

/// What a rule does to the wire, as data for the transport.
void misbehave(const std::optional<scenario::Decision>& decision, http::Response& response) {
  if (!decision) return;
  response.delay = decision->delay;
  response.fault = decision->act->fault;
  response.dribble = decision->act->dribble;
}

}  // namespace

Engine::Engine(Setup setup)
    : base_path_(std::move(setup.base_path)),
      version_(std::move(setup.version)),
      sandbox_(setup.contract, std::move(setup.keys), setup.clock, setup.seed, setup.rate_limit) {
  base::MutexLock lock(sandbox_.mutex);
  for (scenario::Scenario& scenario : setup.scenarios) sandbox_.rules.add(std::move(scenario));
}

http::Response Engine::handle(const http::Request& request) {
  std::string_view path = without_base_path(request.path());
  if (is_control_path(path)) return control(request, path, sandbox_, version_);

  Sandbox& sandbox = sandbox_;
  const contract::Contract& contract = sandbox.contract;
  contract::Route route = contract::find_endpoint(contract, request.method, path);

  base::MutexLock lock(sandbox.mutex);
  contract::Call call{request,
                      route.params,
                      route.endpoint,
                      *sandbox.keys,
                      sandbox.ids,
                      sandbox.windows,
                      sandbox.rate_limit,
                      sandbox.clock.now(),
                      contract.request_id(request, sandbox.ids)};
  std::optional<scenario::Decision> decision;
  std::optional<http::Response> response = requested_error(contract, call);
  if (!response) {
    decision = decide(sandbox, request, path);
    response = scripted_answer(contract, decision, call);
  }
  if (!response) response = answer(contract, path, call);

  misbehave(decision, *response);
  contract.finish(call, path, *response);
  response->headers.set("X-Mock-Contract", std::string(contract.name));
  return *std::move(response);
}

capgo::Snapshot Engine::snapshot() {
  base::MutexLock lock(sandbox_.mutex);
  return sandbox_.keys->snapshot();
}

std::string_view Engine::without_base_path(std::string_view path) const {
  if (base_path_.empty() || !path.starts_with(base_path_)) return path;
  std::string_view rest = path.substr(base_path_.size());
  return rest.starts_with('/') ? rest : path;
}

}  // namespace engine
