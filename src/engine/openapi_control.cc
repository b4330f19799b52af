#include <array>

#include "engine/control_schemas.h"
#include "engine/openapi.h"

/// The half of the description that tells of the control API.
namespace engine::openapi {
namespace {

/// What control calls refuse with: each with all of these, but for the conflict.
constexpr int kConflict = 409;
constexpr auto kRefusals = std::to_array<StatusText>({
    {400, "The request is not as it should be; nothing was changed"},
    {403, "A web page of another origin asks, or the admin token is missing or wrong"},
    {404, "There is nothing of this name"},
    {kConflict, "It does not go with what there is"},
    {421, "Host names another server"},
    {429, "There may be no more sandboxes"},
    {500, "The store failed; nothing was changed"},
});

Answer refusal_of(const StatusText& refusal, std::string_view schema) {
  Answer answer;
  answer.add(refusal.means, schema, {{"X-Mock-Reason", ""}});
  return answer;
}

Ordered parameters_of(const ControlRoute& route) {
  Ordered parameters = Ordered::array();
  // What is asked to go away may have any name: scenarios of files do.
  Ordered schema =
      route.method == "DELETE" ? Ordered{{"type", "string"}} : refer("schemas", "Name");
  for (const std::string& name : names_in(route.pattern)) {
    parameters.push_back({{"name", name}, {"in", "path"}, {"required", true}, {"schema", schema}});
  }
  for (const QueryField& field : route.query) {
    parameters.push_back({{"name", field.name},
                          {"in", "query"},
                          {"description", field.means},
                          {"schema", {{"type", "string"}}}});
  }
  return parameters;
}

Ordered responses_of(const ControlRoute& route, Draft& draft) {
  Answer success;
  success.add("The answer", route.gives);
  Ordered responses = {{std::to_string(route.status), response_of(success, draft)}};
  // A conflict may tell as much as a success: Verified, NotVerified.
  std::string contrary = "Not" + std::string(route.gives);
  for (const StatusText& refusal : kRefusals) {
    std::string status = std::to_string(refusal.status);
    if (refusal.status != kConflict) {
      responses[status] = refer("responses", "ControlRefused" + status);
    } else if (route.may_conflict) {
      bool has_contrary = !find_control_schema(contrary).empty();
      responses[status] =
          response_of(refusal_of(refusal, has_contrary ? contrary : "Refusal"), draft);
    }
  }
  return responses;
}

}  // namespace

void describe_control(Draft& draft) {
  for (std::span<const ControlSchema> schemas : {given_schemas(), taken_schemas()}) {
    for (const ControlSchema& schema : schemas) {
      draft.components["schemas"][std::string(schema.name)] = json::parse_ordered(schema.text);
    }
  }
  draft.components["securitySchemes"]["admin_token"] = {
      {"type", "http"},
      {"scheme", "bearer"},
      {"description", "What --admin-token gave, if it was given"}};
  for (const StatusText& refusal : kRefusals) {
    if (refusal.status == kConflict) continue;
    std::string name = "ControlRefused" + std::to_string(refusal.status);
    draft.components["responses"][name] = response_of(refusal_of(refusal, "Refusal"), draft);
  }
  for (const ControlRoute& route : control_routes()) {
    Ordered operation = make_operation(route.method, route.pattern, "control", route.summary);
    Ordered parameters = parameters_of(route);
    if (!parameters.empty()) operation["parameters"] = std::move(parameters);
    if (!route.takes.empty()) {
      operation["requestBody"] = request_body(route.takes, !may_be_left_out(route.takes));
    }
    operation["responses"] = responses_of(route, draft);
    operation["security"] = {Ordered::object(), {{"admin_token", Ordered::array()}}};
    operation_at(route.method, route.pattern, draft) = std::move(operation);
  }
}

}  // namespace engine::openapi
