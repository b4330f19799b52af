#include <doctest/doctest.h>

#include <map>
#include <regex>
#include <set>

#include "base/ascii.h"
#include "base/embedded_files.h"
#include "control/control.h"
#include "json/value.h"
#include "schema.h"
#include "test_engine.h"

namespace {

using json::Value;
using schema_tests::names_of;

Value describe(engine::Engine& engine, const std::string& target = "/__admin/openapi.json",
               const http::Headers& headers = {{"Host", "127.0.0.1:12113"}}) {
  http::Response response = engine.handle({"GET", target, headers, ""});
  REQUIRE(response.status == 200);
  CHECK(*response.headers.find("Content-Type") == "application/json");
  return json::parse(response.body);
}

test_engine::Options options_for(const contract::Contract* contract,
                                 const std::string& base_path = "") {
  test_engine::Options options;
  options.contract = contract;
  options.base_path = base_path;
  return options;
}

Value describe(const contract::Contract* contract = contract::all().front(),
               const std::string& base_path = "") {
  engine::Engine engine = test_engine::make_engine(options_for(contract, base_path));
  return describe(engine);
}

std::string as_template(std::string_view pattern) {
  return std::regex_replace(std::string(pattern), std::regex(":([a-z]+)"), "{$1}");
}

/// `delete /apikey/{id}/`
std::string operation_name(std::string_view method, std::string_view pattern) {
  return base::lower(method) + " " + as_template(pattern);
}

/// Every operation of a description by its name.
std::map<std::string, Value> operations_of(const Value& description) {
  std::map<std::string, Value> operations;
  for (const auto& path : description["paths"].items()) {
    for (const auto& member : path.value().items()) {
      if (member.key() != "servers") operations[member.key() + " " + path.key()] = member.value();
    }
  }
  return operations;
}

/// Calls `visit` with every object in a value, recursively.
template <typename Visit>
void for_each_object(const Value& value, const Visit& visit) {
  if (value.is_object()) visit(value);
  if (!value.is_structured()) return;
  for (const Value& part : value) for_each_object(part, visit);
}

/// The value, or the one it refers to.
Value resolve(const Value& description, const Value& value) {
  if (!value.contains("$ref")) return value;
  return description.at(Value::json_pointer(value["$ref"].get_ref<const std::string&>().substr(1)));
}

/// The schema in a file, with references to components that have this prefix.
Value schema_of_file(const std::string& file, const std::string& prefix) {
  std::string text = test_engine::read_file(file);
  for (size_t at = text.find("#/$defs/"); at != std::string::npos; at = text.find("#/$defs/")) {
    text.replace(at, 8, "#/components/schemas/" + prefix);
    char& initial = text[at + 21 + prefix.size()];
    initial = static_cast<char>(initial - 'a' + 'A');
  }
  Value schema = json::parse(text);
  schema.erase("$schema");
  return schema;
}

/// An error in the description.
struct DescribedError {
  std::string status;
  Value example;
  std::set<std::string> headers;
};

/// The errors of an operation by name. Checks that each is described once.
std::map<std::string, DescribedError> errors_of(const Value& description, const Value& operation) {
  std::map<std::string, DescribedError> errors;
  for (const auto& member : operation["responses"].items()) {
    Value response = resolve(description, member.value());
    if (!response.contains("content")) continue;
    Value examples = response["content"]["application/json"].value("examples", Value::object());
    for (const auto& example : examples.items()) {
      CHECK_MESSAGE(!errors.contains(example.key()), example.key());
      errors[example.key()] = {member.key(), example.value()["value"],
                               names_of(response["headers"])};
    }
  }
  return errors;
}

/// Preflights are described at two paths, and answered at more.
bool is_preflight(const contract::Endpoint& endpoint) { return endpoint.pattern.ends_with('*'); }

std::string first_pattern(const contract::Endpoint& endpoint) {
  return is_preflight(endpoint) ? "/apikey/" : std::string(endpoint.pattern);
}

http::Request request_for(const contract::Endpoint& endpoint, std::string_view error) {
  return {std::string(endpoint.method),
          std::regex_replace(first_pattern(endpoint), std::regex(":id"), "1"),
          {{"X-Mock-Scenario", std::string(error)},
           {"X-Request-Id", "request-1"},
           {"Origin", "http://localhost"}},
          ""};
}

/// A body without the times of a rate limit, which depend on the clock.
Value without_times(Value body) {
  if (body.contains("moreInfo")) {
    body["moreInfo"].erase("rateLimitResetAt");
    body["moreInfo"].erase("retryAfterSeconds");
  }
  return body;
}

}  // namespace

TEST_CASE("every control call and every endpoint is described once, and nothing else") {
  for (const contract::Contract* contract : contract::all()) {
    std::set<std::string> expected = {"options /apikey/", "options /apikey/{id}/"};
    for (const contract::Endpoint& endpoint : contract->endpoints) {
      if (is_preflight(endpoint)) continue;
      CHECK(expected.insert(operation_name(endpoint.method, endpoint.pattern)).second);
    }
    for (const control::Route& route : control::routes()) {
      CHECK(expected.insert(operation_name(route.method, route.pattern)).second);
    }
    std::set<std::string> described;
    std::set<std::string> ids;
    for (const auto& operation : operations_of(describe(contract))) {
      described.insert(operation.first);
      CHECK(ids.insert(operation.second["operationId"].get<std::string>()).second);
      CHECK_FALSE(operation.second["summary"].get<std::string>().empty());
    }
    CHECK(described == expected);
  }
}

TEST_CASE(
    "every reference of the description leads somewhere, and every component is referred to") {
  for (const contract::Contract* contract : contract::all()) {
    Value description = describe(contract);
    std::set<std::string> referred;
    for_each_object(description, [&](const Value& object) {
      if (!object.contains("$ref")) return;
      std::string pointer = object["$ref"].get<std::string>();
      CHECK_MESSAGE(description.contains(Value::json_pointer(pointer.substr(1))), pointer);
      referred.insert(pointer);
    });
    for_each_object(description["paths"], [&](const Value& object) {
      for (const Value& schemes : object.value("security", Value::array())) {
        for (const auto& scheme : schemes.items()) {
          referred.insert("#/components/securitySchemes/" + scheme.key());
        }
      }
    });
    std::set<std::string> components;
    for (const auto& kind : description["components"].items()) {
      for (const auto& component : kind.value().items()) {
        components.insert("#/components/" + kind.key() + "/" + component.key());
      }
    }
    CHECK(referred == components);
  }
}

TEST_CASE("components of the contracts and the control API have different names") {
  Value own = json::parse(base::embedded_file("control/openapi.json"))["components"];
  for (const contract::Contract* contract : contract::all()) {
    Value components = json::parse(base::embedded_file(contract->openapi_file()))["components"];
    for (const auto& kind : components.items()) {
      for (const std::string& name : names_of(kind.value())) {
        CHECK_MESSAGE(!own.value(kind.key(), Value::object()).contains(name), name);
      }
    }
  }
}

TEST_CASE("every endpoint responds with every error as described") {
  for (const contract::Contract* contract : contract::all()) {
    engine::Engine engine = test_engine::make_engine(options_for(contract));
    Value description = describe(engine);
    auto operations = operations_of(description);
    for (const contract::Endpoint& endpoint : contract->endpoints) {
      std::string name = operation_name(endpoint.method, first_pattern(endpoint));
      CAPTURE(name);
      auto errors = errors_of(description, operations.at(name));
      CHECK(errors.size() == base::kNames<capgo::ErrorName>.size());
      for (std::string_view error : base::kNames<capgo::ErrorName>) {
        CAPTURE(error);
        const DescribedError& described = errors[std::string(error)];
        http::Response response = engine.handle(request_for(endpoint, error));
        CHECK(described.status == std::to_string(response.status));
        CHECK(without_times(described.example) == without_times(json::parse(response.body)));
        for (const http::Header& line : response.headers) {
          CHECK(
              (line.name == "Content-Type" || described.headers.contains(std::string(line.name))));
        }
      }
    }
  }
}

TEST_CASE("an endpoint is described with its request, responses, steps and credentials") {
  Value description = describe();
  Value create = description["paths"]["/apikey/"]["post"];
  CHECK(create["operationId"] == "post_apikey");
  CHECK(create["tags"] == Value{"keys"});
  CHECK(create["requestBody"] == json::parse(R"({"required": true, "content": {"application/json":
      {"schema": {"$ref": "#/components/schemas/ApiKeyCreate"}}}})"));
  CHECK(create["responses"]["200"]["content"]["application/json"]["schema"]["$ref"] ==
        "#/components/schemas/ApiKeyCreateEnvelope");
  CHECK(create["description"].get<std::string>().starts_with(
      "Runs these steps until one rejects the request: `clean_up`, `authenticate`, "));
  CHECK(create["security"] ==
        json::parse(R"([{"authorization": []}, {"capgkey": []}, {"x-api-key": []}])"));

  Value preflight = description["paths"]["/apikey/{id}/"]["options"];
  CHECK(preflight["security"] == Value::array());
  CHECK(names_of(preflight["responses"]["204"]["headers"]) ==
        schema_tests::Names{"Access-Control-Allow-Headers", "Access-Control-Allow-Methods",
                            "Access-Control-Allow-Origin", "Access-Control-Expose-Headers", "Date",
                            "Vary", "X-Mock-Contract", "X-Request-Id"});
  CHECK_FALSE(preflight["responses"]["204"].contains("content"));
}

TEST_CASE(
    "every path parameter is described and required, and every query parameter is described") {
  for (const contract::Contract* contract : contract::all()) {
    Value description = describe(contract);
    auto operations = operations_of(description);
    std::map<std::string, std::set<std::string>> fields;
    for (const control::Route& route : control::routes()) {
      fields[operation_name(route.method, route.pattern)] = {route.query.begin(),
                                                             route.query.end()};
    }
    for (const auto& operation : operations) {
      CAPTURE(operation.first);
      std::set<std::string> in_path;
      std::set<std::string> in_query;
      for (const Value& each : operation.second.value("parameters", Value::array())) {
        Value parameter = resolve(description, each);
        const std::string name = parameter["name"];
        if (parameter["in"] == "query") in_query.insert(name);
        if (parameter["in"] != "path") continue;
        CHECK(parameter["required"] == true);
        in_path.insert("{" + name + "}");
      }
      std::set<std::string> expected;
      const std::regex name("\\{[a-z]+\\}");
      for (std::sregex_iterator at(operation.first.begin(), operation.first.end(), name), end;
           at != end; ++at) {
        expected.insert(at->str());
      }
      CHECK(in_path == expected);
      CHECK(in_query == fields[operation.first]);
    }
  }
}

TEST_CASE("a control call is described with its rejections and its optional body") {
  Value description = describe();
  Value verify = description["paths"]["/__admin/verify"]["post"];
  CHECK(names_of(verify["responses"]) ==
        schema_tests::Names{"200", "400", "403", "404", "409", "421", "500", "507"});
  CHECK(verify["responses"]["409"]["content"]["application/json"]["schema"]["$ref"] ==
        "#/components/schemas/NotVerified");
  CHECK(verify["requestBody"]["required"] == true);
  CHECK(verify["security"] == json::parse(R"([{}, {"admin_token": []}])"));

  Value create = description["paths"]["/__admin/sandboxes"]["post"];
  CHECK(names_of(create["responses"]) ==
        schema_tests::Names{"201", "400", "403", "404", "409", "421", "500", "507"});
  CHECK(create["responses"]["409"]["content"]["application/json"]["schema"]["$ref"] ==
        "#/components/schemas/MockError");
  CHECK(create["requestBody"]["required"] == false);
  CHECK_FALSE(description["paths"]["/__admin/requests"]["get"]["responses"].contains("409"));
}

TEST_CASE("the description names the contract, the version and where the server is") {
  engine::Engine engine = test_engine::make_engine();
  Value description = describe(engine);
  CHECK(description["openapi"] == "3.1.0");
  CHECK(description["info"]["version"] == "1.2.3");
  std::string text = description["info"]["description"].get<std::string>();
  CHECK(text.find("`documented`, as of 2026-04-23, from the vendor's public") != std::string::npos);
  CHECK(description["servers"][0]["url"] == "http://127.0.0.1:12113");
  CHECK(description["servers"][1]["url"] == "http://127.0.0.1:12113/sandbox/{name}");
  CHECK(description["servers"][1]["variables"]["name"]["default"] == "worker-1");

  Value of_sandbox = describe(engine, "/sandbox/w7/__admin/openapi.json", {});
  CHECK(of_sandbox["servers"][0]["url"] == "/");
  CHECK(of_sandbox["servers"][1]["url"] == "/sandbox/{name}");
  CHECK(of_sandbox["servers"][1]["variables"]["name"]["default"] == "worker-1");
  CHECK(of_sandbox["paths"] == description["paths"]);
  engine.handle({"GET", "/sandbox/w7/apikey/", {}, ""});
  of_sandbox = describe(engine, "/sandbox/w7/__admin/openapi.json", {});
  CHECK(of_sandbox["servers"][1]["variables"]["name"]["default"] == "w7");
}

TEST_CASE("with a base path the endpoints are described below it too, and the control API is not") {
  Value description = describe(contract::all().front(), "/functions/v1");
  std::vector<std::string> urls;
  for (const Value& server : description["paths"]["/apikey/{id}/"]["servers"]) {
    urls.push_back(server["url"].get<std::string>());
  }
  CHECK(urls == std::vector<std::string>{"http://127.0.0.1:12113",
                                         "http://127.0.0.1:12113/sandbox/{name}",
                                         "http://127.0.0.1:12113/functions/v1",
                                         "http://127.0.0.1:12113/sandbox/{name}/functions/v1"});
  CHECK(description["servers"].size() == 2);
  CHECK_FALSE(description["paths"]["/__admin/health"].contains("servers"));
}

TEST_CASE("fixture and scenario files are described as in the schemas for editors") {
  Value described = describe()["components"]["schemas"];
  struct File {
    std::string name;
    std::string prefix;
    std::string whole;
  };
  for (const File& file : {File{"fixtures/fixture.schema.json", "Fixture", "Fixtures"},
                           File{"scenarios/scenario.schema.json", "Scenario", "ScenarioFile"}}) {
    Value schema = schema_of_file(file.name, file.prefix);
    for (const auto& part : schema["$defs"].items()) {
      std::string name = part.key();
      name[0] = static_cast<char>(name[0] - 'a' + 'A');
      CAPTURE(name);
      CHECK(described[file.prefix + name] == part.value());
    }
    schema.erase("$defs");
    CHECK(described[file.whole] == schema);
  }
}

TEST_CASE("the state is described with the fields of fixture files") {
  Value described = describe()["components"]["schemas"];
  for (const auto& [state, fixture] :
       {std::pair("StateOrg", "FixtureOrg"), std::pair("StateKey", "FixtureKeyFields")}) {
    CHECK(names_of(described[state]["properties"]) == names_of(described[fixture]["properties"]));
  }
}
