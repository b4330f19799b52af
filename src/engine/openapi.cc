#include "engine/openapi.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "contract/render.h"
#include "json/body.h"

/// The control call that describes all calls, as OpenAPI 3.1: made of the tables that answer them.
namespace engine {
namespace openapi {
namespace {

struct HeaderText {
  std::string_view name;
  std::string_view type;
  std::string_view means;
};

/// What is told of the headers of answers.
constexpr auto kHeaders = std::to_array<HeaderText>({
    {"X-Mock-Contract", "string", "The name of the contract in force"},
    {"X-Mock-Reason", "string", "What refused, and why"},
    {"X-Request-Id", "string",
     "The request's own (in deployed contracts also its cf-ray), or a made-up one"},
    {"X-Worker-Source", "string", "What the service calls itself"},
    {"Retry-After", "integer", "Seconds to wait, at least 1"},
    {"X-RateLimit-Reset", "integer", "Until when to wait, in seconds since 1970"},
});

Ordered describe_header(const std::string& name) {
  const auto* known = std::find_if(kHeaders.begin(), kHeaders.end(), [&](const HeaderText& each) {
    return http::same_name(each.name, name);
  });
  if (known == kHeaders.end()) return {{"schema", {{"type", "string"}}}};
  return {{"description", known->means}, {"schema", {{"type", known->type}}}};
}

std::string in_small_letters(std::string_view text) {
  std::string small(text);
  std::transform(small.begin(), small.end(), small.begin(), [](char letter) {
    return static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
  });
  return small;
}

/// `/apikey/:id/` as OpenAPI writes it: `/apikey/{id}/`.
std::string as_template(std::string_view pattern) {
  std::string path(pattern);
  for (const std::string& name : names_in(pattern)) {
    path.replace(path.find("/:" + name), name.size() + 2, "/{" + name + "}");
  }
  return path;
}

std::string operation_id(std::string_view method, std::string_view pattern) {
  std::string id = in_small_letters(method);
  bool is_gap = true;
  for (char letter : pattern) {
    bool fits = std::isalnum(static_cast<unsigned char>(letter)) != 0;
    if (fits && is_gap) id += '_';
    if (fits) id += letter;
    is_gap = !fits;
  }
  return id;
}

Ordered json_content(Ordered schema) {
  return {{"application/json", {{"schema", std::move(schema)}}}};
}

Ordered describe_all(const ControlCall& call) {
  const contract::Contract& contract = call.sandbox.contract;
  Draft draft;
  for (const char* kind : {"schemas", "responses", "parameters", "headers", "securitySchemes"}) {
    draft.components[kind] = Ordered::object();
  }
  describe_contract(call, draft);
  describe_control(draft);
  std::string description =
      "The endpoints of the contract `" + std::string(contract.name) + "`, as of " +
      std::string(contract.date) + ", from " + std::string(contract.source) +
      ". Below `/__admin`, the control API of the emulator. HEAD is answered as GET is, without "
      "the body. Scenarios may answer in ways that are not told here.";
  return {
      {"openapi", "3.1.0"},
      {"info", {{"title", "mock-capgo"}, {"version", call.version}, {"description", description}}},
      {"servers", servers(call, "")},
      {"tags",
       {{{"name", "keys"}, {"description", "The endpoints of the contract"}},
        {{"name", "control"}, {"description", "The control API of the emulator"}}}},
      {"paths", std::move(draft.paths)},
      {"components", std::move(draft.components)}};
}

}  // namespace

void Answer::add(std::string_view meaning, std::string_view schema, const http::Headers& lines) {
  meanings.emplace_back(meaning);
  if (!schema.empty()) schemas.emplace(schema);
  for (const http::Header& line : lines) {
    bool is_known = std::find(headers.begin(), headers.end(), line.name) != headers.end();
    if (!is_known && line.name != "Content-Type") headers.push_back(line.name);
  }
}

Ordered servers(const ControlCall& call, std::string_view base_path) {
  std::string url = url_of(call.request);
  std::string plain = url + std::string(base_path);
  std::string sandbox = url + "/sandbox/{name}" + std::string(base_path);
  std::string name = call.sandbox.name.empty() ? "worker-1" : call.sandbox.name;
  return {{{"url", plain.empty() ? "/" : plain}, {"description", "The sandbox without a name"}},
          {{"url", sandbox},
           {"description", "A sandbox, which is made when it is first asked"},
           {"variables", {{"name", {{"default", name}}}}}}};
}

Ordered refer(std::string_view kind, std::string_view name) {
  return {{"$ref", "#/components/" + std::string(kind) + "/" + std::string(name)}};
}

Ordered response_of(const Answer& answer, Draft& draft) {
  std::string description;
  for (const std::string& each : answer.meanings) {
    description += (description.empty() ? "" : "; ") + each;
  }
  Ordered response = {{"description", description}};
  for (const std::string& name : answer.headers) {
    draft.components["headers"][name] = describe_header(name);
    response["headers"][name] = refer("headers", name);
  }
  if (answer.schemas.empty()) return response;
  Ordered all = Ordered::array();
  for (const std::string& schema : answer.schemas) all.push_back(refer("schemas", schema));
  Ordered content = json_content(all.size() == 1 ? all[0] : Ordered{{"anyOf", all}});
  if (!answer.examples.empty()) content["application/json"]["examples"] = answer.examples;
  response["content"] = std::move(content);
  return response;
}

Ordered request_body(std::string_view schema, bool is_required) {
  return {{"required", is_required}, {"content", json_content(refer("schemas", schema))}};
}

std::vector<std::string> names_in(std::string_view pattern) {
  std::vector<std::string> names;
  for (size_t at = pattern.find("/:"); at != std::string_view::npos; at = pattern.find("/:", at)) {
    at += 2;
    names.emplace_back(pattern.substr(at, pattern.find('/', at) - at));
  }
  return names;
}

Ordered& operation_at(std::string_view method, std::string_view pattern, Draft& draft) {
  return draft.paths[as_template(pattern)][in_small_letters(method)];
}

Ordered make_operation(std::string_view method, std::string_view pattern, std::string_view tag,
                       std::string_view summary) {
  return {{"operationId", operation_id(method, pattern)},
          {"tags", Ordered::array({tag})},
          {"summary", summary}};
}

}  // namespace openapi

http::Response tell_openapi(const ControlCall& call) {
  return contract::json_response(200, json::dump(openapi::describe_all(call)));
}

}  // namespace engine
