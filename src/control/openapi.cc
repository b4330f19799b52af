#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "base/ascii.h"
#include "base/embedded_files.h"
#include "control/control.h"
#include "json/body.h"
#include "store/memory_store.h"

/// The control call that describes all calls, as OpenAPI 3.1. It combines the openapi.json of the
/// contract and of the control API, the schemas of fixture and scenario files, and what the code
/// defines: steps, errors with their messages, and URLs.
namespace control {
namespace {

using json::Ordered;

/// Errors of mock-capgo itself on the paths of the contract.
constexpr auto kMockErrors = std::to_array<std::pair<int, std::string_view>>({
    {400, "X-Mock-Scenario names an unknown error or scenario, or the sandbox name is invalid"},
    {421, "The Host header names another server"},
    {507, "too many named sandboxes"},
});

Ordered load(std::string_view file) { return json::parse_ordered(base::embedded_file(file)); }

Ordered reference(std::string_view kind, std::string_view name) {
  return {{"$ref", "#/components/" + std::string(kind) + "/" + std::string(name)}};
}

/// All responses with one status.
struct Answer {
  std::string description = {};
  /// The names of the schemas of bodies.
  std::set<std::string> schemas = {};
  Ordered headers = Ordered::object();
  Ordered examples = Ordered::object();

  void add(std::string_view meaning, const std::string& schema) {
    description.append(description.empty() ? "" : "; ").append(meaning);
    schemas.insert(schema);
  }

  Ordered response() const {
    Ordered response = {{"description", description}};
    if (!headers.empty()) response["headers"] = headers;
    Ordered all = Ordered::array();
    for (const std::string& schema : schemas) all.push_back(reference("schemas", schema));
    Ordered& content = response["content"]["application/json"];
    content["schema"] = all.size() == 1 ? all[0] : Ordered{{"anyOf", all}};
    if (!examples.empty()) content["examples"] = examples;
    return response;
  }
};

/// The response of an endpoint to an error that a scenario injects, with every header that it can
/// have.
http::Response example_of(const contract::Contract& contract, const contract::Endpoint* endpoint,
                          capgo::ErrorName name) {
  const http::Request request = {"GET", "/apikey/", {{"Origin", "http://localhost"}}, ""};
  const http::PathParams params;
  json::Body body(request.body);
  auto keys = store::make_memory_store();
  base::Ids ids{0};
  contract::RateWindows windows;
  contract::Call call{request, body,    params,       endpoint,     *keys,
                      ids,     windows, std::nullopt, base::Time{}, "request-1"};
  call.has_queried_rights = true;
  contract::ApiError error{name, ""};
  if (name == capgo::ErrorName::rate_limited) error.retry_at = call.now;
  journal::Exchange exchange;
  http::Response response = contract::reject(contract, "scenario", error, call, exchange);
  std::string_view path = endpoint == nullptr ? "/apikey/" : endpoint->pattern;
  contract.add_headers(call, path, response);
  contract::add_mock_headers(contract, call.now, response);
  return response;
}

/// Every error of an endpoint by status; scenarios may inject any error at any endpoint. Null means
/// an endpoint that the contract does not have.
std::map<int, Answer> errors_of(const contract::Contract& contract,
                                const contract::Endpoint* endpoint) {
  std::map<int, Answer> answers;
  for (size_t i = 0; i < base::kNames<capgo::ErrorName>.size(); ++i) {
    auto error = static_cast<capgo::ErrorName>(i);
    http::Response response = example_of(contract, endpoint, error);
    Answer& answer = answers[response.status];
    answer.add(base::name_of(error), "ErrorResponse");
    for (const http::Header& line : response.headers) {
      if (line.name != "Content-Type") answer.headers[line.name] = reference("headers", line.name);
    }
    answer.examples[std::string(base::name_of(error))]["value"] =
        json::parse_ordered(response.body);
  }
  for (const auto& [status, meaning] : kMockErrors) answers[status].add(meaning, "MockError");
  return answers;
}

std::string name_of_response(int status) { return "Error" + std::to_string(status); }

/// The endpoint of an operation: `delete` and `/apikey/{id}/`.
const contract::Endpoint& endpoint_of(const contract::Contract& contract, std::string method,
                                      std::string path) {
  std::transform(method.begin(), method.end(), method.begin(), base::to_upper);
  if (size_t id = path.find("{id}"); id != std::string::npos) path.replace(id, 4, "1");
  return *http::find_route(contract.endpoints, method, path).row;
}

std::string describe_steps(const contract::Endpoint& endpoint) {
  std::string steps;
  for (const contract::Step& step : endpoint.steps) {
    steps += steps.empty() ? "Runs these steps until one rejects the request: `" : "`, `";
    steps += step.name;
  }
  return steps + "`.";
}

/// Adds the steps and errors of an endpoint to its operation. `shared` are responses that several
/// operations have.
void complete_operation(const contract::Contract& contract, const contract::Endpoint& endpoint,
                        const Ordered& shared, Ordered& operation) {
  operation["tags"] = Ordered::array({"keys"});
  if (!endpoint.steps.empty()) operation["description"] = describe_steps(endpoint);
  operation["parameters"].push_back(reference("parameters", "X-Mock-Scenario"));
  for (auto& [status, answer] : errors_of(contract, &endpoint)) {
    Ordered& response = operation["responses"][std::to_string(status)];
    if (response.is_object()) {  // A success and an error share this status.
      answer.description.insert(0, response["description"].get<std::string>() + "; ");
    }
    response = answer.response();
    std::string name = name_of_response(status);
    if (shared.contains(name) && shared[name] == response) response = reference("responses", name);
  }
}

/// The URLs of the default sandbox and of the others, with this base path.
Ordered servers(const Call& call, std::string_view base_path) {
  std::string url = url_of(call.request);
  std::string default_url = url + std::string(base_path);
  std::string sandbox = url + "/sandbox/{name}" + std::string(base_path);
  std::string name = call.sandbox.name.empty() ? "worker-1" : call.sandbox.name;
  return {
      {{"url", default_url.empty() ? "/" : default_url}, {"description", "The default sandbox"}},
      {{"url", sandbox},
       {"description", "A sandbox, created by its first request"},
       {"variables", {{"name", {{"default", name}}}}}}};
}

/// The part that describes the contract.
Ordered describe_contract(const Call& call) {
  const contract::Contract& contract = call.sandbox.contract;
  Ordered document = load(contract.openapi_file());
  Ordered& responses = document["components"]["responses"];
  for (const auto& [status, answer] : errors_of(contract, nullptr)) {
    responses[name_of_response(status)] = answer.response();
  }
  Ordered names = base::kNames<capgo::ErrorName>;
  for (const auto& each : call.sandbox.config.built_in) names.push_back(each.name);
  document["components"]["parameters"]["X-Mock-Scenario"] = {
      {"name", "X-Mock-Scenario"},
      {"in", "header"},
      {"description", "The error to respond with, or a built-in scenario for this request"},
      {"schema", {{"type", "string"}, {"enum", names}}}};
  for (const auto& [path, operations] : document["paths"].items()) {
    for (auto& [method, operation] : operations.items()) {
      complete_operation(contract, endpoint_of(contract, method, path), responses, operation);
    }
    if (call.config.base_path.empty()) continue;
    operations["servers"] = servers(call, "");
    for (Ordered& server : servers(call, call.config.base_path)) {
      operations["servers"].push_back(std::move(server));
    }
  }
  return document;
}

/// The part that describes the control API.
Ordered describe_control() {
  Ordered document = load("control/openapi.json");
  const Ordered& responses = document["components"]["responses"];
  for (auto& operations : document["paths"]) {
    for (auto& operation : operations) {
      operation["tags"] = Ordered::array({"control"});
      for (const auto& [name, response] : responses.items()) {
        operation["responses"][name.substr(name.size() - 3)] = reference("responses", name);
      }
      operation["security"] = {Ordered::object(), {{"admin_token", Ordered::array()}}};
    }
  }
  return document;
}

/// `Key` for `key`.
std::string capitalize(std::string name) {
  name[0] = base::to_upper(name[0]);
  return name;
}

/// Replaces references to `#/$defs/key` by references to the component `FixtureKey`, recursively.
void rename_references(Ordered& schema, const std::string& prefix) {
  for (auto& [name, value] : schema.items()) {
    if (name == "$ref" && value.is_string()) {
      std::string part = value.get<std::string>().substr(std::string_view("#/$defs/").size());
      value = "#/components/schemas/" + prefix + capitalize(part);
    } else if (value.is_structured()) {
      rename_references(value, prefix);
    }
  }
}

/// Adds the schema of a file as `name`, and each of its parts with a prefix: `FixtureKey`.
void add_file_schema(std::string_view file, const std::string& name, const std::string& prefix,
                     Ordered& schemas) {
  Ordered schema = load(file);
  rename_references(schema, prefix);
  for (auto& [part_name, part] : schema["$defs"].items()) {
    schemas[prefix + capitalize(part_name)] = std::move(part);
  }
  schema.erase("$defs");
  schema.erase("$schema");
  schemas[name] = std::move(schema);
}

}  // namespace

http::Response get_openapi(const Call& call) {
  const contract::Contract& contract = call.sandbox.contract;
  Ordered part = describe_contract(call);
  Ordered paths = std::move(part["paths"]);
  Ordered components = std::move(part["components"]);
  part = describe_control();
  paths.update(part["paths"]);
  components.update(part["components"], /*merge_objects=*/true);
  add_file_schema("fixtures/fixture.schema.json", "Fixtures", "Fixture", components["schemas"]);
  add_file_schema("scenarios/scenario.schema.json", "ScenarioFile", "Scenario",
                  components["schemas"]);
  std::string description =
      "The endpoints of the contract `" + std::string(contract.name) + "`, as of " +
      std::string(contract.date) + ", from " + std::string(contract.source) +
      ". Below `/__admin`, the control API of mock-capgo. HEAD is answered as GET is, without "
      "the body. Scenarios may send responses that are not described here.";
  Ordered document = {
      {"openapi", "3.1.0"},
      {"info",
       {{"title", "mock-capgo"}, {"version", call.config.version}, {"description", description}}},
      {"servers", servers(call, "")},
      {"tags",
       {{{"name", "keys"}, {"description", "The endpoints of the contract"}},
        {{"name", "control"}, {"description", "The control API of mock-capgo"}}}},
      {"paths", std::move(paths)},
      {"components", std::move(components)}};
  return contract::json_response(200, json::dump(document));
}

}  // namespace control
