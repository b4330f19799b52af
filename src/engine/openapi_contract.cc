#include <array>
#include <map>

#include "engine/openapi.h"
#include "store/memory_store.h"

/// The half of the description that tells of the contract in force.
namespace engine::openapi {
namespace {

using Answers = std::map<int, Answer>;

/// What the emulator itself refuses with, beside what the contract says.
constexpr auto kOwnRefusals = std::to_array<StatusText>({
    {400, "X-Mock-Scenario names no error, or the path names a sandbox that cannot be"},
    {421, "Host names another server"},
    {429, "there may be no more sandboxes"},
});

/// Has a contract answer as it would, in a world without keys: for statuses, headers and words.
class Rehearsal {
 public:
  explicit Rehearsal(const contract::Contract& contract) : contract_(contract) {}

  /// What comes if nothing refuses.
  http::Response succeed(const contract::Endpoint& endpoint) {
    contract::Call call = make_call(&endpoint);
    return finish(call, endpoint.render(call));
  }

  /// An error of an endpoint; of those that word none in their own way if it is null.
  http::Response refuse(const contract::Endpoint* endpoint, capgo::ErrorName error) {
    contract::Call call = make_call(endpoint);
    contract::Refusal refusal{error, ""};
    if (error == capgo::ErrorName::rate_limited) refusal.retry_at = call.now;
    return finish(call, contract::refuse_with_reason(contract_, "scenario", refusal, call));
  }

 private:
  contract::Call make_call(const contract::Endpoint* endpoint) {
    return {request_, params_,      endpoint,     *keys_,     ids_,
            windows_, std::nullopt, base::Time{}, "request-1"};
  }

  http::Response finish(const contract::Call& call, http::Response response) const {
    std::string_view path = call.endpoint == nullptr ? "/apikey/" : call.endpoint->pattern;
    contract_.finish(call, path, response);
    response.headers.set("X-Mock-Contract", std::string(contract_.name));
    return response;
  }

  const contract::Contract& contract_;
  const http::Request request_ = {"GET", "/apikey/", {}, ""};
  const http::PathParams params_;
  std::unique_ptr<store::KeyStore> keys_ = store::make_memory_store();
  base::Ids ids_{0};
  contract::RateWindows windows_;
};

/// Adds every refusal of an endpoint, or of those that word none in their own way. A scenario may
/// ask any endpoint for any error.
void add_refusals(Rehearsal& rehearsal, const contract::Endpoint* endpoint, Answers& answers) {
  for (size_t i = 0; i < capgo::kErrorNames.size(); ++i) {
    std::string name(capgo::kErrorNames[i]);
    http::Response response = rehearsal.refuse(endpoint, static_cast<capgo::ErrorName>(i));
    Answer& answer = answers[response.status];
    answer.add(name, "ErrorResponse", response.headers);
    answer.examples[name]["value"] = json::parse_ordered(response.body);
  }
  for (const StatusText& own : kOwnRefusals) answers[own.status].add(own.means, "Refusal");
}

std::string name_of_refusal(int status) { return "Refused" + std::to_string(status); }

void describe_shared_refusals(Rehearsal& rehearsal, Draft& draft) {
  Answers answers;
  add_refusals(rehearsal, nullptr, answers);
  for (const auto& [status, answer] : answers) {
    draft.components["responses"][name_of_refusal(status)] = response_of(answer, draft);
  }
}

Ordered responses_of(const contract::Endpoint& endpoint, Rehearsal& rehearsal, Draft& draft) {
  Answers answers;
  http::Response success = rehearsal.succeed(endpoint);
  answers[success.status].add("The answer", endpoint.description.gives, success.headers);
  add_refusals(rehearsal, &endpoint, answers);
  Ordered responses;
  const Ordered& shared = draft.components["responses"];
  for (const auto& [status, answer] : answers) {
    std::string name = name_of_refusal(status);
    Ordered response = response_of(answer, draft);
    bool is_shared = shared.contains(name) && shared[name] == response;
    responses[std::to_string(status)] = is_shared ? refer("responses", name) : std::move(response);
  }
  return responses;
}

/// `own` are the components of the endpoint.
Ordered parameters_of(const contract::Endpoint& endpoint, std::string_view pattern,
                      const Ordered& own) {
  Ordered parameters = Ordered::array();
  for (const std::string& name : names_in(pattern)) parameters.push_back(refer("parameters", name));
  for (const auto& [name, parameter] : own["parameters"].items()) {
    bool is_taken = !endpoint.steps.empty() && parameter["in"] == "header";
    if (is_taken) parameters.push_back(refer("parameters", name));
  }
  parameters.push_back(refer("parameters", "X-Mock-Scenario"));
  return parameters;
}

Ordered security_of(const contract::Endpoint& endpoint, const Ordered& own) {
  Ordered security = Ordered::array();
  if (endpoint.steps.empty()) return security;
  for (const auto& [name, scheme] : own["securitySchemes"].items()) {
    security.push_back({{name, Ordered::array()}});
  }
  return security;
}

std::string steps_of(const contract::Endpoint& endpoint) {
  std::string steps;
  for (const contract::Step& step : endpoint.steps) {
    steps += steps.empty() ? "Goes through these steps until one refuses: `" : "`, `";
    steps += step.name;
  }
  return steps + "`.";
}

/// The endpoint's own pattern; for one with a `*`, those of other endpoints that it matches.
std::vector<std::string_view> patterns_of(const contract::Endpoint& endpoint,
                                          const contract::Contract& contract) {
  if (!endpoint.pattern.ends_with('*')) return {endpoint.pattern};
  std::vector<std::string_view> patterns;
  for (const contract::Endpoint& other : contract.endpoints) {
    if (other.pattern.ends_with('*')) continue;
    if (http::match_path(endpoint.pattern, other.pattern)) patterns.push_back(other.pattern);
  }
  return patterns;
}

}  // namespace

void describe_contract(const ControlCall& call, Draft& draft) {
  const contract::Contract& contract = call.sandbox.contract;
  Rehearsal rehearsal(contract);
  describe_shared_refusals(rehearsal, draft);
  draft.components["parameters"]["X-Mock-Scenario"] = {
      {"name", "X-Mock-Scenario"},
      {"in", "header"},
      {"description", "The error to be refused with"},
      {"schema", {{"type", "string"}, {"enum", capgo::kErrorNames}}}};
  for (const contract::Endpoint& endpoint : contract.endpoints) {
    const contract::Description& told = endpoint.description;
    Ordered own = json::parse_ordered(told.components);
    for (const auto& [kind, parts] : own.items()) draft.components[kind].update(parts);
    for (std::string_view pattern : patterns_of(endpoint, contract)) {
      Ordered operation = make_operation(endpoint.method, pattern, "keys", told.summary);
      if (!endpoint.steps.empty()) operation["description"] = steps_of(endpoint);
      operation["parameters"] = parameters_of(endpoint, pattern, own);
      if (!told.takes.empty()) operation["requestBody"] = request_body(told.takes, true);
      operation["responses"] = responses_of(endpoint, rehearsal, draft);
      operation["security"] = security_of(endpoint, own);
      operation_at(endpoint.method, pattern, draft) = std::move(operation);
    }
  }
  if (call.base_path.empty()) return;
  Ordered all = servers(call, "");
  for (Ordered& server : servers(call, call.base_path)) all.push_back(std::move(server));
  for (Ordered& path : draft.paths) path["servers"] = all;
}

}  // namespace engine::openapi
