#include "engine/engine.h"

#include "base/suggest.h"
#include "engine/control.h"

namespace engine {
namespace {

/// Runs the endpoint's steps, or says that there is no such endpoint.
http::Response answer(Sandbox& sandbox, const contract::Route& route, const http::Request& request,
                      std::string_view path) REQUIRES(sandbox.mutex) {
  base::Time now = sandbox.clock.now();
  if (route.endpoint == nullptr) {
    return contract::refuse_unknown_endpoint(sandbox.contract, request.method, path, now);
  }
  contract::Call call{request, route.params, *sandbox.keys, sandbox.ids, now};
  try {
    return contract::run(sandbox.contract, *route.endpoint, call);
  } catch (const store::StoreError& error) {
    return contract::refuse_with_reason(sandbox.contract, "store",
                                        {capgo::ErrorName::server_error, error.what()}, now);
  }
}

/// The error a request asks for itself. (X-Mock-Scenario)
std::optional<http::Response> requested_error(Sandbox& sandbox, const http::Request& request)
    REQUIRES(sandbox.mutex) {
  const std::string* name = request.headers.find("X-Mock-Scenario");
  if (name == nullptr) return std::nullopt;
  if (auto error = capgo::parse_error_name(*name)) {
    return contract::refuse_with_reason(sandbox.contract, "X-Mock-Scenario",
                                        {*error, "the request asked for " + *name},
                                        sandbox.clock.now());
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
std::optional<http::Response> scripted_answer(Sandbox& sandbox,
                                              const std::optional<scenario::Decision>& decision)
    REQUIRES(sandbox.mutex) {
  if (!decision) return std::nullopt;
  if (auto error = decision->act->error) {
    std::string reason = "error " + std::string(capgo::error_name(*error));
    return contract::refuse_with_reason(sandbox.contract, "scenario " + decision->source,
                                        {*error, reason}, sandbox.clock.now());
  }
  if (!decision->act->respond) return std::nullopt;
  http::Response response = *decision->act->respond;
  response.headers.set("X-Mock-Reason",
                       http::as_header_value("scenario " + decision->source + ": respond"));
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
      sandbox_(setup.contract, std::move(setup.keys), setup.clock, setup.seed) {
  base::MutexLock lock(sandbox_.mutex);
  for (scenario::Scenario& scenario : setup.scenarios) sandbox_.rules.add(std::move(scenario));
}

http::Response Engine::handle(const http::Request& request) {
  std::string_view path = without_base_path(request.path());
  if (is_control_path(path)) return control(request, path, sandbox_.contract, version_);

  Sandbox& sandbox = sandbox_;
  contract::Route route = contract::find_endpoint(sandbox.contract, request.method, path);

  base::MutexLock lock(sandbox.mutex);
  std::optional<scenario::Decision> decision;
  std::optional<http::Response> response = requested_error(sandbox, request);
  if (!response) {
    decision = decide(sandbox, request, path);
    response = scripted_answer(sandbox, decision);
  }
  if (!response) response = answer(sandbox, route, request, path);

  misbehave(decision, *response);
  sandbox.contract.finish(request, path, sandbox.ids, *response);
  response->headers.set("X-Mock-Contract", std::string(sandbox.contract.name));
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
