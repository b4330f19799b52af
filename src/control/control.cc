#include "control/control.h"

#include <algorithm>
#include <array>
#include <memory>
#include <set>
#include <utility>

#include "base/redact.h"
#include "base/suggest.h"
#include "control/console.h"

namespace control {
namespace {

constexpr auto kRequestFields =
    std::to_array<std::string_view>({"method", "path", "status", "since", "limit"});

constexpr auto kRoutes = std::to_array<Route>({
    {"GET", "/__admin/health", get_health, Scope::server},
    {"GET", "/__admin/openapi.json", get_openapi, Scope::server},
    {"POST", "/__admin/reset", reset_sandbox},
    {"GET", "/__admin/state", export_state},
    {"PUT", "/__admin/state", import_state},
    {"POST", "/__admin/keys", add_key},
    {"DELETE", "/__admin/keys/:id", delete_key},
    {"POST", "/__admin/tokens", create_token},
    {"GET", "/__admin/requests", list_requests, Scope::sandbox, kRequestFields},
    {"DELETE", "/__admin/requests", clear_requests},
    {"POST", "/__admin/verify", verify_requests},
    {"GET", "/__admin/scenarios", list_scenarios},
    {"GET", "/__admin/scenarios/:name", get_scenario},
    {"PUT", "/__admin/scenarios/:name", put_scenario},
    {"DELETE", "/__admin/scenarios/:name", remove_scenario},
    {"DELETE", "/__admin/scenarios", remove_scenarios},
    {"GET", "/__admin/clock", get_clock},
    {"PUT", "/__admin/clock", set_clock},
    {"POST", "/__admin/clock/advance", advance_clock},
    {"POST", "/__admin/authorize", authorize},
    {"GET", "/__admin/sandboxes", list_sandboxes, Scope::server},
    {"POST", "/__admin/sandboxes", create_sandbox, Scope::server},
    {"DELETE", "/__admin/sandboxes/:name", delete_sandbox, Scope::server},
});

/// Rejects an unknown control path, or a method that the path does not have. Lists the calls of the
/// path, or all calls.
http::Response reject_unknown_call(std::string_view method, std::string_view path,
                                   journal::Exchange& exchange) {
  std::string calls;
  std::string calls_of_path;
  for (const Route& route : kRoutes) {
    bool is_path = http::match_path(route.pattern, path).has_value();
    std::string& list = is_path ? calls_of_path : calls;
    list.append(list.empty() ? " " : ", ").append(route.method).append(" ").append(route.pattern);
  }
  return engine::mock_error(
      404, "there is no control call " + std::string(method) + " " + base::redact_path(path),
      {calls_of_path.empty() ? "the calls are" + calls
                             : "the calls of this path are" + calls_of_path},
      exchange);
}

http::Response run_handler(const Call& call) {
  try {
    // A call that has parameters checks their names and values together.
    if (call.route.query.empty()) {
      auto problems = check_query(call.route, call.request.query());
      if (!problems.empty()) return reject(call, 400, "the query is invalid", problems);
    }
    return call.route.handler(call);
  } catch (const store::StoreError& failure) {
    return reject(call, 500, "the storage failed; nothing was changed", {failure.what()});
  }
}

/// Pages of other origins must not read the response, or run it as a script.
http::Response protect(http::Response response) {
  response.headers.add("X-Content-Type-Options", "nosniff");
  response.headers.add("Cross-Origin-Resource-Policy", "same-origin");
  return response;
}

http::Response handle(const ControlConfig& config, const engine::ControlRequest& control,
                      journal::Exchange& exchange) {
  exchange.rejected_by = "control";
  const http::Request& request = control.request;
  if (auto file = console_file(request.method, control.path)) {
    exchange.rejected_by = "";
    return protect(*std::move(file));
  }
  auto [route, params] = http::find_route(routes(), request.method, control.path);
  if (route == nullptr) return reject_unknown_call(request.method, control.path, exchange);

  std::shared_ptr<engine::Sandbox> named;  // Stays alive during the call, even if it is deleted.
  if (control.sandbox) {
    engine::Sandboxes& all = control.sandboxes;
    if (!engine::is_name(*control.sandbox)) {
      return engine::invalid_sandbox_name(*control.sandbox, exchange);
    }
    bool creates = route->scope == Scope::sandbox;
    named = creates ? all.find_or_create(*control.sandbox) : all.find(*control.sandbox);
    if (!named && creates) return engine::too_many_sandboxes(all.max(), exchange);
  }
  engine::Sandbox& sandbox = named ? *named : control.sandboxes.default_sandbox();
  http::Response response =
      run_handler({*route, request, params, sandbox, control.sandboxes, config, exchange});
  exchange.rejected_by = response.status < 400 ? "" : "control";
  return protect(std::move(response));
}

}  // namespace

engine::ControlApi make_control_api(ControlConfig config) {
  return [config = std::move(config)](const auto& request, journal::Exchange& exchange) {
    return handle(config, request, exchange);
  };
}

std::span<const Route> routes() { return kRoutes; }

std::vector<std::string> check_query(const Route& route, std::string_view query) {
  std::vector<std::string> problems;
  std::set<std::string> seen;
  for (const auto& [name, value] : http::query_fields(query)) {
    if (name.empty()) continue;
    if (problems.size() == json::kMaxProblems) break;
    if (std::find(route.query.begin(), route.query.end(), name) == route.query.end()) {
      problems.push_back(
          base::unknown_name("query parameter", json::redact_and_truncate(name), route.query));
    } else if (!seen.insert(name).second) {
      problems.push_back("duplicate query parameter \"" + name + "\"; keep one of them");
    }
  }
  return problems;
}

std::string url_of(const http::Request& request) {
  auto host = request.headers.find("Host");
  return host ? "http://" + std::string(*host) : "";
}

http::Response get_health(const Call& call) {
  json::Writer body;
  body.open_object().member("status", "ok").member("version", call.config.version);
  return respond(body.member("contract", call.sandbox.contract.name).close_object());
}

}  // namespace control
